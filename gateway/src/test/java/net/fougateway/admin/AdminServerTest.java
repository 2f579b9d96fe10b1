package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import net.fougateway.capture.Captures;
import net.fougateway.config.WebAccess;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Supplier<Snapshot> snapshots = Snapshots::busy;
    private final Captures captures = new Captures();
    private TestAdmin server;

    @BeforeEach
    void start() throws IOException {
        server = new TestAdmin(() -> snapshots.get(), captures);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void metricsAreServedWithTheirContentType() throws Exception {
        HttpResponse<String> answer = request("GET", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body()).contains("fou_build_info{", "process_start_time_seconds");
    }

    @Test
    void livezSaysOk() throws Exception {
        HttpResponse<String> answer = request("GET", "/livez");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/readyz", "/healthz"})
    void readinessListsEveryConditionWithItsSentence(String path) throws Exception {
        HttpResponse<String> notReady = request("GET", path);
        assertThat(notReady.statusCode()).isEqualTo(503);
        assertThat(notReady.body()).isEqualTo("""
                        [-] device_up: fou0 is down: ip link set fou0 up.
                        [+] sockets_bound: UDP port 5555 is bound.
                        not ready
                        """);
        snapshots = Snapshots::idle;
        HttpResponse<String> ready = request("GET", path);
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body()).endsWith("\nready\n");
    }

    @Test
    void statusIsJson() throws Exception {
        HttpResponse<String> answer = request("GET", "/status");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(StrictJson.parse(answer.body())).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"/, text/html", "/status.css, text/css", "/status.js, text/javascript"})
    void pageForPeopleLoadsNothingFromElsewhere(String path, String type) throws Exception {
        HttpResponse<String> answer = request("GET", path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(type + "; charset=utf-8");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
                        .doesNotContain("unsafe", "*", "http"));
        assertThat(answer.body())
                .doesNotContain("http:", "https:", "src=\"//", "url(", "innerHTML", " style=", " onclick=");
        assertThat(answer.body()).hasSizeLessThan(15_000);
    }

    @Test
    void pageForPeopleWorksBelowAnyPath() throws Exception {
        assertThat(request("GET", "/").body()).contains("href=\"status.css\"", "src=\"status.js\"");
        assertThat(request("GET", "/status.js").body()).contains("fetch(\"status\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/livez", "/readyz", "/metrics"})
    void headAnswersLikeGetWithoutBody(String path) throws Exception {
        HttpResponse<String> get = request("GET", path);
        HttpResponse<String> head = request("HEAD", path);
        assertThat(head.statusCode()).isEqualTo(get.statusCode());
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics/", "/nothing", "/index.html", "/favicon.ico", "/../StatusJson.class"})
    void unknownPathIsToldWhatThereIs(String path) throws Exception {
        HttpResponse<String> answer = request("GET", path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("/capture\n/healthz\n/livez\n/macs\n/metrics\n/readyz\n/routes\n/status\n");
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        HttpResponse<String> answer = request("POST", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void failingSnapshotIsAnErrorAndNotTheEnd() throws Exception {
        snapshots = () -> {
            throw new IllegalStateException("for the test");
        };
        assertThat(request("GET", "/status").statusCode()).isEqualTo(500);
        assertThat(request("GET", "/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void busyAddressIsNamedWithRemedy() {
        int port = server.address().getPort();
        assertThatThrownBy(() -> new TestAdmin(WebAccess.OPEN, snapshots, captures, server.address()).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("already in use")
                .hasMessageContaining("admin.listen");
    }

    @Test
    void clientsThatNeverFinishTheirRequestDoNotHangOthers() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Socket socket =
                    new Socket(server.address().getAddress(), server.address().getPort());
            socket.getOutputStream().write("GET /livez HTTP/1.1\r\nHost:".getBytes(UTF_8));
            slow.add(socket);
        }
        assertThat(request("GET", "/livez").statusCode()).isEqualTo(200);
        for (Socket socket : slow) {
            socket.close();
        }
    }

    private HttpResponse<String> request(String method, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return CLIENT.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
