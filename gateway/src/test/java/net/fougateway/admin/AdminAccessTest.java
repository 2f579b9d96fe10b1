package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import net.fougateway.capture.Captures;
import net.fougateway.cli.AdminClient;
import net.fougateway.cli.HttpClients;
import net.fougateway.config.Certificates;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.WebAccess;
import net.fougateway.config.WebFiles;
import net.fougateway.metrics.AdminRefusal;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask the admin port: TLS, certificates of clients, passwords. */
class AdminAccessTest {

    /** Of "secret". */
    private static final String HASH = Hashes.of("secret", 4);

    private static final String SERVER = "tls_server_config:\n  cert_file: server.pem\n  key_file: server-key.pem\n";
    private static final String MUTUAL =
            SERVER + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n";
    private static final String USERS = "basic_auth_users: {prometheus: '%s'}\n".formatted(HASH);
    private static final String TRUST = "tls_config: {ca_file: ca.pem}\n";
    private static final String SHOW = "tls_config: {ca_file: ca.pem, cert_file: %1$s.pem, key_file: %1$s-key.pem}\n";
    private static final String PASSWORD = "basic_auth: {username: %s, password: %s}\n";

    @TempDir
    private Path directory;

    private Certificates authority;
    private TestAdmin server;

    @BeforeEach
    void makeCertificates() throws IOException {
        authority = new Certificates(directory);
        authority.server("server");
        authority.client("prometheus");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        new Certificates(elsewhere).client("stranger");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private WebAccess access(String web) throws Exception {
        Files.writeString(directory.resolve("web.yaml"), web);
        return WebFiles.read(
                        ConfigLoader.load("g", "admin: {web_config: web.yaml}", Map.of(), Map.of()),
                        directory.resolve("gateway.yaml"))
                .access();
    }

    private void start(String web) throws Exception {
        server = new TestAdmin(access(web), Snapshots::busy, new Captures());
    }

    private AdminClient.Answer ask(String scheme, String http, String path) throws Exception {
        Path file = Files.writeString(directory.resolve("http.yaml"), http);
        return HttpClients.with(scheme + "127.0.0.1:" + server.address().getPort(), file)
                .get(path);
    }

    private void assertRefused(AdminRefusal refusal, int times) {
        await().until(() -> server.refused(refusal) >= times);
        assertThat(server.refused(refusal)).isEqualTo(times);
        assertThat(Stream.of(AdminRefusal.values()).mapToLong(server::refused).sum())
                .isEqualTo(times);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS12", "TLS13"})
    void tlsIsSpokenInBothVersions(String version) throws Exception {
        start(SERVER + "  min_version: %1$s\n  max_version: %1$s\n".formatted(version));
        AdminClient.Answer answer = ask("https://", TRUST, "/metrics");
        assertThat(answer.code()).isEqualTo(200);
        assertThat(answer.body()).contains("fou_build_info");
        assertRefused(AdminRefusal.TLS, 0);
    }

    @Test
    void plainHttpIsToldAboutTls() throws Exception {
        start(SERVER);
        AdminClient.Answer answer = ask("http://", "tls_config: {}", "/metrics");
        assertThat(answer.code()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("this port speaks TLS: ask with https://\n");
        assertRefused(AdminRefusal.PLAIN_HTTP, 1);
    }

    @Test
    void aClientWithTheRightCertificateIsServed() throws Exception {
        start(MUTUAL + "  client_allowed_sans: [prometheus]\n");
        assertThat(ask("https://", SHOW.formatted("prometheus"), "/metrics").code())
                .isEqualTo(200);
        assertRefused(AdminRefusal.TLS, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "tls_config: {ca_file: ca.pem}",
        "'tls_config: {ca_file: ca.pem, cert_file: elsewhere/stranger.pem, key_file: elsewhere/stranger-key.pem}'"
    })
    void aClientWithoutOneOrWithOneOfAnotherAuthorityIsRefused(String http) throws Exception {
        start(MUTUAL);
        assertThatThrownBy(() -> ask("https://", http, "/metrics")).isInstanceOf(IOException.class);
        assertRefused(AdminRefusal.TLS, 1);
    }

    @Test
    void aClientOfAnotherNameIsRefused() throws Exception {
        authority.client("grafana");
        start(MUTUAL + "  client_allowed_sans: [prometheus]\n");
        assertThatThrownBy(() -> ask("https://", SHOW.formatted("grafana"), "/metrics"))
                .isInstanceOf(IOException.class);
        assertRefused(AdminRefusal.TLS, 1);
    }

    @ParameterizedTest
    @CsvSource({"RequestClientCert, true", "RequireAnyClientCert, false", "VerifyClientCertIfGiven, true"})
    void policiesBetween(String policy, boolean withoutCertificate) throws Exception {
        String ca = policy.startsWith("Verify") ? "  client_ca_file: ca.pem\n" : "";
        start(SERVER + "  client_auth_type: " + policy + "\n" + ca);
        assertThat(ask("https://", SHOW.formatted("prometheus"), "/livez").code())
                .isEqualTo(200);
        if (withoutCertificate) {
            assertThat(ask("https://", TRUST, "/livez").code()).isEqualTo(200);
        } else {
            assertThatThrownBy(() -> ask("https://", TRUST, "/livez")).isInstanceOf(IOException.class);
        }
        if (ca.isEmpty()) {
            assertThat(ask("https://", SHOW.formatted("elsewhere/stranger"), "/livez")
                            .code())
                    .isEqualTo(200);
        } else {
            assertThatThrownBy(() -> ask("https://", SHOW.formatted("elsewhere/stranger"), "/livez"))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void theClientLooksAtTheServerToo() throws Exception {
        start(SERVER);
        assertThatThrownBy(() -> ask("https://", "tls_config: {ca_file: elsewhere/ca.pem}", "/livez"))
                .hasMessageStartingWith("no TLS with https://127.0.0.1:")
                .hasMessageContaining("--http-config");
        assertThatThrownBy(() -> ask("https://", "tls_config: {ca_file: ca.pem, server_name: elsewhere}", "/livez"))
                .hasMessageContaining("elsewhere");
        assertThat(ask("https://", "tls_config: {ca_file: ca.pem, server_name: localhost}", "/livez")
                        .code())
                .isEqualTo(200);
        assertThat(ask("https://", "tls_config: {insecure_skip_verify: true}", "/livez")
                        .code())
                .isEqualTo(200);
    }

    @Test
    void aNameWithADotIsNoDangerWhereTlsShowsWhoAsks() throws Exception {
        start(SERVER);
        String answer = raw("GET /livez HTTP/1.0\r\nHost: gateway.example.com\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.0 400");
    }

    private String raw(String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    void whoOnlyLooksWhetherThePortIsOpenIsNotCounted() throws Exception {
        start(MUTUAL);
        new Socket(server.address().getAddress(), server.address().getPort()).close();
        assertThat(ask("https://", SHOW.formatted("prometheus"), "/livez").code())
                .isEqualTo(200);
        assertRefused(AdminRefusal.TLS, 0);
    }

    @Test
    void whoOpensAConnectionAndHasNoUseForItIsNotCounted() throws Exception {
        start(SERVER);
        try (Socket handshaken = connectTls();
                Socket silent = new Socket(
                        server.address().getAddress(), server.address().getPort())) {
            assertThat(handshaken.getInputStream().read()).isEqualTo(-1);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
        assertRefused(AdminRefusal.TOO_SLOW, 1);
    }

    private Socket connectTls() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(server.address().getAddress(), server.address().getPort());
        socket.startHandshake();
        return socket;
    }

    @ParameterizedTest
    @CsvSource({"prometheus, wrong", "nobody, secret", "'', secret"})
    void aWrongNameOrPasswordIsRefused(String name, String password) throws Exception {
        start(USERS);
        String answer = authorized(name + ":" + password);
        assertThat(answer).startsWith("HTTP/1.1 401").contains("WWW-Authenticate: Basic realm=\"fou-gateway\"");
        assertRefused(AdminRefusal.PASSWORD, 1);
    }

    private String authorized(String credentials) throws IOException {
        return raw("GET /metrics HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)) + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic !!!", "Basic Og==", "Bearer secret", "Basic "})
    void whatIsNoPasswordIsRefused(String authorization) throws Exception {
        start(USERS);
        assertThat(raw("GET /metrics HTTP/1.0\r\nHost: localhost\r\nAuthorization: " + authorization + "\r\n\r\n"))
                .startsWith("HTTP/1.1 401");
    }

    @Test
    void theRightPasswordOpensEveryPage() throws Exception {
        start(SERVER + USERS);
        String http = TRUST + PASSWORD.formatted("prometheus", "secret");
        for (String path : new String[] {"/", "/metrics", "/status", "/readyz"}) {
            assertThat(ask("https://", http, path).code()).isNotEqualTo(401);
        }
        assertThat(ask("https://", http, "/readyz").body()).contains("device_up");
        Files.writeString(directory.resolve("password"), "secret\n");
        assertThat(ask("https://", TRUST + "basic_auth: {username: prometheus, password_file: password}", "/metrics")
                        .code())
                .isEqualTo(200);
        assertRefused(AdminRefusal.PASSWORD, 0);
    }

    @Test
    void probesNeedNoPasswordAndLearnNoMoreThanYesOrNo() throws Exception {
        start(USERS);
        assertThat(ask("", "tls_config: {}", "/livez").body()).isEqualTo("ok\n");
        assertThat(ask("", "tls_config: {}", "/readyz").body()).isEqualTo("not ready\n");
        assertThat(ask("", "tls_config: {}", "/status").code()).isEqualTo(401);
        assertRefused(AdminRefusal.PASSWORD, 1);
    }

    @Test
    void guessingTakesNothingFromThoseWhoAreKnown() throws Exception {
        start("basic_auth_users: {prometheus: '%s'}\n".formatted(Hashes.of("secret", 11)));
        assertThat(authorized("prometheus:secret")).startsWith("HTTP/1.1 200");
        int wrong = 0;
        int tooMany = 0;
        for (Socket guess : guesses(40)) {
            try (guess) {
                String answer = new String(guess.getInputStream().readAllBytes(), UTF_8);
                wrong += answer.startsWith("HTTP/1.1 401") ? 1 : 0;
                tooMany += answer.startsWith("HTTP/1.1 429") ? 1 : 0;
                assertThat(authorized("prometheus:secret")).startsWith("HTTP/1.1 200");
            }
        }
        assertThat(wrong).isPositive();
        assertThat(tooMany).isPositive();
        assertThat(wrong + tooMany).isEqualTo(40);
    }

    private Iterable<Socket> guesses(int number) throws IOException {
        List<Socket> guesses = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            Socket socket =
                    new Socket(server.address().getAddress(), server.address().getPort());
            socket.getOutputStream()
                    .write(("GET /metrics HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic "
                                    + Base64.getEncoder().encodeToString(("prometheus:" + i).getBytes(UTF_8))
                                    + "\r\n\r\n")
                            .getBytes(UTF_8));
            guesses.add(socket);
        }
        return guesses;
    }

    @Test
    void headersAreThoseConfigured() throws Exception {
        start("http_server_config: {headers: {X-Frame-Options: deny, Strict-Transport-Security: max-age=1}}");
        assertThat(ask("", "tls_config: {}", "/").headers())
                .containsEntry("X-Frame-Options", "deny")
                .containsEntry("Strict-Transport-Security", "max-age=1");
    }

    @Test
    void certificatesAndPasswordsAreExchangedWhileItRuns() throws Exception {
        start(SERVER);
        try (Socket waiting =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            assertThat(ask("https://", TRUST, "/livez").code()).isEqualTo(200);
            Certificates next = new Certificates(directory, "next-ca.pem");
            next.server("server");
            assertThat(server.server().use(access(SERVER + USERS))).isTrue();
            assertThat(waiting.getInputStream().read()).isEqualTo(-1);
        }
        assertThatThrownBy(() -> ask("https://", TRUST, "/livez")).isInstanceOf(IOException.class);
        String http = TRUST.replace("ca.pem", "next-ca.pem");
        assertThat(ask("https://", http, "/metrics").code()).isEqualTo(401);
        assertThat(ask("https://", http + PASSWORD.formatted("prometheus", "secret"), "/metrics")
                        .code())
                .isEqualTo(200);
        assertThat(server.server().use(access(SERVER + USERS))).isFalse();
        assertThat(server.server().use(WebAccess.OPEN)).isTrue();
        assertThat(ask("", "tls_config: {}", "/metrics").code()).isEqualTo(200);
    }

    @Test
    void aConnectionThatStaysOpenIsAskedAnewAfterAChange() throws Exception {
        start("http_server_config: {}");
        try (Socket kept =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            kept.setSoTimeout(20_000);
            kept.getOutputStream().write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(new String(kept.getInputStream().readNBytes(12), UTF_8)).isEqualTo("HTTP/1.1 200");
            server.server().use(access(USERS));
            assertThat(new String(kept.getInputStream().readAllBytes(), UTF_8)).endsWith("\r\n\r\nok\n");
        }
        assertThat(Optional.of(ask("", "tls_config: {}", "/status").code())).hasValue(401);
    }
}
