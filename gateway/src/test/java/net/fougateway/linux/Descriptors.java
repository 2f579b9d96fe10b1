package net.fougateway.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** File descriptors of a process, and how many this one may have. */
public final class Descriptors {

    private static final int RLIMIT_NOFILE = 7;
    private static final long[] BEFORE = new long[2];

    static {
        Native.register(Descriptors.class, "c");
        getrlimit(RLIMIT_NOFILE, BEFORE);
    }

    private Descriptors() {}

    private static native int getrlimit(int resource, long[] limit);

    private static native int setrlimit(int resource, long[] limit);

    /** How many this process has open. */
    public static long open() {
        return openOf("self");
    }

    /** How many a process has open. */
    public static long openOf(String process) {
        return numbers(process).count();
    }

    /** The highest number that this process has open. */
    public static long highest() {
        return numbers("self").max().orElseThrow();
    }

    private static LongStream numbers(String process) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", process, "fd"))) {
            return LongStream.of(descriptors
                    .mapToLong(path -> Long.parseLong(path.getFileName().toString()))
                    .toArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets this process open none from this number on. */
    public static void limitTo(long number) {
        setrlimit(RLIMIT_NOFILE, new long[] {number, BEFORE[1]});
    }

    /** The limit is what it was before. */
    public static void liftLimit() {
        setrlimit(RLIMIT_NOFILE, BEFORE);
    }
}
