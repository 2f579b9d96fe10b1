package net.fougateway.tun;

import net.fougateway.capture.Border;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.Errno;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.WorkerCounters;

/**
 * Packets on their way into the TUN device: the runs of a {@link Coalescer}, each written with one gathered {@code writev} from
 * where its packets lie. Belongs to one worker.
 */
public final class RunBatch {

    private static final int IOVEC_BYTES = 16;

    private final Coalescer coalescer;
    private final WorkerCounters counters;
    private final Tap tap;
    private final NativeMemory virtioHeader = NativeMemory.allocate(VirtioNetHeader.BYTES);
    private final NativeMemory iovecs = NativeMemory.allocate((Coalescer.MAX_SEGMENTS + 2) * IOVEC_BYTES);
    private long dataAddress;
    private int usedIovecs;

    /** A batch that writes what {@code coalescer} joined. */
    public RunBatch(Coalescer coalescer, WorkerCounters counters, Tap tap) {
        this.coalescer = coalescer;
        this.counters = counters;
        this.tap = tap;
    }

    /** Sets the address of the buffer that the coalescer works on. */
    public void begin(long address) {
        dataAddress = address;
    }

    /** Writes all runs at once; what becomes of each is counted. */
    public void write(TunQueue queue) {
        boolean down = false;
        for (int run = 0; run < coalescer.runs(); run++) {
            int errno = down ? Errno.EIO.number() : writeRun(queue, run);
            down = errno == Errno.EIO.number();
            int packets = coalescer.segments(run);
            int bytes = coalescer.totalBytes(run);
            if (errno == 0) {
                counters.forwarded(Direction.UDP_TO_TUN, coalescer.tag(run), packets, bytes);
            } else {
                counters.writeError(errno);
                counters.dropped(Direction.UDP_TO_TUN, DropReason.TUN_NOT_READY, packets, bytes);
                if (tap.wants(DropReason.TUN_NOT_READY)) {
                    show(run);
                }
            }
        }
    }

    /** Returns 0 or the error number. */
    private int writeRun(TunQueue queue, int run) {
        usedIovecs = 0;
        coalescer.finish(run, virtioHeader.buffer(), 0);
        addIovec(virtioHeader.address(), VirtioNetHeader.BYTES);
        int first = coalescer.first(run);
        addIovec(dataAddress + coalescer.offset(first), coalescer.length(first));
        int header = coalescer.headerBytes(run);
        for (int packet = coalescer.next(first); packet >= 0; packet = coalescer.next(packet)) {
            addIovec(dataAddress + coalescer.offset(packet) + header, coalescer.length(packet) - header);
        }
        int written = queue.writev(iovecs.address(), usedIovecs);
        return written < 0 ? -written : 0;
    }

    private void show(int run) {
        int first = coalescer.first(run);
        tap.packet(dataAddress + coalescer.offset(first), coalescer.length(first));
        int header = coalescer.headerBytes(run);
        for (int packet = coalescer.next(first); packet >= 0; packet = coalescer.next(packet)) {
            tap.add(dataAddress + coalescer.offset(packet) + header, coalescer.length(packet) - header);
        }
        tap.seen(Border.TUN, Direction.UDP_TO_TUN, DropReason.TUN_NOT_READY);
    }

    private void addIovec(long address, int length) {
        int at = usedIovecs * IOVEC_BYTES;
        iovecs.buffer().putLong(at, address);
        iovecs.buffer().putLong(at + 8, length);
        usedIovecs++;
    }
}
