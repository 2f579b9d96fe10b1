package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.fougateway.capture.Border;
import net.fougateway.capture.Captures;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client of these tests is the gateway's own user, so it may look. */
class CapturePageTest {

    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Captures captures = new Captures();
    private final Tap tap = new Tap(captures);
    private final NativeMemory packet = NativeMemory.allocate(20);
    private TestAdmin server;

    @BeforeEach
    void start() throws IOException {
        server = new TestAdmin(Snapshots::idle, captures);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void partsBehindOneAnotherAreTheFile() throws Exception {
        HttpResponse<byte[]> first = get("?drops=true&most=1");
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(number(first, "Capture-Packets")).isZero();
        assertThat(ByteBuffer.wrap(first.body()).order(ByteOrder.LITTLE_ENDIAN).getInt())
                .isEqualTo(SECTION_HEADER);
        drop();
        drop();
        HttpResponse<byte[]> second = get("?most=1&session=" + number(first, "Capture-Session"));
        HttpResponse<byte[]> third = get("?session=" + number(first, "Capture-Session"));
        assertThat(number(second, "Capture-Packets")).isEqualTo(1);
        assertThat(number(third, "Capture-Packets")).isEqualTo(1);
        assertThat(number(third, "Capture-Missed")).isZero();
        assertThat(new String(third.body(), UTF_8)).contains("dropped: no_route: ", DropReason.NO_ROUTE.remedy());
        assertThat(third.body()[0]).isNotEqualTo(first.body()[0]);
    }

    @Test
    void endedCaptureSaysWhy() throws Exception {
        long first = number(get("?most=1"), "Capture-Session");
        get("?most=1");
        HttpResponse<byte[]> late = get("?session=" + first);
        assertThat(late.statusCode()).isEqualTo(410);
        assertThat(new String(late.body(), UTF_8)).contains("another one was started");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?most=many", "?snaplen=", "?snaplen=-5", "?session=x"})
    void nonsenseIsRefused(String query) throws Exception {
        assertThat(get(query).statusCode()).isEqualTo(400);
    }

    @Test
    void anotherNameForThisHostIsNoWayIn() throws Exception {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream()
                    .write(
                            "GET /capture HTTP/1.1\r\nHost: rebound.example:15555\r\nFou-Gateway-Client: 1\r\nConnection: close\r\n\r\n"
                                    .getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 403")
                    .contains("packets are shown only to root");
        }
    }

    @Test
    void ownerOfAConnectionIsFound() throws IOException {
        for (String loopback : new String[] {"127.0.0.1", "::1"}) {
            try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getByName(loopback));
                    Socket client = new Socket(listening.getInetAddress(), listening.getLocalPort())) {
                InetSocketAddress from = (InetSocketAddress) client.getLocalSocketAddress();
                InetSocketAddress to = (InetSocketAddress) client.getRemoteSocketAddress();
                assertThat(LocalUser.at(from, to)).hasValue(LocalUser.own());
                assertThat(LocalUser.at(new InetSocketAddress(loopback, 1), to)).isEmpty();
            }
        }
    }

    private void drop() {
        tap.packet(packet.address(), 20).seen(Border.TUN, Direction.TUN_TO_UDP, DropReason.NO_ROUTE);
    }

    private HttpResponse<byte[]> get(String query) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + "/capture" + query);
        return CLIENT.send(
                HttpRequest.newBuilder(uri).header("Fou-Gateway-Client", "1").build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static long number(HttpResponse<byte[]> answer, String header) {
        return answer.headers().firstValueAsLong(header).orElseThrow();
    }
}
