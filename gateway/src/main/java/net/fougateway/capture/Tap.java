package net.fougateway.capture;

import com.sun.jna.Pointer;
import java.time.Instant;
import java.util.Arrays;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;

/**
 * Where a worker's packets can be seen. While nobody captures it costs one look at one field for each packet, and makes no objects.
 * Belongs to one worker.
 */
public final class Tap {

    /** Most bytes of a packet with its outer headers. */
    public static final int MAX_BYTES = 65_535 + 40 + 8;

    private final Captures captures;
    private final byte[] bytes = new byte[MAX_BYTES];
    private int length;

    /** A place that {@code captures} look at. */
    public Tap(Captures captures) {
        this.captures = captures;
    }

    /** True when packets of this verdict are wanted; null is that of packets which are not dropped. */
    public boolean wants(DropReason verdict) {
        return captures.want(verdict);
    }

    /** Begins a packet with the {@code count} bytes at {@code address}. */
    public Tap packet(long address, int count) {
        length = 0;
        return add(address, count);
    }

    /** Continues the packet with the {@code count} bytes at {@code address}. */
    public Tap add(long address, int count) {
        int fitting = Math.min(count, MAX_BYTES - length);
        new Pointer(address).read(0, bytes, length, fitting);
        length += fitting;
        return this;
    }

    /** The packet is complete. */
    public void seen(Border border, Direction direction, DropReason verdict) {
        Capture capture = captures.current();
        if (capture != null) {
            byte[] copy = Arrays.copyOf(bytes, Math.min(length, capture.snapBytes()));
            captures.show(new CapturedPacket(Instant.now(), border, direction, verdict, copy, length));
        }
    }
}
