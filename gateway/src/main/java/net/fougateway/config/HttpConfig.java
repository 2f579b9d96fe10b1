package net.fougateway.config;

/**
 * How a command asks an admin port: what Prometheus' {@code http_config} and promtool's {@code --http.config.file} have of TLS and passwords.
 * Paths are relative to the directory of the file. What is absent is null.
 */
record HttpConfig(
        @Setting(doc = "Name and password; absent: none.") BasicAuth basicAuth,

        @Setting(def = "{}", doc = "TLS, for https://.") Tls tlsConfig) {

    /** Name and password. */
    record BasicAuth(
            @Setting(required = true, doc = "Name.") @Text(Text.Form.HEADER)
            String username,

            @Setting(doc = "Password.") @Text(Text.Form.PASSWORD)
            String password,

            @Setting(doc = "File with the password, in place of password.") @Text(Text.Form.PATH)
            String passwordFile) {}

    /** TLS. */
    record Tls(
            @Setting(doc = "Certificates of the gateway's authorities; absent: those of the JDK.") @Text(Text.Form.PATH)
            String caFile,

            @Setting(doc = "The certificates themselves, in place of ca_file.") @Text(Text.Form.PEM)
            String ca,

            @Setting(doc = "Certificate to show.") @Text(Text.Form.PATH)
            String certFile,

            @Setting(doc = "The certificate itself, in place of cert_file.") @Text(Text.Form.PEM)
            String cert,

            @Setting(doc = "Its private key.") @Text(Text.Form.PATH)
            String keyFile,

            @Setting(doc = "The key itself, in place of key_file.") @Text(Text.Form.PEM)
            String key,

            @Setting(doc = "Name in the gateway's certificate; absent: the host that is asked.") @Text(Text.Form.HOST)
            String serverName,

            @Setting(def = "false", doc = "Talk to whoever answers.")
            boolean insecureSkipVerify) {}
}
