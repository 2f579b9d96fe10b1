package net.fougateway.bpf;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;

/**
 * Takes what programs put into a map of type {@link MapDefinition#RING_BUFFER}, in its order; while it is full they put in nothing. The
 * format is that of the kernel's {@code BPF_MAP_TYPE_RINGBUF}. Belongs to one thread, and is closed before the map.
 */
public final class RingBuffer implements AutoCloseable {

    private static final int PROT_READ = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;
    private static final int HEADER_BYTES = 8;

    private final int pageBytes = Libc.getpagesize();
    private final int sizeBytes;
    private final long consumer;
    private final long producer;
    private final ByteBuffer taken;
    private final ByteBuffer put;

    /**
     * A reader of a ring buffer, of which there is one at a time.
     *
     * @throws LinuxException when it cannot be mapped
     */
    public RingBuffer(BpfMap map) throws LinuxException {
        sizeBytes = map.definition().entries();
        consumer = map(map.fd(), 0, pageBytes, PROT_READ_WRITE);
        producer = map(map.fd(), pageBytes, producerBytes(), PROT_READ);
        taken = new Pointer(consumer).getByteBuffer(0, pageBytes).order(ByteOrder.nativeOrder());
        put = new Pointer(producer).getByteBuffer(0, producerBytes()).order(ByteOrder.nativeOrder());
    }

    private static long map(int fd, int offset, int bytes, int protection) throws LinuxException {
        long address = Libc.mmap(0, bytes, protection, MAP_SHARED, fd, offset);
        if (address == -1) {
            throw Errno.failure(Native.getLastError(), "map a BPF ring buffer");
        }
        return address;
    }

    /** A page with the position, and the data twice, so that what begins at its end goes on behind it. */
    private int producerBytes() {
        return pageBytes + 2 * sizeBytes;
    }

    /**
     * Takes what is there.
     *
     * @param reader gets each record, which is lost afterwards
     */
    public void take(Consumer<ByteBuffer> reader) {
        long position = taken.getLong(0);
        while (position < put.getLong(0)) {
            VarHandle.acquireFence();
            int at = pageBytes + (int) (position & (sizeBytes - 1));
            int length = put.getInt(at);
            if ((length & BUSY) != 0) {
                return;
            }
            VarHandle.acquireFence();
            int bytes = length & ~DISCARDED;
            if (bytes == length) {
                reader.accept(put.slice(at + HEADER_BYTES, bytes).order(ByteOrder.nativeOrder()));
            }
            position += (bytes + 2L * HEADER_BYTES - 1) / HEADER_BYTES * HEADER_BYTES;
            VarHandle.fullFence();
            taken.putLong(0, position);
        }
    }

    @Override
    public void close() {
        Libc.munmap(consumer, pageBytes);
        Libc.munmap(producer, producerBytes());
    }
}
