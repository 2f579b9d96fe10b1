package net.fougateway.tun;

import io.netty.channel.unix.Errors;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.WorkerCounters;

/**
 * Packets on their way into the TUN device: the runs of a {@link Coalescer}, each written with one gathered {@code writev} from
 * where its packets lie. Belongs to one worker.
 */
public final class RunBatch {

    private static final int IOVEC_BYTES = 16;
    private static final int EIO = 5;

    private final Coalescer coalescer;
    private final WorkerCounters counters;
    private final NativeMemory virtioHeader = NativeMemory.allocate(VirtioNetHeader.BYTES);
    private final NativeMemory iovecs = NativeMemory.allocate((Coalescer.MAX_SEGMENTS + 2) * IOVEC_BYTES);
    private long dataAddress;
    private int usedIovecs;

    /** A batch that writes what {@code coalescer} joined. */
    public RunBatch(Coalescer coalescer, WorkerCounters counters) {
        this.coalescer = coalescer;
        this.counters = counters;
    }

    /** Sets the address of the buffer that the coalescer works on. */
    public void begin(long address) {
        dataAddress = address;
    }

    void write(FileDescriptor fd) {
        boolean down = false;
        for (int run = 0; run < coalescer.runs(); run++) {
            int errno = down ? EIO : writeRun(fd, run);
            down = errno == EIO;
            int packets = coalescer.segments(run);
            int bytes = coalescer.totalBytes(run);
            if (errno == 0) {
                counters.forwarded(Direction.UDP_TO_TUN, coalescer.tag(run), packets, bytes);
            } else {
                counters.writeError(errno);
                counters.dropped(Direction.UDP_TO_TUN, DropReason.TUN_NOT_READY, packets, bytes);
            }
        }
    }

    private int writeRun(FileDescriptor fd, int run) {
        usedIovecs = 0;
        coalescer.finish(run, virtioHeader.buffer(), 0);
        addIovec(virtioHeader.address(), VirtioNetHeader.BYTES);
        int first = coalescer.first(run);
        addIovec(dataAddress + coalescer.offset(first), coalescer.length(first));
        int header = coalescer.headerBytes(run);
        for (int packet = coalescer.next(first); packet >= 0; packet = coalescer.next(packet)) {
            addIovec(dataAddress + coalescer.offset(packet) + header, coalescer.length(packet) - header);
        }
        try {
            return fd.writevAddresses(iovecs.address(), usedIovecs) > 0 ? 0 : -Errors.ERRNO_EAGAIN_NEGATIVE;
        } catch (Errors.NativeIoException e) {
            return -e.expectedErr();
        } catch (IOException e) {
            return EIO;
        }
    }

    private void addIovec(long address, int length) {
        int at = usedIovecs * IOVEC_BYTES;
        iovecs.buffer().putLong(at, address);
        iovecs.buffer().putLong(at + 8, length);
        usedIovecs++;
    }
}
