package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher of a checkout, wherever that lies, whatever the environment says, and whoever starts it. */
class LauncherIT {

    private static final List<String> PLAIN = List.of();
    private static final String VERSION = "fou-gateway 0.";
    private static final String PREPARING = "preparing a fast start";
    /** Fails where the archive for a fast start cannot be used. */
    private static final String ARCHIVE_NEEDED =
            "FOU_JAVA_OPTS=" + (Runtime.version().feature() >= 25 ? "-XX:AOTMode=on" : "-Xshare:on");

    private static final List<String> NOBODY = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

    private static Checkout prepared;

    @BeforeAll
    static void prepare() throws Exception {
        prepared = Checkout.copy("fou-gateway");
        prepared.run(PLAIN, "--version").ok();
    }

    @AfterAll
    static void remove() throws Exception {
        if (prepared != null) {
            prepared.close();
        }
    }

    @Test
    void strangePathAndOptionsOfTheEnvironment() throws Exception {
        try (Checkout checkout = Checkout.copy("it's a \"$HOME\" * [x] `dir`")) {
            List<String> options = List.of(
                    "JAVA_TOOL_OPTIONS=-Da.b=\"c d\"", "JDK_JAVA_OPTIONS=-Dc=d", "_JAVA_OPTIONS=-Dversion=\"1\"");
            Command.Result first = checkout.run(options, "--version").ok();
            assertThat(first.output()).contains(VERSION, PREPARING);
            assertThat(checkout.archives()).hasSize(1);
            Command.Result second =
                    checkout.run(List.of(ARCHIVE_NEEDED), "--version").ok();
            assertThat(second.output()).startsWith(VERSION);
        }
    }

    @Test
    void brokenArchiveIsMadeAgain() throws Exception {
        try (Checkout checkout = Checkout.copy("fou-gateway")) {
            checkout.run(PLAIN, "--version").ok();
            Path archive = checkout.archives().get(0);
            long size = Files.size(archive);
            for (long cut : List.of(size - 4096, 0L)) {
                truncate(archive, cut);
                Command.Result next = checkout.run(PLAIN, "--version").ok();
                assertThat(next.output()).contains(PREPARING, VERSION);
                checkout.run(List.of(ARCHIVE_NEEDED), "--version").ok();
            }
            Files.delete(archive);
            Files.writeString(Path.of(archive + ".new"), "of a first start that was interrupted");
            assertThat(checkout.run(PLAIN, "--version").ok().output()).contains(PREPARING, VERSION);
        }
    }

    private static void truncate(Path file, long size) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    @Test
    void severalUsersAndSeveralStartsAtOnce() throws Exception {
        Requires.program("setpriv", "util-linux");
        try (Checkout checkout = Checkout.copy("fou-gateway")) {
            List<CompletableFuture<Command.Result>> starts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                starts.add(CompletableFuture.supplyAsync(() -> version(checkout, PLAIN)));
            }
            starts.add(CompletableFuture.supplyAsync(() -> version(checkout, NOBODY)));
            for (CompletableFuture<Command.Result> start : starts) {
                assertThat(start.get().ok().output()).contains(VERSION).doesNotContain("denied");
            }
            checkout.run(List.of(ARCHIVE_NEEDED), "--version").ok();
            assertThat(checkout.run(NOBODY, "--version").ok().output()).startsWith(VERSION);
            Path archive = checkout.archives().get(0);
            Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-------"));
            assertThat(checkout.run(NOBODY, "--version").ok().output()).startsWith(VERSION);
            Command.ok("chmod", "1777", checkout.target().toString());
            truncate(archive, 0);
            assertThat(checkout.run(NOBODY, "--version").ok().output()).contains(VERSION);
        }
    }

    private static Command.Result version(Checkout checkout, List<String> wrapper) {
        try {
            return checkout.run(wrapper, "--version");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmx200m -Da=b", "-Da=\"b c\" '-Dd=e f'", "-XX:+UseG1GC", "-Da=*  -Db=$HOME;x|y"})
    void furtherOptionsMayHaveSpaces(String options) throws Exception {
        Command.Result result = prepared.run(List.of("FOU_JAVA_OPTS=" + options), "--version");
        assertThat(result.ok().output()).startsWith(VERSION);
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        assertFails(prepared, "JAVA_HOME=/nowhere at all", "/nowhere at all/bin/java", "JAVA_HOME");
        assertFails(prepared, "JAVA_HOME=" + fakeJava("11.0.2"), "version 11.0.2", "17");
        assertFails(prepared, "JAVA_HOME=" + fakeJava("1.8.0_402"), "version 1.8.0_402", "17");
        assertFails(prepared, "FOU_JAVA_OPTS=-Da=\"b", "FOU_JAVA_OPTS", "quote");
        try (Checkout colon = Checkout.copy("a:b")) {
            assertFails(colon, "A=b", "colon", "a:b");
        }
    }

    /** As an interrupted build leaves it. */
    @Test
    void halfABuildIsNoBuild() throws Exception {
        try (Checkout half = Checkout.copy("fou-gateway")) {
            Files.delete(half.target().resolve("classpath"));
            Path tools = Files.createDirectories(half.target().resolve("tools"));
            for (String tool : List.of("sh", "dirname", "readlink", "sed")) {
                Command.ok("sh", "-c", "ln -s \"$(command -v " + tool + ")\" " + tools);
            }
            assertFails(half, "PATH=" + tools, "not built", "Maven");
        }
    }

    private static void assertFails(Checkout checkout, String variable, String... words) throws IOException {
        Command.Result result = checkout.run(List.of(variable), "--version");
        assertThat(result.exit()).as("%s", result).isEqualTo(1);
        assertThat(result.output()).contains(words);
    }

    private static String fakeJava(String version) throws IOException {
        Path home = Files.createDirectories(prepared.target().resolve("java " + version + "/bin"));
        Path java = Files.writeString(
                home.resolve("java"), "#!/bin/sh\necho 'openjdk version \"" + version + "\" 2020-01-01' >&2\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home.getParent().toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"noexec", "ro", "size=4k"})
    void nothingIsUnpackedToTmp(String options) throws Exception {
        Requires.networkLab();
        String fill = options.startsWith("size") ? "cat /dev/zero >/tmp/full 2>/dev/null; " : "";
        String mount = "mount -t tmpfs -o %s tmpfs /tmp && %s exec \"$@\"".formatted(options, fill);
        Path config = Files.writeString(prepared.target().resolve("c.yaml"), """
            peers: [{name: a, remote: 127.0.0.9, allowed_ips: [10.42.0.0/16]}]
            """);
        List<String> wrapper = List.of("HOME=/tmp", "unshare", "-m", "sh", "-c", mount, "sh");
        assertThat(prepared.run(wrapper, "check", "-c", config.toString()).ok().output())
                .contains("ok, 1 peer");
        assertThat(prepared.run(wrapper, "train", "--seconds", "1").ok().output())
                .contains("carried");
    }

    @Test
    void nativeLibraryThatCannotBeLoadedGivesOneLine() throws Exception {
        for (String option : List.of("-Djna.nounpack=true", "-Dos.arch=riscv64")) {
            String options = "FOU_JAVA_OPTS=" + option + " -Djna.boot.library.path=/nowhere -Djna.noclasspath=true";
            Command.Result result = prepared.run(List.of(options), "train", "--seconds", "1");
            assertThat(result.exit()).as("%s", result).isEqualTo(1);
            assertThat(result.output().lines()).as("%s", result).hasSize(1);
            assertThat(result.output())
                    .startsWith("fou-gateway: cannot load a native library")
                    .contains("noexec");
        }
    }
}
