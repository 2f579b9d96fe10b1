package net.fougateway.it;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A copy of what the launcher needs of this checkout, built, in a directory outside /tmp that every user may read. */
final class Checkout implements Closeable {

    private static final Path HERE = Path.of("").toAbsolutePath().getParent();
    private static final Path TARGET = HERE.resolve("gateway/target");
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Path parent;
    private final Path directory;

    private Checkout(Path parent, String name) {
        this.parent = parent;
        this.directory = parent.resolve(name);
    }

    /** Copies, to a directory with this name; skips the test where nothing is built. */
    static Checkout copy(String name) throws IOException {
        Requires.need(Files.exists(TARGET.resolve("classpath")), "the built program: mvn -B verify");
        Checkout copy = new Checkout(Files.createTempDirectory(Path.of("/var/tmp"), "fou-checkout"), name);
        Files.createDirectories(copy.target());
        Command.ok("cp", "-a", HERE.resolve("fou-gateway").toString(), copy.directory.toString());
        for (String part : List.of("fou-gateway.jar", "lib", "native", "classpath")) {
            Command.ok(
                    "cp", "-a", TARGET.resolve(part).toString(), copy.target().toString());
        }
        Command.ok("chmod", "-R", "a+rX", copy.parent.toString());
        return copy;
    }

    /** Where the build lies. */
    Path target() {
        return directory.resolve("gateway/target");
    }

    /** The launcher. */
    String launcher() {
        return directory.resolve("fou-gateway").toString();
    }

    /** The archive for a fast start, when there is one. */
    List<Path> archives() throws IOException {
        try (Stream<Path> files = Files.list(target())) {
            return files.filter(file -> file.toString().endsWith(".archive")).toList();
        }
    }

    /**
     * Starts it with the Java of this process.
     *
     * @param wrapper a program with its arguments that runs the launcher, or words for env(1); may be empty
     */
    Command.Result run(List<String> wrapper, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "JAVA_HOME=" + System.getProperty("java.home")));
        command.addAll(wrapper);
        command.add(launcher());
        command.addAll(List.of(arguments));
        return Command.run(LIMIT, command);
    }

    @Override
    public void close() throws IOException {
        Command.ok("rm", "-rf", parent.toString());
    }
}
