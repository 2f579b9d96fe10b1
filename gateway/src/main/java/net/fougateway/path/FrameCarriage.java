package net.fougateway.path;

import net.fougateway.codec.Coalescer;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;
import net.fougateway.tun.TunQueue;

/** Ethernet frames, between peers and a TAP device. */
final class FrameCarriage implements Carried {

    private final FloodLimit floods;

    FrameCarriage(FloodLimit floods) {
        this.floods = floods;
    }

    @Override
    public InnerPacket packet() {
        return new EthernetFrame();
    }

    @Override
    public UdpToTun udpToTun(TunQueue tun, Coalescer coalescer, Books books, Accidents accidents) {
        return new FramesToTap(tun, coalescer, new EthernetFrame(), books, accidents);
    }

    @Override
    public TunToUdp tunToUdp(Outbox outbox, SenderNotices notices, Books books, Accidents accidents) {
        return new FramesToUdp(new EthernetFrame(), floods, outbox, notices, books, accidents);
    }

    @Override
    public UnderlayErrors underlayErrors(
            FlowHash flowHash,
            HostAddresses ours,
            SenderNotices notices,
            WorkerCounters counters,
            Accidents accidents) {
        return new FrameErrors(flowHash, ours, notices, counters, accidents);
    }
}
