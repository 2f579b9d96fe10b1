package net.fougateway.status;

import io.netty.util.NetUtil;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import net.fougateway.codec.Direction;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.engine.EngineReport;
import net.fougateway.metrics.KernelPath;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshot.Traffic;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.plan.Peering;
import net.fougateway.route.Peer;

/** What a snapshot tells of the peers: words are put together once for each set of peers, numbers are read anew each time. */
final class PeerReport {

    private record Words(Peering of, List<Snapshot.Peer> peers) {}

    private volatile Words words;

    /** All peers, in the order of their indexes. Compares objects, not all that is in them. */
    @SuppressWarnings("ReferenceEquality")
    List<Snapshot.Peer> of(Peering peering, EngineReport engine) {
        Words now = words;
        if (now == null || now.of != peering) {
            now = new Words(
                    peering, peering.peers().stream().map(PeerReport::inWords).toList());
            words = now;
        }
        List<Snapshot.Peer> idle = now.peers;
        return IntStream.range(0, idle.size())
                .mapToObj(i -> counted(idle.get(i), peering.peers().get(i), engine))
                .toList();
    }

    private static Snapshot.Peer inWords(Peer peer) {
        return new Snapshot.Peer(
                peer.name(),
                remote(peer),
                ports(peer),
                peer.encapsulation().label(),
                peer.allowedIps().stream().map(Object::toString).toList(),
                peer.pathMtuBytes(),
                Snapshot.NO_TRAFFIC,
                Snapshot.NO_TRAFFIC,
                Instant.EPOCH);
    }

    static String remote(Peer peer) {
        String address = peer.hasAddress() ? NetUtil.toAddressString(peer.remote()) : "(not known)";
        return peer.embedded().map(EmbeddedAddress::toString).orElse(address);
    }

    static String ports(Peer peer) {
        Peer.Ports ports = peer.ports();
        if (peer.encapsulation().greHeader().isPresent()) {
            return Integer.toString(ports.gre());
        }
        return ports.ipv4() == ports.ipv6()
                ? Integer.toString(ports.ipv4())
                : "4:%d 41:%d".formatted(ports.ipv4(), ports.ipv6());
    }

    private static Snapshot.Peer counted(Snapshot.Peer idle, Peer peer, EngineReport engine) {
        long lastReceiveMillis = 0;
        Traffic udpToTun = Snapshot.NO_TRAFFIC;
        Traffic tunToUdp = Snapshot.NO_TRAFFIC;
        for (WorkerCounters counter : engine.counters()) {
            lastReceiveMillis = Math.max(lastReceiveMillis, counter.peers().lastReceiveMillis(peer.name()));
            udpToTun = udpToTun.plus(counter.peers().forwarded(Direction.UDP_TO_TUN, peer.name()));
            tunToUdp = tunToUdp.plus(counter.peers().forwarded(Direction.TUN_TO_UDP, peer.name()));
        }
        KernelPath.Carried in = engine.kernelPath().carried(peer.name(), Direction.UDP_TO_TUN);
        KernelPath.Carried out = engine.kernelPath().carried(peer.name(), Direction.TUN_TO_UDP);
        return idle.with(
                engine.pathMtuBytes().applyAsInt(peer),
                udpToTun.plus(in.traffic()),
                tunToUdp.plus(out.traffic()),
                Instant.ofEpochMilli(Math.max(lastReceiveMillis, in.last().toEpochMilli())));
    }
}
