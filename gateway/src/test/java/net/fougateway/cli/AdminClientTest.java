package net.fougateway.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminClientTest {

    @Test
    void addressMayBeNameIpv4OrIpv6() {
        assertThat(AdminClient.parse("gw_a:80")).isEqualTo(new AdminClient("gw_a", 80));
        assertThat(AdminClient.parse("127.0.0.1:15555")).isEqualTo(new AdminClient("127.0.0.1", 15555));
        assertThat(AdminClient.parse("[::1]:15555")).isEqualTo(new AdminClient("[::1]", 15555));
        assertThat(AdminClient.parse("[10.0.0.1]:15555")).isEqualTo(new AdminClient("10.0.0.1", 15555));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", ":80", "host:", "host:http", "host:123456"})
    void anythingElseIsNotAnAddress(String text) {
        assertThatThrownBy(() -> AdminClient.parse(text)).hasMessage("'" + text + "' is not HOST:PORT");
    }

    @Test
    void anotherProtocolIsNamedAsSuch() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread other = new Thread(() -> answer(listener, "SSH-2.0-other\r\n"));
            other.start();
            assertThatThrownBy(() -> new AdminClient("127.0.0.1", listener.getLocalPort()).get("/status"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1:" + listener.getLocalPort() + " does not answer as a gateway");
            other.join();
        }
    }

    @Test
    void unknownHostIsNamed() {
        assertThatThrownBy(() -> new AdminClient("nothing.invalid", 1).get("/"))
                .hasMessageContaining("no address is known for the host of nothing.invalid:1");
    }

    @Test
    void healthcheckAndStatusNeverLoadNetty() {
        ArchConfiguration.withThreadLocalScope(configuration -> {
            configuration.setResolveMissingDependenciesFromClassPath(false);
            noClasses()
                    .that()
                    .belongToAnyOf(HealthcheckCommand.class, StatusCommand.class)
                    .should()
                    .transitivelyDependOnClassesThat(resideInAPackage("io.netty.."))
                    .check(new ClassFileImporter().importPackages("net.fougateway"));
        });
    }

    private static void answer(ServerSocket listener, String text) {
        try (Socket socket = listener.accept()) {
            socket.getOutputStream().write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
