package net.fougateway.path;

import net.fougateway.codec.Coalescer;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;
import net.fougateway.tun.TunQueue;

/**
 * What the tunnel carries, as the handlers of both ways that know it: IP packets or Ethernet frames. A gateway has one of the two, and never
 * loads the classes of the other: so each call on the packet path has one target.
 */
interface Carried {

    /** An empty packet. */
    InnerPacket packet();

    /** The way in. */
    UdpToTun udpToTun(TunQueue tun, Coalescer coalescer, Books books, Accidents accidents);

    /** The way out. */
    TunToUdp tunToUdp(Outbox outbox, SenderNotices notices, Books books, Accidents accidents);

    /** What hears errors of the underlay. */
    UnderlayErrors underlayErrors(
            FlowHash flowHash, HostAddresses ours, SenderNotices notices, WorkerCounters counters, Accidents accidents);
}
