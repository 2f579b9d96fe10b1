package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs programs of this machine to their end and keeps what they said. */
final class Command {

    private static final int LONG_WORD = 200;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Command() {}

    /** How a program ended; {@code output} is stdout and stderr as they came. */
    record Result(List<String> command, int exit, String output) {

        /** Fails, with the output, unless the program succeeded. */
        Result ok() {
            assertThat(exit).as(toString()).isZero();
            return this;
        }

        /** Fails, with the output, if the program succeeded. */
        Result failed() {
            assertThat(exit).as(toString()).isNotZero();
            return this;
        }

        @Override
        public String toString() {
            String line = command.stream()
                    .map(word -> word.length() < LONG_WORD ? word : word.substring(0, LONG_WORD) + "…")
                    .collect(Collectors.joining(" "));
            return line + "\nexit status " + exit + "\n" + output;
        }
    }

    /** Runs a command that must succeed within a minute. */
    static Result ok(String... command) throws IOException {
        return run(LIMIT, List.of(command)).ok();
    }

    /** Runs a command, with nothing to read; one that outlives {@code limit} is killed and fails the test. */
    static Result run(Duration limit, List<String> command) throws IOException {
        Path output = Files.createTempFile("fou-it", ".out");
        try {
            Process process = start(command, output.toFile());
            boolean ended = waitFor(process, limit);
            waitFor(process.destroyForcibly(), LIMIT);
            Result result = new Result(command, process.exitValue(), Files.readString(output));
            assertThat(ended).as("ended within %s: %s", limit, result).isTrue();
            return result;
        } finally {
            Files.delete(output);
        }
    }

    /** As {@link Process#waitFor}, for callers whose interruption is a failure like another. */
    static boolean waitFor(Process process, Duration limit) throws InterruptedIOException {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("while waiting for a program");
        }
    }

    /** Starts a program, with nothing to read, whose words go to a file. */
    static Process start(List<String> command, File output) throws IOException {
        return new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
    }
}
