package net.fougateway.tun;

import java.util.Arrays;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.Errno;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Sockets;

/**
 * Packets on their way into the TUN device: the runs of a {@link Coalescer}, each written with one gathered {@code writev} from
 * where its packets lie. Belongs to one worker.
 */
public final class WriteBatch {

    /** In place of an error number: it was not tried to write it. */
    public static final int UNWRITTEN = -1;

    private final Coalescer coalescer;
    private final int[] errno;
    private final NativeMemory virtioHeader = NativeMemory.allocate(VirtioNetHeader.BYTES);
    private final NativeMemory iovecs = NativeMemory.allocate((Coalescer.MAX_SEGMENTS + 2) * Sockets.IOVEC_BYTES);
    private int usedIovecs;

    /** A batch that writes what {@code coalescer} joined. */
    public WriteBatch(Coalescer coalescer) {
        this.coalescer = coalescer;
        errno = new int[coalescer.capacity()];
    }

    /**
     * Writes all runs at once; what became of each {@link #errno} tells. Once the device says that it is down, the others are not tried.
     *
     * @param dataAddress address of the buffer that the coalescer works on
     */
    public void write(TunQueue queue, long dataAddress) {
        Arrays.fill(errno, 0, coalescer.runs(), UNWRITTEN);
        boolean down = false;
        for (int run = 0; run < coalescer.runs(); run++) {
            errno[run] = down ? Errno.EIO.number() : writeRun(queue, run, dataAddress);
            down = Errno.EIO.is(errno[run]);
        }
    }

    /** What became of a run: 0 when it was written, {@link #UNWRITTEN}, or the error number. */
    public int errno(int run) {
        return errno[run];
    }

    private int writeRun(TunQueue queue, int run, long dataAddress) {
        usedIovecs = 0;
        coalescer.finish(run, virtioHeader.buffer(), 0);
        addIovec(virtioHeader.address(), VirtioNetHeader.BYTES);
        int first = coalescer.first(run);
        int link = coalescer.linkBytes(run);
        addIovec(dataAddress + coalescer.offset(first) - link, link + coalescer.length(first));
        int header = coalescer.headerBytes(run);
        for (int packet = coalescer.next(first); packet >= 0; packet = coalescer.next(packet)) {
            addIovec(dataAddress + coalescer.offset(packet) + header, coalescer.length(packet) - header);
        }
        return Math.max(-queue.writev(iovecs.address(), usedIovecs), 0);
    }

    private void addIovec(long address, int length) {
        int at = usedIovecs * Sockets.IOVEC_BYTES;
        iovecs.buffer().putLong(at, address);
        iovecs.buffer().putLong(at + 8, length);
        usedIovecs++;
    }
}
