package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import net.fougateway.config.ConfigException;
import net.fougateway.config.ConfigFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatchTest {

    private static final int MOST_LOOKS = 50;

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void writeFile() throws IOException {
        file = Files.writeString(directory.resolve("f"), "one");
    }

    private ConfigWatch watch() {
        return new ConfigWatch(List.of(ConfigFile.read(file)), next -> next);
    }

    private static void assertNoNews(ConfigWatch watch) {
        for (int i = 0; i < 3; i++) {
            assertThat(watch.look()).isFalse();
        }
    }

    private static void assertNews(ConfigWatch watch) {
        assertThat(watch.look()).isFalse();
        assertThat(watch.look()).isTrue();
        assertNoNews(watch);
    }

    private void assertUnreadable(String why) {
        assertThatThrownBy(() -> ConfigFile.read(file).text())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(why);
    }

    @Test
    void newContentCountsOnceItHasSettled() throws IOException {
        ConfigWatch watch = watch();

        assertThat(watch.look()).isFalse();
        Files.writeString(file, "tw");
        assertThat(watch.look()).isFalse();
        Files.writeString(file, "two");
        assertNews(watch);
    }

    @Test
    void whatChangedBetweenReadingAndWatchingIsNews() throws IOException {
        ConfigFile read = ConfigFile.read(file);
        Files.writeString(file, "two");

        assertNews(new ConfigWatch(List.of(read), next -> next));
    }

    @Test
    void theSameContentIsNoNewsHoweverItCame() throws IOException {
        ConfigWatch watch = watch();

        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        assertNoNews(watch);
        Files.move(Files.writeString(directory.resolve("next"), "one"), file, StandardCopyOption.REPLACE_EXISTING);
        assertNoNews(watch);
    }

    @Test
    void aFileThatIsAwayForAMomentIsNoNews() throws IOException {
        ConfigWatch watch = watch();

        Files.delete(file);
        assertNoNews(watch);
        Files.writeString(file, "one");
        assertNoNews(watch);
    }

    @Test
    void aFileThatStaysAwayIsNewsOnce() throws IOException {
        ConfigWatch watch = watch();
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("nowhere"));

        int looks = 1;
        while (!watch.look() && looks < MOST_LOOKS) {
            looks++;
        }

        assertThat(looks).isBetween(10, MOST_LOOKS - 1);
        assertNoNews(watch);
        assertUnreadable("no such file");
    }

    @Test
    void aLinkInThePathMayBeExchanged() throws IOException {
        for (String version : new String[] {"1", "2"}) {
            Files.createDirectory(directory.resolve(version));
            Files.writeString(directory.resolve(version).resolve("f"), version);
        }
        Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("1"));
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("..data/f"));
        ConfigWatch watch = watch();

        Files.move(
                Files.createSymbolicLink(directory.resolve("tmp"), Path.of("2")), data, StandardCopyOption.ATOMIC_MOVE);

        assertNews(watch);
    }

    @Test
    @Timeout(60)
    void aHugeFileIsNewsAndNotReadWhole() throws IOException {
        ConfigWatch watch = watch();
        try (var huge = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            huge.setLength(1L << 40);
        }

        assertNews(watch);
        assertUnreadable("larger than 4194304 bytes");
    }

    @Test
    @Timeout(60)
    void aPipeIsNewsAndNotWaitedFor() throws Exception {
        ConfigWatch watch = watch();
        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();

        assertNews(watch);
        assertUnreadable("pipe");
    }

    @Test
    @Timeout(60)
    void aDeviceThatNeverEndsIsNewsAndNotRead() throws IOException {
        ConfigWatch watch = watch();
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/dev/zero"));

        assertNews(watch);
        assertUnreadable("device");
    }

    @Test
    void aDirectoryIsNewsAndTheFileAgainToo() throws IOException {
        ConfigWatch watch = watch();
        Files.delete(file);
        Files.createDirectory(file);
        assertNews(watch);
        assertUnreadable("directory");

        Files.delete(file);
        Files.writeString(file, "one");
        assertNews(watch);
    }

    @Test
    void everyFileIsWatched() throws IOException {
        Path certificate = Files.writeString(directory.resolve("cert"), "one");
        ConfigWatch watch = new ConfigWatch(List.of(ConfigFile.read(file), ConfigFile.read(certificate)), next -> next);
        assertNoNews(watch);
        Files.writeString(certificate, "two");
        assertNews(watch);
        Files.writeString(file, "two");
        assertNews(watch);
    }
}
