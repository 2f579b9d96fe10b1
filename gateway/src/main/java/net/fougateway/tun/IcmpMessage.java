package net.fougateway.tun;

import java.util.function.LongSupplier;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.WorkerCounters;

/** An ICMP or ICMPv6 error on its way into the TUN device, to the sender of an inner packet. Belongs to one worker. */
public final class IcmpMessage {

    private static final int IOVEC_BYTES = 16;
    /** As the kernel's {@code net.ipv4.icmp_msgs_per_sec} and {@code icmp_msgs_burst}. */
    private static final int PER_SECOND = 1000;

    private static final int BURST = 50;

    private final WorkerCounters counters;
    private final NativeMemory packet = NativeMemory.allocate(VirtioNetHeader.BYTES + IcmpError.MAX_BYTES);
    private final NativeMemory iovec = NativeMemory.allocate(IOVEC_BYTES);
    private IcmpError.Kind kind;

    /** An empty message. */
    public IcmpMessage(WorkerCounters counters) {
        this.counters = counters;
        VirtioNetHeader.writePlain(packet.buffer(), 0);
        iovec.buffer().putLong(0, packet.address());
    }

    /**
     * How many errors inner senders get about packets to one peer, so that who provokes many does not take those of others.
     *
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public static TokenBucket limit(LongSupplier clock) {
        return new TokenBucket(PER_SECOND, BURST, clock);
    }

    /**
     * Prepares an error.
     *
     * @param mtuBytes for {@link IcmpError.Kind#TOO_BIG}: largest packet that the sender may send
     * @param about the inner packet, whole or as it was quoted
     * @param limit of the peer
     * @return false when none may be sent about this packet, or no more for now
     */
    public boolean prepare(IcmpError.Kind kind, int mtuBytes, InnerPacket about, TokenBucket limit) {
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
