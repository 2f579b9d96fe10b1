package net.fougateway.tun;

import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.WorkerCounters;

/** An ICMP or ICMPv6 error on its way into the TUN device, to the sender of an inner packet. Belongs to one worker. */
public final class IcmpMessage {

    private static final int IOVEC_BYTES = 16;

    private final TokenBucket limit;
    private final WorkerCounters counters;
    private final NativeMemory packet = NativeMemory.allocate(VirtioNetHeader.BYTES + IcmpError.MAX_BYTES);
    private final NativeMemory iovec = NativeMemory.allocate(IOVEC_BYTES);
    private IcmpError.Kind kind;

    /**
     * An empty message.
     *
     * @param limit of all errors that the gateway sends
     */
    public IcmpMessage(TokenBucket limit, WorkerCounters counters) {
        this.limit = limit;
        this.counters = counters;
        VirtioNetHeader.writePlain(packet.buffer(), 0);
        iovec.buffer().putLong(0, packet.address());
    }

    /**
     * Prepares an error.
     *
     * @param mtuBytes for {@link IcmpError.Kind#TOO_BIG}: largest packet that the sender may send
     * @param about the inner packet, whole or as it was quoted
     * @return false when none may be sent about this packet, or no more for now
     */
    public boolean prepare(IcmpError.Kind kind, int mtuBytes, InnerPacket about) {
        this.kind = kind;
        int length = IcmpError.write(kind, mtuBytes, about, packet.buffer(), VirtioNetHeader.BYTES);
        iovec.buffer().putLong(Long.BYTES, VirtioNetHeader.BYTES + length);
        return length > 0 && limit.take();
    }

    /** Writes it at once; what becomes of it is counted. */
    public void write(TunQueue queue) {
        int written = queue.writev(iovec.address(), 1);
        if (written < 0) {
            counters.writeError(-written);
        } else {
            counters.icmpErrorSent(kind);
        }
    }
}
