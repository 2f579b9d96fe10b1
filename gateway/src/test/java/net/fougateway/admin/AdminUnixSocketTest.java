package net.fougateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.capture.Captures;
import net.fougateway.cli.AdminClient;
import net.fougateway.config.WebAccess;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminUnixSocketTest {

    private static final WebAccess PASSWORD =
            new WebAccess(Optional.empty(), Map.of("a", Hashes.of("secret", 4)), Map.of());

    @TempDir
    private Path directory;

    private UnixDomainSocketAddress address;

    @BeforeEach
    void choosePath() {
        address = UnixDomainSocketAddress.of(directory.resolve("admin.sock"));
    }

    private TestAdmin start() throws Exception {
        return new TestAdmin(PASSWORD, Snapshots::busy, new Captures(), address);
    }

    private AdminClient.Answer ask(String path) throws Exception {
        return AdminClient.parse("unix:" + address.getPath()).get(path);
    }

    @Test
    void whoMayOpenItNeedsNothingElse() throws Exception {
        try (TestAdmin server = start()) {
            assertThat(server.server().addresses()).contains(address);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(address.getPath())))
                    .isEqualTo("rw-rw----");
            for (String path : new String[] {"/metrics", "/status", "/livez", "/capture?most=1"}) {
                assertThat(ask(path).code()).as(path).isEqualTo(200);
            }
            assertThat(ask("/readyz").body()).contains("device_up");
        }
        assertThat(address.getPath()).doesNotExist();
    }

    @Test
    void itIsOpenWhileStrangersTakeAllConnections() throws Exception {
        try (TestAdmin server = start()) {
            List<Socket> strangers = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                strangers.add(new Socket(
                        server.address().getAddress(), server.address().getPort()));
            }
            assertThat(ask("/livez").code()).isEqualTo(200);
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    @Test
    void whatAKilledGatewayLeftIsTakenOver() throws Exception {
        ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        killed.bind(address);
        killed.close();
        assertThat(address.getPath()).exists();
        try (TestAdmin server = start()) {
            assertThat(server.server().addresses()).contains(address);
            assertThat(ask("/livez").code()).isEqualTo(200);
        }
    }

    @Test
    void anotherProgramsSocketIsLeftAlone() throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(address);
            assertThatThrownBy(this::start)
                    .hasMessageContaining("unix:" + address.getPath() + ": another program answers there");
            assertThat(address.getPath()).exists();
        }
    }

    @Test
    void aFileIsLeftAlone() throws Exception {
        Files.writeString(address.getPath(), "precious");
        assertThatThrownBy(this::start).hasMessageContaining("no socket").hasMessageContaining("admin.listen");
        assertThat(address.getPath()).hasContent("precious");
    }

    @Test
    void aSymbolicLinkIsNotFollowed() throws Exception {
        Path target = Files.writeString(directory.resolve("target"), "precious");
        Files.createSymbolicLink(address.getPath(), target);
        assertThatThrownBy(this::start).hasMessageContaining("no socket");
        assertThat(target).hasContent("precious");
    }

    @Test
    void aMissingDirectoryIsNamedWithRemedy() {
        address = UnixDomainSocketAddress.of(directory.resolve("missing/admin.sock"));
        assertThatThrownBy(this::start)
                .hasMessageContaining("there is no directory " + directory.resolve("missing"))
                .hasMessageContaining("RuntimeDirectory=");
    }

    @Test
    void nobodyThereIsOneSentence() {
        assertThatThrownBy(() -> ask("/livez"))
                .hasMessage("no gateway answers at unix:" + address.getPath() + ": is it running? (admin.listen)");
    }
}
