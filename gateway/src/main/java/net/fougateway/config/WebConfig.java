package net.fougateway.config;

import java.util.List;
import java.util.Map;

/**
 * Who may ask the admin port, and how: the format that Prometheus' exporters take with {@code --web.config.file}
 * (prometheus/exporter-toolkit, {@code docs/web-configuration.md}). Paths are relative to the directory of the file. What is absent is null.
 */
record WebConfig(
        @Setting(doc = "TLS; absent: plain HTTP.") Tls tlsServerConfig,

        @Setting(def = "{}", doc = "HTTP.") Http httpServerConfig,

        @Setting(def = "{}", doc = "Names and bcrypt hashes of passwords; empty: nobody is asked for one.")
        @Text(Text.Form.BCRYPT)
        Map<String, String> basicAuthUsers) {

    /** TLS. */
    record Tls(
            @Setting(doc = "Certificate and those that lead to its authority, in PEM form.") @Text(Text.Form.PATH)
            String certFile,

            @Setting(doc = "Private key of the certificate, in PEM form.") @Text(Text.Form.PATH)
            String keyFile,

            @Setting(doc = "The certificates themselves, in place of cert_file.") @Text(Text.Form.PEM)
            String cert,

            @Setting(doc = "The key itself, in place of key_file.") @Text(Text.Form.PEM)
            String key,

            @Setting(def = "NoClientCert", doc = "Whether clients show a certificate.")
            ClientAuth clientAuthType,

            @Setting(doc = "Certificates of the authorities of clients, in PEM form.") @Text(Text.Form.PATH)
            String clientCaFile,

            @Setting(doc = "The certificates themselves, in place of client_ca_file.") @Text(Text.Form.PEM)
            String clientCa,

            @Setting(
                    def = "[]",
                    doc =
                            "Alternative names (DNS, IP, e-mail, URI) of which a client's certificate has one; empty: any.")
            @Text(Text.Form.HEADER)
            List<String> clientAllowedSans,

            @Setting(def = "TLS12", doc = "Oldest version.") Version minVersion,

            @Setting(def = "TLS13", doc = "Newest version.") Version maxVersion,

            @Setting(def = "[]", doc = "Cipher suites of TLS 1.2 by their IANA names; empty: those of the JDK.")
            @Text(Text.Form.HEADER)
            List<String> cipherSuites,

            @Setting(def = "true", doc = "Whether the server's order of cipher suites holds.")
            boolean preferServerCipherSuites) {}

    /** HTTP. */
    record Http(
            @Setting(def = "true", doc = "HTTP/2; not spoken here, HTTP/1.1 is used in any case.")
            boolean http2,

            @Setting(def = "{}", doc = "Headers of every answer.") @Text(Text.Form.HEADER)
            Map<String, String> headers) {}

    /** Versions of TLS. */
    enum Version {
        V1_2("TLS12", "TLSv1.2"),
        V1_3("TLS13", "TLSv1.3");

        private final String word;
        private final String protocol;

        Version(String word, String protocol) {
            this.word = word;
            this.protocol = protocol;
        }

        /** Name as the JDK writes it. */
        String protocol() {
            return protocol;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** Policies towards clients' certificates, named as in Go's {@code crypto/tls}. */
    enum ClientAuth {
        NO_CLIENT_CERT("NoClientCert", WebAccess.ClientCertificate.NOT_ASKED),
        REQUEST_CLIENT_CERT("RequestClientCert", WebAccess.ClientCertificate.ASKED),
        REQUIRE_ANY_CLIENT_CERT("RequireAnyClientCert", WebAccess.ClientCertificate.ANY),
        VERIFY_CLIENT_CERT_IF_GIVEN("VerifyClientCertIfGiven", WebAccess.ClientCertificate.VERIFIED_IF_SHOWN),
        REQUIRE_AND_VERIFY_CLIENT_CERT("RequireAndVerifyClientCert", WebAccess.ClientCertificate.VERIFIED);

        private final String word;
        private final WebAccess.ClientCertificate policy;

        ClientAuth(String word, WebAccess.ClientCertificate policy) {
            this.word = word;
            this.policy = policy;
        }

        WebAccess.ClientCertificate policy() {
            return policy;
        }

        @Override
        public String toString() {
            return word;
        }
    }
}
