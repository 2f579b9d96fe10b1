package net.fougateway.it;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One thread of another process that does not run until this is closed, while its other threads do: ptrace(2). Closed by the thread that
 * made it.
 */
final class FrozenThread implements Closeable {

    private static final int PTRACE_DETACH = 17;
    private static final int PTRACE_SEIZE = 0x4206;
    private static final int PTRACE_INTERRUPT = 0x4207;
    private static final int WALL = 0x40000000;

    private final int thread;

    private FrozenThread(int thread) {
        this.thread = thread;
    }

    /** Freezes a thread of {@code process} whose name begins like this. */
    static FrozenThread of(long process, String nameBeginning) throws IOException {
        int thread = find(Path.of("/proc", Long.toString(process), "task"), nameBeginning);
        LibC.ptrace(PTRACE_SEIZE, thread, 0, 0);
        LibC.ptrace(PTRACE_INTERRUPT, thread, 0, 0);
        LibC.waitpid(thread, new int[1], WALL);
        return new FrozenThread(thread);
    }

    private static int find(Path threads, String nameBeginning) throws IOException {
        try (Stream<Path> all = Files.list(threads)) {
            List<Path> list = all.toList();
            for (Path thread : list) {
                if (Files.readString(thread.resolve("comm")).startsWith(nameBeginning)) {
                    return Integer.parseInt(thread.getFileName().toString());
                }
            }
            throw new IOException("no thread " + nameBeginning + "… in " + threads + ": " + list);
        }
    }

    @Override
    public String toString() {
        return "thread " + thread;
    }

    @Override
    public void close() {
        LibC.ptrace(PTRACE_DETACH, thread, 0, 0);
    }
}
