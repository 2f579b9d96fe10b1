package net.fougateway.path;

import net.fougateway.codec.Coalescer;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;
import net.fougateway.tun.TunQueue;

/** IP packets, between peers and a TUN device. */
final class PacketCarriage implements Carried {

    @Override
    public InnerPacket packet() {
        return new InnerPacket();
    }

    @Override
    public UdpToTun udpToTun(TunQueue tun, Coalescer coalescer, Books books, Accidents accidents) {
        return new UdpToTun(tun, coalescer, packet(), books, accidents);
    }

    @Override
    public TunToUdp tunToUdp(Outbox outbox, SenderNotices notices, Books books, Accidents accidents) {
        return new TunToUdp(new Outgoing(packet()), outbox, notices, books, accidents);
    }

    @Override
    public UnderlayErrors underlayErrors(
            FlowHash flowHash,
            HostAddresses ours,
            SenderNotices notices,
            WorkerCounters counters,
            Accidents accidents) {
        return new UnderlayErrors(packet(), flowHash, ours, notices, counters, accidents);
    }
}
