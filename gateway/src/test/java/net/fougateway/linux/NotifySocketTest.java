package net.fougateway.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifySocketTest {

    @TempDir
    private Path directory;

    @Test
    void pathAndAbstractNameAreReached() throws Exception {
        String path = directory.resolve("notify").toString();
        try (NotifyReceiver receiver = new NotifyReceiver(path)) {
            new NotifySocket(path).send("READY=1\nSTATUS=Zürich");
            assertThat(receiver.next()).isEqualTo("READY=1\nSTATUS=Zürich");
        }
        try (NotifyReceiver receiver = new NotifyReceiver("\0" + path)) {
            new NotifySocket("@" + path).send("READY=1");
            assertThat(receiver.next()).isEqualTo("READY=1");
        }
    }

    @Test
    void nobodyThereIsToldInTheKernelsWords() {
        String path = directory.resolve("nobody").toString();
        assertThatThrownBy(() -> new NotifySocket(path).send("READY=1"))
                .isInstanceOf(LinuxException.class)
                .hasMessage("cannot send to " + path + ": No such file or directory");
    }

    @Test
    void otherAddressesAreRefused() {
        assertThatThrownBy(() -> new NotifySocket("vsock:2:1234"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("neither an absolute path nor @ and a name");
        assertThatThrownBy(() -> new NotifySocket("/" + "x".repeat(108)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("longer than 108 bytes");
    }
}
