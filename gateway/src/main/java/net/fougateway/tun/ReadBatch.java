package net.fougateway.tun;

import java.io.IOException;
import java.nio.ByteBuffer;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.NativeMemory;

/**
 * What one visit to a TUN queue brought in: packets and super-packets behind one another, each with its virtio header right in
 * front, and with room in front of that. The memory is reused by the next {@link #read}. Belongs to one worker.
 */
public final class ReadBatch {

    /** Most packets in a batch. */
    public static final int MAX_PACKETS = 64;
    /** Bytes in front of each packet that may be overwritten; its virtio header lies in the last of them. */
    public static final int HEADROOM_BYTES = 64;

    private static final int MAX_PACKET_BYTES = 65_536;
    private static final int BATCH_BYTES = 4 * (MAX_PACKET_BYTES + HEADROOM_BYTES);
    private static final int CACHE_LINE_BYTES = 64;

    private final NativeMemory data = NativeMemory.allocate(BATCH_BYTES + CACHE_LINE_BYTES);
    private final int[] offset = new int[MAX_PACKETS];
    private final int[] length = new int[MAX_PACKETS];
    private int packets;
    private boolean drained;

    /**
     * Reads until the queue is empty or there is no more room for a super-packet.
     *
     * @return number of packets
     * @throws IOException when the device is gone
     */
    int read(TunQueue queue) throws IOException {
        packets = 0;
        drained = false;
        int at = HEADROOM_BYTES;
        while (packets < MAX_PACKETS && at + MAX_PACKET_BYTES <= BATCH_BYTES) {
            int header = at - VirtioNetHeader.BYTES;
            int bytes = queue.read(data.address() + header, VirtioNetHeader.BYTES + MAX_PACKET_BYTES);
            if (bytes <= 0) {
                drained = true;
                break;
            }
            offset[packets] = at;
            length[packets] = Math.max(bytes - VirtioNetHeader.BYTES, 0);
            at += (length[packets] + HEADROOM_BYTES + CACHE_LINE_BYTES - 1) & -CACHE_LINE_BYTES;
            packets++;
        }
        return packets;
    }

    boolean wasFull() {
        return !drained;
    }

    /** Number of packets. */
    public int packets() {
        return packets;
    }

    /** Memory that all packets lie in. */
    public ByteBuffer data() {
        return data.buffer();
    }

    /** Address of {@link #data}. */
    public long dataAddress() {
        return data.address();
    }

    /** Where a packet starts in {@link #data}. */
    public int offset(int packet) {
        return offset[packet];
    }

    /** Length of a packet in bytes. */
    public int length(int packet) {
        return length[packet];
    }

    /** Where its virtio header starts. */
    public int virtioHeader(int packet) {
        return offset[packet] - VirtioNetHeader.BYTES;
    }
}
