package net.fougateway.engine;

import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import net.fougateway.ebpf.PortPlaces;
import net.fougateway.ebpf.Way;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.RouteInfo;
import net.fougateway.linux.Routes;
import net.fougateway.path.PeerEndpoint;
import net.fougateway.route.Peer;
import net.fougateway.route.Underlay;
import net.fougateway.udp.SourcePorts;

/** Which way each peer is reached, as the host has it: by which device, from which address, from which ports. Not thread-safe. */
final class PeerWays {

    private static final int ARPHRD_ETHER = 1;
    private static final int MOST_BYTES = 0xffff;
    /** Devices that end at a wire, or consist of such. */
    private static final Set<String> WIRED = Set.of("", "bond", "team");
    /** Devices upon another one. */
    private static final Set<String> UPON = Set.of("vlan", "macvlan", "ipvlan");

    private record Question(InetAddress remote, Underlay underlay) {

        static Question of(Peer peer) {
            return new Question(peer.remote(), peer.underlay());
        }
    }

    private final Links links;
    private final Routes routes;
    private final String tunnel;
    private final Function<String, Optional<PeerEndpoint>> endpoints;
    private final PortPlaces places;
    private Map<Integer, Link> devices = Map.of();
    private Map<Question, Optional<RouteInfo>> answers = new HashMap<>();

    /**
     * Nothing is known yet.
     *
     * @param tunnel name of the tunnel device, through which nobody is reached
     * @param endpoints by name of the peer
     */
    PeerWays(Netlink netlink, String tunnel, Function<String, Optional<PeerEndpoint>> endpoints, PortPlaces places) {
        links = new Links(netlink);
        routes = new Routes(netlink);
        this.tunnel = tunnel;
        this.endpoints = endpoints;
        this.places = places;
    }

    /** Asks the host anew about all that is asked from now on. */
    void forget() {
        answers = new HashMap<>();
    }

    /** Asks the host about these peers, as far as that is not known; what only others needed is forgotten. */
    void look(List<Peer> peers) throws LinuxException {
        Map<Integer, Link> found = new HashMap<>();
        links.all().forEach(link -> found.put(link.index(), link));
        devices = found;
        Map<Question, Optional<RouteInfo>> known = new HashMap<>();
        for (Peer peer : peers) {
            if (peer.hasAddress()) {
                Question question = Question.of(peer);
                Optional<RouteInfo> answer = answers.get(question);
                known.put(question, answer != null ? answer : ask(question));
            }
        }
        answers = known;
    }

    private Optional<RouteInfo> ask(Question question) {
        try {
            return Optional.of(routes.routeTo(question.remote(), question.underlay()))
                    .filter(way ->
                            !way.local() && !way.broadcast() && !way.device().equals(tunnel));
        } catch (LinuxException noRoute) {
            return Optional.empty();
        }
    }

    /** The device that a peer is reached by; only Ethernet, because programs look for its header. */
    Optional<Link> device(Peer peer) {
        return answers.getOrDefault(Question.of(peer), Optional.empty())
                .map(way -> devices.get(way.interfaceIndex()))
                .filter(device -> device.hardwareType() == ARPHRD_ETHER);
    }

    /** The devices that peers are reached by. */
    Collection<Link> devices(List<Peer> peers) {
        Map<Integer, Link> used = new LinkedHashMap<>();
        peers.forEach(peer -> device(peer).ifPresent(device -> used.put(device.index(), device)));
        return used.values();
    }

    /** True for devices that hand super-packets and unfinished checksums over as they are; nothing is known of those in other namespaces. */
    boolean isVirtual(Link device) {
        Link lower = devices.get(device.lowerIndex());
        boolean upon = UPON.contains(device.kind()) && lower != null && lower.index() != device.index();
        return upon ? isVirtual(lower) : !WIRED.contains(device.kind());
    }

    /** The way to a peer. */
    Way way(Peer peer, int slot) {
        Optional<Link> device = device(peer);
        Optional<PeerEndpoint> endpoint = endpoints.apply(peer.name());
        if (device.isEmpty() || endpoint.isEmpty()) {
            return Way.none(slot, peer);
        }
        RouteInfo route = answers.get(Question.of(peer)).orElseThrow();
        SourcePorts ports = endpoint.get().sourcePorts();
        OptionalInt first = places.first(ports, ports.size());
        Optional<InetAddress> local = peer.local().or(route::preferredSource);
        if (first.isEmpty() || local.isEmpty()) {
            return Way.none(slot, peer);
        }
        return new Way(
                slot,
                local.get(),
                device.get().index(),
                first.getAsInt(),
                ports.size(),
                Math.min(endpoint.get().pathMtu().bytes(), MOST_BYTES),
                isVirtual(device.get()));
    }

    /** The pools of source ports of these peers. */
    Set<SourcePorts> pools(List<Peer> peers) {
        Set<SourcePorts> pools = new HashSet<>();
        peers.forEach(peer -> endpoints.apply(peer.name()).ifPresent(endpoint -> pools.add(endpoint.sourcePorts())));
        return pools;
    }
}
