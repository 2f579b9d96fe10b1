package net.fougateway.tun;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.AddressSpace;

/**
 * A TUN device in memory: what was {@link #deliver}ed is read with its virtio header, and what is written is remembered, or only
 * counted. Reading and counting allocate nothing.
 */
public final class InMemoryTun implements TunQueue {

    /** A packet or super-packet that was written. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Written(byte[] virtioHeader, byte[] packet) {

        /** The virtio header as a buffer. */
        public ByteBuffer virtio() {
            return ByteBuffer.wrap(virtioHeader).order(ByteOrder.nativeOrder());
        }
    }

    private final AddressSpace memory = new AddressSpace();
    private final boolean remembers;
    private final List<ByteBuffer> delivered = new ArrayList<>();
    private final List<Written> written = new ArrayList<>();
    private ToIntFunction<Written> refusal = packet -> 0;
    private int next;
    private int writes;
    private long writtenBytes;

    /**
     * An idle device.
     *
     * @param remembers whether packets written are remembered; otherwise they are only counted, and none is refused
     */
    public InMemoryTun(boolean remembers) {
        this.remembers = remembers;
    }

    /**
     * Lets the host send a packet whose checksums are complete.
     *
     * @return the memory that it will be read from, again after each {@link #rewind}; the packet starts behind the virtio header
     */
    public ByteBuffer deliver(byte... packet) {
        ByteBuffer frame =
                ByteBuffer.allocateDirect(VirtioNetHeader.BYTES + packet.length).order(ByteOrder.nativeOrder());
        VirtioNetHeader.writePlain(frame, 0);
        frame.put(VirtioNetHeader.BYTES, packet);
        delivered.add(frame);
        return frame;
    }

    /**
     * Lets the host send a packet whose checksum is to be completed, or a super-packet.
     *
     * @param gsoType of {@link VirtioNetHeader}
     * @param gsoSize payload bytes of every segment but the last
     * @param checksumStart length of the IP header
     * @param checksumOffset of the checksum field in the transport header
     */
    public ByteBuffer deliver(byte[] packet, int gsoType, int gsoSize, int checksumStart, int checksumOffset) {
        ByteBuffer frame = deliver(packet);
        VirtioNetHeader.writeSuperPacket(frame, 0, gsoType, 0, gsoSize, checksumStart, checksumOffset);
        return frame;
    }

    /** Delivers all packets again. */
    public void rewind() {
        next = 0;
    }

    /** Reads a batch; false when nothing is left. */
    public boolean read(ReadBatch batch) throws IOException {
        return batch.read(this) > 0;
    }

    /** Decides which error number a packet is refused with, 0 for none. */
    public void refuse(ToIntFunction<Written> errno) {
        refusal = errno;
    }

    /** What was written. */
    public List<Written> written() {
        return written;
    }

    /** How many writes there were, those refused included. */
    public int writes() {
        return writes;
    }

    /** How many bytes were written, virtio headers included. */
    public long writtenBytes() {
        return writtenBytes;
    }

    @Override
    public int read(long address, int bytes) {
        if (next == delivered.size()) {
            return 0;
        }
        ByteBuffer frame = delivered.get(next++);
        int length = Math.min(frame.capacity(), bytes);
        memory.put(address, frame, length);
        return length;
    }

    @Override
    public int writev(long iovecs, int count) {
        writes++;
        if (remembers) {
            byte[] all = memory.gather(iovecs, count);
            Written packet = new Written(
                    Arrays.copyOf(all, VirtioNetHeader.BYTES),
                    Arrays.copyOfRange(all, VirtioNetHeader.BYTES, all.length));
            int errno = refusal.applyAsInt(packet);
            if (errno != 0) {
                return -errno;
            }
            written.add(packet);
        }
        int bytes = memory.lengthOf(iovecs, count);
        writtenBytes += bytes;
        return bytes;
    }
}
