package net.fougateway.capture;

import java.time.Instant;
import java.util.Arrays;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;

/**
 * A copy of a packet.
 *
 * @param direction it was going
 * @param dropped why it was dropped; null when it was not
 * @param bytes of the IP packet, perhaps only the first
 * @param lengthBytes how long it was
 */
@SuppressWarnings("ArrayRecordComponent")
public record CapturedPacket(
        Instant time, Border border, Direction direction, DropReason dropped, byte[] bytes, int lengthBytes) {

    /** What the objects around the bytes take, roughly. */
    private static final int OVERHEAD_BYTES = 128;

    /** The same, with no more than so many bytes. */
    CapturedPacket cut(int snapBytes) {
        return bytes.length <= snapBytes
                ? this
                : new CapturedPacket(time, border, direction, dropped, Arrays.copyOf(bytes, snapBytes), lengthBytes);
    }

    /** Memory that it takes. */
    int memoryBytes() {
        return bytes.length + OVERHEAD_BYTES;
    }
}
