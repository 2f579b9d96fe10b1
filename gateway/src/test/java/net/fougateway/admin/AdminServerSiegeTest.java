package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.fougateway.capture.Captures;
import net.fougateway.linux.Descriptors;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that mean no good, or no longer mean anything, take nothing from those that ask. */
class AdminServerSiegeTest {

    private static final String HONEST = "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

    private final List<Socket> besiegers = new ArrayList<>();
    private TestAdmin server;

    @BeforeEach
    void start() throws IOException {
        server = new TestAdmin(Snapshots::idle, new Captures());
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : besiegers) {
            socket.close();
        }
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private String ask(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private void besiege(int connections, String bytes) throws IOException {
        for (int i = 0; i < connections; i++) {
            Socket socket = connect();
            besiegers.add(socket);
            try {
                socket.getOutputStream().write(bytes.getBytes(UTF_8));
            } catch (SocketException closedAlready) {
                assertThat(besiegers).hasSizeGreaterThan(100);
            }
        }
    }

    private void assertHonestClientsAreServed() throws IOException {
        for (String path : new String[] {"/livez", "/metrics", "/status"}) {
            assertThat(ask(HONEST.formatted(path))).startsWith("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @CsvSource({"1500, ''", "400, GET /livez HTTP/1.1"})
    void silentConnectionsGiveWay(int connections, String bytes) throws Exception {
        long before = Descriptors.open();
        besiege(connections, bytes);
        assertHonestClientsAreServed();
        for (Socket socket : besiegers) {
            socket.close();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> Descriptors.open() <= before + 20);
    }

    @Test
    void requestThatIsNotFinishedInTimeIsNotWaitedFor() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET /livez HTTP/1.1\r\nHost:".getBytes(UTF_8));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void byteASecondIsNotFastEnough() throws Exception {
        try (Socket socket = connect()) {
            for (byte b : HONEST.formatted("/livez").getBytes(UTF_8)) {
                socket.getOutputStream().write(b);
                Thread.sleep(500);
            }
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (SocketException reset) {
            assertThat(reset).hasMessageMatching("(?i).*(broken pipe|reset).*");
        }
        assertHonestClientsAreServed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/metrics"})
    void pipelinedRequestsAreAnsweredInOrder(String path) throws Exception {
        String one = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n";
        String answers = ask(one.formatted("/status") + one.formatted("/nothing") + HONEST.formatted(path));
        assertThat(answers).matches("(?s)HTTP/1.1 200 .*\\}\nHTTP/1.1 404 .*HTTP/1.1 200 .*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
                "GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n",
                "GET /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET /livez HTTP/1.1\r\n\r\n",
                "GET /livez HTTP/1.1\r\nHost: a\r\n folded: x\r\nContent-Length: 5\r\n\r\n",
                "\u0016\u0003\u0001\u0002\r\n\r\n",
            })
    void smuggledAndMalformedRequestsAreRefusedOnce(String request) throws Exception {
        assertThat(ask(request)).matches("(?s)HTTP/1.1 4\\d\\d .*").doesNotContain("HTTP/1.1 200", "fou_");
    }

    @Test
    void headersOfAMegabyteAreRefused() throws Exception {
        besiege(1, "");
        Socket socket = besiegers.get(0);
        try {
            socket.getOutputStream()
                    .write(("GET /livez HTTP/1.1\r\nHost: a\r\nx: " + "y".repeat(1 << 20) + "\r\n\r\n")
                            .getBytes(UTF_8));
            assertThat(socket.getInputStream().read()).isIn(-1, (int) 'H');
        } catch (SocketException reset) {
            assertThat(reset).isNotNull();
        }
        assertHonestClientsAreServed();
    }

    @ParameterizedTest
    @CsvSource({
        "rebound.attacker.com, 421",
        "rebound.attacker.com:15555, 421",
        "127.0.0.1.attacker.com, 421",
        "evil.com., 421",
        "10.0.0.5:15555, 200",
        "[fd00::1]:15555, 200",
        "localhost, 200",
        "gateway-a:15555, 200",
        "gateway.fleet.svc.cluster.local, 200",
    })
    void nameThatOthersMayOwnIsNoWayIn(String host, int code) throws Exception {
        for (String path : new String[] {"/", "/status", "/metrics", "/readyz", "/livez"}) {
            assertThat(ask("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host)))
                    .startsWith("HTTP/1.1 " + code);
        }
    }

    @Test
    void compressedOnRequest() throws Exception {
        String answer =
                ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
        assertThat(answer.toLowerCase(Locale.ROOT)).contains("content-encoding: gzip");
    }
}
