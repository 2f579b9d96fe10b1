package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatchTest {

    @TempDir
    private Path directory;

    @Test
    void newContentCountsOnceItHasSettled() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "one");
        ConfigWatch watch = new ConfigWatch(file, () -> {});

        assertThat(watch.look()).isFalse();
        Files.writeString(file, "tw");
        assertThat(watch.look()).isFalse();
        Files.writeString(file, "two");
        assertThat(watch.look()).isFalse();
        assertThat(watch.look()).isTrue();
        assertThat(watch.look()).isFalse();
    }

    private static void assertNoNews(ConfigWatch watch) {
        for (int i = 0; i < 3; i++) {
            assertThat(watch.look()).isFalse();
        }
    }

    @Test
    void aFileThatIsAwayForAMomentIsNoNews() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "one");
        ConfigWatch watch = new ConfigWatch(file, () -> {});

        Files.delete(file);
        assertNoNews(watch);
        Files.writeString(file, "one");
        assertNoNews(watch);
    }

    @Test
    void aLinkInThePathMayBeExchanged() throws IOException {
        for (String version : new String[] {"1", "2"}) {
            Files.createDirectory(directory.resolve(version));
            Files.writeString(directory.resolve(version).resolve("f"), version);
        }
        Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("1"));
        Path file = Files.createSymbolicLink(directory.resolve("f"), Path.of("..data/f"));
        ConfigWatch watch = new ConfigWatch(file, () -> {});

        Files.move(
                Files.createSymbolicLink(directory.resolve("tmp"), Path.of("2")), data, StandardCopyOption.ATOMIC_MOVE);

        assertThat(watch.look()).isFalse();
        assertThat(watch.look()).isTrue();
    }
}
