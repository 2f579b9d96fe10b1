package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import net.fougateway.admin.TestAdmin;
import net.fougateway.capture.Captures;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminClientTest {

    @Test
    void addressMayBeNameIpv4OrIpv6() {
        assertThat(AdminClient.parse("gw_a:80")).hasToString("gw_a:80");
        assertThat(AdminClient.parse("127.0.0.1:15555")).hasToString("127.0.0.1:15555");
        assertThat(AdminClient.parse("[::1]:15555")).hasToString("[::1]:15555");
        assertThat(AdminClient.parse("[10.0.0.1]:15555")).hasToString("10.0.0.1:15555");
        assertThat(AdminClient.parse("http://gw:80/")).hasToString("gw:80");
        assertThat(AdminClient.parse("https://[::1]:15555")).hasToString("https://[::1]:15555");
        assertThat(AdminClient.parse("unix:/run/a.sock")).hasToString("unix:/run/a.sock");
    }

    @Test
    void ofSeveralTheUnixSocketIsAskedOrTheFirst() {
        assertThat(AdminClient.parse("10.0.0.1:80, unix:/run/a.sock")).hasToString("unix:/run/a.sock");
        assertThat(AdminClient.parse("10.0.0.1:80,[::1]:80")).hasToString("10.0.0.1:80");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", ":80", "host:", "host:http", "host:123456", "unix:", "https://host", "https://:1"})
    void anythingElseIsNotAnAddress(String text) {
        assertThatThrownBy(() -> AdminClient.parse(text))
                .hasMessage("'" + text + "' is not HOST:PORT, https://HOST:PORT or unix:PATH");
    }

    @Test
    void anotherProtocolIsNamedAsSuch() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread other = new Thread(() -> answer(listener, "SSH-2.0-other\r\n"));
            other.start();
            assertThatThrownBy(() -> AdminClient.parse("127.0.0.1:" + listener.getLocalPort())
                            .get("/status"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1:" + listener.getLocalPort() + " does not answer as a gateway");
            other.join();
        }
    }

    @Test
    void unknownHostIsNamed() {
        assertThatThrownBy(() -> AdminClient.parse("nothing.invalid:1").get("/"))
                .hasMessageContaining("no address is known for the host of nothing.invalid:1");
    }

    /** It would take them longer than all the rest. */
    @ParameterizedTest
    @ValueSource(strings = {"healthcheck", "status"})
    void healthcheckAndStatusLoadNoNetty(String command) throws Exception {
        try (TestAdmin server = new TestAdmin(Snapshots::idle, new Captures())) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xlog:class+load",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            command,
                            "--admin=127.0.0.1:" + server.address().getPort())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            assertThat(output).contains("net.fougateway.cli.AdminClient ").doesNotContain(" io.netty.");
        }
    }

    private static void answer(ServerSocket listener, String text) {
        try (Socket socket = listener.accept()) {
            socket.getOutputStream().write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
