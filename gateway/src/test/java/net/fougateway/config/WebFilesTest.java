package net.fougateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebFilesTest {

    /** Made by htpasswd -nbBC 4. */
    private static final String HASH = "$2y$04$jmqOZB8oTJUMFqVJEDoSmuyovEp4w3J9x.K0p1Jdqv9SDLNzA3XJa";

    private static final String MUTUAL = """
            tls_server_config:
              cert_file: server.pem
              key_file: server-key.pem
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.pem
            """;

    @TempDir
    private Path directory;

    private Path gatewayFile;

    @BeforeEach
    void writeCertificates() {
        gatewayFile = directory.resolve("gateway.yaml");
        Certificates certificates = new Certificates(directory);
        certificates.server("server");
        certificates.server("other");
    }

    private WebFiles read(String web) throws Exception {
        Files.writeString(directory.resolve("web.yaml"), web);
        GatewayConfig config = ConfigLoader.load("gateway.yaml", "admin: {web_config: web.yaml}", Map.of(), Map.of());
        return WebFiles.read(config, gatewayFile);
    }

    private List<String> mistakes(String web) throws Exception {
        WebFiles files = read(web);
        String messages = catchThrowableOfType(ConfigException.class, files::access)
                .getMessage()
                .replace(directory + "/", "");
        return messages.lines().toList();
    }

    @Test
    void withoutAFileEverybodyMayAsk() throws Exception {
        WebFiles files = WebFiles.read(ConfigLoader.load("g", "peers: []", Map.of(), Map.of()), gatewayFile);
        assertThat(files.access()).isEqualTo(WebAccess.OPEN);
        assertThat(files.files()).isEmpty();
    }

    @Test
    void theFileOfAnExporterIsUnderstood() throws Exception {
        WebFiles files = read(MUTUAL + """
              client_allowed_sans: [prometheus]
              min_version: TLS13
              prefer_server_cipher_suites: true
              cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
            http_server_config:
              http2: true
              headers:
                X-Frame-Options: deny
            basic_auth_users:
              prometheus: %s
              "a:b c": %s
            """.formatted(HASH, HASH));
        WebAccess access = files.access();
        assertThat(access.passwordHashes())
                .containsOnlyKeys("prometheus", "a:b c")
                .containsValue(HASH);
        assertThat(access.headers()).containsExactly(Map.entry("X-Frame-Options", "deny"));
        WebAccess.Tls tls = access.tls().orElseThrow();
        assertThat(tls.clients()).isEqualTo(WebAccess.ClientCertificate.VERIFIED);
        assertThat(tls.protocols()).containsExactly("TLSv1.3");
        assertThat(tls.chain()).hasSize(1);
        assertThat(tls.authorities()).hasSize(1);
        assertThat(tls.allowedNames()).containsExactly("prometheus");
        assertThat(files.files()).hasSize(4);
    }

    @Test
    void certificatesMayStandInTheFile() throws Exception {
        String web = """
            tls_server_config:
              cert: |
            %s
              key: |
            %s
            """.formatted(indented("server.pem"), indented("server-key.pem"));
        assertThat(read(web).access().tls())
                .isEqualTo(read(MUTUAL.replaceAll("(?m)^ *client.*\n", ""))
                        .access()
                        .tls());
    }

    private String indented(String name) throws Exception {
        return Files.readString(directory.resolve(name)).indent(4).stripTrailing();
    }

    @Test
    void equalAsLongAsTheContentIs() throws Exception {
        WebAccess before = read(MUTUAL).access();
        assertThat(read(MUTUAL + "# a comment").access()).isEqualTo(before);
        new Certificates(directory).server("server");
        assertThat(read(MUTUAL).access()).isNotEqualTo(before);
    }

    @Test
    void allMistakesAreToldAtOnceWithLineAndPath() throws Exception {
        assertThat(mistakes("""
                tls_server_config:
                  cert_file: missing.pem
                  key_file: ca.pem
                  client_auth_type: Whatever
                  min_version: TLS11
                http_server_config:
                  headers:
                    X-Frame-Optoins: deny
                basic_auth_user: {}
                basic_auth_users:
                  prometheus: hunter2
                """))
                .containsExactly(
                        "web.yaml:2: tls_server_config.cert_file: missing.pem: there is no such file",
                        "web.yaml:3: tls_server_config.key_file: ca.pem: there is no private key: it begins with -----BEGIN PRIVATE KEY-----",
                        "web.yaml:4: tls_server_config.client_auth_type: \"Whatever\" is not allowed: it must be NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert",
                        "web.yaml:5: tls_server_config.min_version: \"TLS11\" is not allowed: it must be TLS12 or TLS13",
                        "web.yaml:8: http_server_config.headers.X-Frame-Optoins: this header cannot be set here, did you mean \"X-Frame-Options\"?",
                        "web.yaml:9: unknown key \"basic_auth_user\", did you mean \"basic_auth_users\"?",
                        "web.yaml:11: basic_auth_users.prometheus: what is written here, and not shown, must be a bcrypt hash, as 'htpasswd -nBC 10 NAME' makes it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'';the file is empty",
                "'# nothing';the file is empty",
                "'tls_server_config: {}';the keys \"cert_file\" and \"key_file\" are missing",
                "'tls_server_config: {cert_file: server.pem}';the key \"key_file\" is missing",
                "'tls_server_config: {key_file: server-key.pem}';the key \"cert_file\" is missing",
                "'tls_server_config: {cert_file: server.pem, key_file: other-key.pem}';not that of the first certificate",
                "'tls_server_config: {cert_file: server.pem, key_file: server-key.pem, client_auth_type: VerifyClientCertIfGiven}';needs client_ca_file",
                "'tls_server_config: {cert_file: server.pem, key_file: server-key.pem, client_ca_file: ca.pem}';has no effect",
                "'tls_server_config: {cert_file: server.pem, key_file: server-key.pem, client_allowed_sans: [a]}';means nothing",
                "'tls_server_config: {cert_file: server.pem, key_file: server-key.pem, min_version: TLS13, max_version: TLS12}';is above",
                "'tls_server_config: {cert_file: server.pem, key_file: server-key.pem, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265]}';did you mean",
                "'tls_server_config: {cert_file: server.pem, key_file: server-key.pem, cert: \"-----BEGIN A-----\"}';give one of them",
                "'tls_server_config: {curve_preferences: [X25519]}';unknown key",
                "'basic_auth_users: [a]';a list is not allowed",
                "'basic_auth_users: {a: }';no value",
                "'basic_auth_users: {a: {b: c}}';a section is not allowed",
            })
    void mistakeIsSaid(String web, String message) throws Exception {
        assertThat(mistakes(web.replace("\\n", "\n")))
                .anySatisfy(line -> assertThat(line).startsWith("web.yaml:1: ").contains(message));
    }

    @Test
    void secretsAreNeverShown() throws Exception {
        String key = Files.readString(directory.resolve("server-key.pem"))
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow();
        List<String> mistakes = mistakes("""
                tls_server_config:
                  cert: hunter2
                  key: %s
                basic_auth_users: {a: hunter3}
                """.formatted(key));
        assertThat(mistakes).isNotEmpty();
        assertThat(String.join("\n", mistakes)).doesNotContain("hunter", key);
        assertThat(read(MUTUAL).access().toString()).doesNotContain(key);
    }

    @Test
    void aMissingFileIsWatchedForToo() throws Exception {
        WebFiles files = read("tls_server_config: {cert_file: missing.pem, key_file: server-key.pem}");
        assertThat(files.files())
                .extracting(file -> file.path().getFileName().toString())
                .containsExactly("web.yaml", "missing.pem", "server-key.pem");
    }
}
