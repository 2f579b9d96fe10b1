package net.fougateway.path;

import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;

/** ICMP errors about datagrams with frames in them. A frame may have gone to every peer, so the outer address tells where it went. */
final class FrameErrors extends UnderlayErrors {

    FrameErrors(
            FlowHash flowHash,
            HostAddresses ours,
            SenderNotices notices,
            WorkerCounters counters,
            Accidents accidents) {
        super(new EthernetFrame(), flowHash, ours, notices, counters, accidents);
    }

    @Override
    int receiver(InnerPacket packet, int quoted) {
        return quoted;
    }
}
