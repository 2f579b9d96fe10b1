package net.fougateway.path;

import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.tun.IcmpMessage;
import net.fougateway.tun.TunQueue;

/** Tells senders of inner packets by ICMP what became of their packets, and counts it. Belongs to one worker. */
final class SenderNotices {

    private final IcmpMessage message = new IcmpMessage();
    private final TunQueue tun;
    private final WorkerCounters counters;

    /** Notices that are written to the worker's TUN queue. */
    SenderNotices(TunQueue tun, WorkerCounters counters) {
        this.tun = tun;
        this.counters = counters;
    }

    /**
     * Tells the sender, unless no error may be sent about this packet, or no more for now.
     *
     * @param mtuBytes for {@link IcmpError.Kind#TOO_BIG}: largest packet that the sender may send
     * @param about the inner packet, whole or as it was quoted
     * @param limit of the peer
     */
    void tell(IcmpError.Kind kind, int mtuBytes, InnerPacket about, TokenBucket limit) {
        if (!message.prepare(kind, mtuBytes, about) || !limit.take()) {
            return;
        }
        int errno = message.write(tun);
        if (errno == 0) {
            counters.icmpErrorSent(kind);
        } else {
            counters.writeError(errno);
        }
    }
}
