package net.fougateway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process reads from and writes to, where that may be a terminal. */
enum StandardStream {
    STDIN(0),
    STDOUT(1);

    private final Path descriptor;

    StandardStream(int number) {
        descriptor = Path.of("/proc/self/fd", Integer.toString(number));
    }

    boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return Stream.of("/dev/pts/", "/dev/tty", "/dev/console").anyMatch(target::startsWith);
        } catch (IOException closed) {
            return false;
        }
    }
}
