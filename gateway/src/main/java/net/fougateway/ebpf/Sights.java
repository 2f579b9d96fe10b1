package net.fougateway.ebpf;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import net.fougateway.bpf.BpfMap;
import net.fougateway.bpf.RingBuffer;
import net.fougateway.linux.LinuxException;

/** Packets that the programs took, as they are inside the tunnel, for who captures; long ones are cut. Belongs to one thread. */
public final class Sights implements AutoCloseable {

    /**
     * A packet that was taken.
     *
     * @param nanos when, as {@link System#nanoTime}
     * @param out whether it leaves
     * @param packet the first of it
     * @param lengthBytes how long it is
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Sight(long nanos, boolean out, byte[] packet, int lengthBytes) {

        /** Of {@code struct sight}. */
        static Sight read(ByteBuffer sight) {
            byte[] packet = new byte[sight.getInt(KEPT)];
            sight.get(PACKET, packet);
            return new Sight(sight.getLong(0), sight.getInt(OUT) != 0, packet, sight.getInt(LENGTH));
        }
    }

    private static final int LENGTH = 8;
    private static final int KEPT = 12;
    private static final int OUT = 16;
    private static final int PACKET = 24;

    private final RingBuffer ring;

    Sights(BpfMap map) throws LinuxException {
        ring = new RingBuffer(map);
    }

    /** Takes what was seen since the last time. */
    public void take(Consumer<Sight> reader) {
        ring.take(sight -> reader.accept(Sight.read(sight)));
    }

    @Override
    public void close() {
        ring.close();
    }
}
