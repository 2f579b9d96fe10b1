package net.fougateway.it;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A program that runs in a namespace beside the test. */
final class Background implements Closeable {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Path output;
    private final Process process;

    private Background(Path output, Process process) {
        this.output = output;
        this.process = process;
    }

    /** Starts it; the lab ends it. */
    static Background start(Lab lab, Namespace namespace, String... command) throws IOException {
        Path output = Files.createTempFile("fou-it", ".out");
        return lab.own(new Background(output, Command.start(namespace.wrap(List.of(command)), output.toFile())));
    }

    /** What it has said so far. */
    String output() throws IOException {
        return Files.readString(output);
    }

    /** Ends it as Ctrl-C does; all that it said. */
    String interrupt() throws IOException {
        Command.ok("kill", "-INT", Long.toString(process.pid()));
        Command.waitFor(process, LIMIT);
        return output();
    }

    @Override
    public void close() throws IOException {
        Command.waitFor(process.destroyForcibly(), LIMIT);
        Files.deleteIfExists(output);
    }
}
