package net.fougateway.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Numbers with one writer, who writes plainly, and many readers, who see each as it was a moment ago. */
final class Counters {

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private Counters() {}

    /** Adds to the pair of packets and bytes at {@code index}. */
    static void add(long[] counters, int index, int packets, long bytes) {
        counters[2 * index] += packets;
        counters[2 * index + 1] += bytes;
    }

    /** The pair of packets and bytes at {@code index}. */
    static Snapshot.Traffic traffic(long[] counters, int index) {
        return new Snapshot.Traffic(read(counters, 2 * index), read(counters, 2 * index + 1));
    }

    static long read(long[] counters, int index) {
        return (long) LONGS.getOpaque(counters, index);
    }
}
