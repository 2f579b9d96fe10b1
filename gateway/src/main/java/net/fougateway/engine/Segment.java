package net.fougateway.engine;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.config.EthernetSettings;
import net.fougateway.config.GatewayConfig;
import net.fougateway.ethernet.Flooding;
import net.fougateway.ethernet.MacTable;
import net.fougateway.ethernet.Switching;
import net.fougateway.host.Finding;
import net.fougateway.metrics.Ethernet;
import net.fougateway.path.FloodLimit;
import net.fougateway.path.Forwarding;
import net.fougateway.path.PeerEndpoint;
import net.fougateway.plan.Peering;
import net.fougateway.route.Peer;
import net.fougateway.takeover.Handover;

/**
 * The Ethernet segment that a gateway with a TAP device is part of: what outlives a change of the peers. All workers share it.
 *
 * @param macs where MAC addresses are
 * @param floods how many frames may go to every peer
 */
record Segment(MacTable macs, FloodLimit floods, boolean learning) {

    /** A loop is told of for so long after it was last seen. */
    private static final long LOOP_TOLD_MILLIS = 60_000;

    /** Nothing where IP is carried. */
    static Optional<Segment> of(GatewayConfig config) {
        EthernetSettings settings = config.ethernet();
        return config.isEthernet()
                ? Optional.of(new Segment(
                        new MacTable(settings.entries(), settings.age(), System::nanoTime),
                        new FloodLimit(settings.flood(), System::nanoTime),
                        settings.learning()))
                : Optional.empty();
    }

    /** What a worker knows of the peers. */
    Forwarding forwarding(Peering peering, PeerEndpoint... endpoints) {
        Switching switching = new Switching(macs, learning, peering.peers(), peering.routes(), peering.sourceCheck());
        return Forwarding.ofFrames(peering.peers(), peering.routes(), endpoints, switching);
    }

    /** Where addresses are, for a gateway that takes over. */
    List<Handover.Mac> handover() {
        return macs.list().stream()
                .map(entry -> new Handover.Mac(entry.mac(), entry.vlan(), entry.peer()))
                .toList();
    }

    /** Goes on with what another gateway has learned. */
    void remember(Handover.Memory memory, List<Peer> peers) {
        Set<String> names = peers.stream().map(Peer::name).collect(Collectors.toSet());
        for (Handover.Mac mac : memory.macs()) {
            if (mac.peer().isEmpty() || names.contains(mac.peer())) {
                int port = mac.peer().isEmpty() ? MacTable.LOCAL : macs.port(mac.peer());
                macs.learn(mac.mac(), mac.vlan(), port, macs.nowMillis());
            }
        }
    }

    /** What it tells of itself. */
    Ethernet report(List<Peer> peers) {
        Map<Flooding, Long> flooded = new EnumMap<>(Flooding.class);
        for (Flooding cause : Flooding.values()) {
            flooded.put(cause, floods.flooded(cause));
        }
        return new Ethernet(() -> list(peers), flooded, macs.moves(), macs.refused());
    }

    private List<MacTable.Entry> list(List<Peer> peers) {
        Stream<MacTable.Entry> fixed = peers.stream()
                .flatMap(peer -> peer.frames().macs().stream().map(mac -> MacTable.Entry.fixed(mac, peer.name())));
        return Stream.concat(fixed, macs.list().stream()).toList();
    }

    /** What the operator should know. */
    List<String> findings(String device) {
        List<String> findings = new ArrayList<>();
        String peer = macs.loopingPeer(LOOP_TOLD_MILLIS);
        if (!peer.isEmpty()) {
            findings.add(Finding.MAC_LOOP.sentence(Map.of("device", device, "peer", peer)));
        }
        if (macs.isFull()) {
            findings.add(
                    Finding.MACS_FULL.sentence(Map.of("device", device, "entries", Integer.toString(macs.entries()))));
        }
        return findings;
    }

    /** Forgets addresses that were not seen for long enough. */
    void sweep() {
        macs.sweep();
    }
}
