package net.fougateway;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.route.Peer;
import net.fougateway.udp.PathMtu;
import net.fougateway.udp.PeerEndpoint;
import net.fougateway.udp.SourcePorts;
import net.fougateway.udp.UdpListener;

/** The sockets that outer packets leave from, and what is known of the paths to the peers. Peers with the same needs share sockets. */
final class SendingSockets implements AutoCloseable {

    private record Path(String peer, InetAddress remote, Optional<InetAddress> local, int routeBytes) {

        static Path to(Peer peer) {
            return new Path(peer.name(), peer.remote(), peer.local(), peer.pathMtuBytes());
        }
    }

    /** Few will do: what is fragmented outside the tunnel is an exception, and slow anyway. */
    private static final int FRAGMENTED_SOCKETS = 16;

    private final GatewayConfig.SourcePorts settings;
    private final Function<SourcePorts.Kind, Optional<UdpListener>> listenerOn;
    private final Map<SourcePorts.Kind, SourcePorts> pools = new HashMap<>();
    private final Map<SourcePorts.Kind, SourcePorts> fragmentedPools = new HashMap<>();
    private final Map<Path, PathMtu> pathMtus = new HashMap<>();
    private final Map<String, AtomicInteger> sequences = new HashMap<>();
    private PeerEndpoint[] current = {};

    /**
     * None yet.
     *
     * @param listenerOn finds a listening socket on a pinned port
     */
    SendingSockets(GatewayConfig.SourcePorts settings, Function<SourcePorts.Kind, Optional<UdpListener>> listenerOn) {
        this.settings = settings;
        this.listenerOn = listenerOn;
    }

    /**
     * Opens what peers need and is not open yet.
     *
     * @throws LinuxException whose message says which port or option it was; then what was open before still is
     */
    synchronized void open(List<Peer> all) throws LinuxException {
        List<Peer> peers = all.stream().filter(Peer::isResolved).toList();
        for (Peer peer : peers) {
            SourcePorts.Kind kind = SourcePorts.Kind.of(peer);
            if (!pools.containsKey(kind)) {
                pools.put(kind, open(kind));
            }
            pathMtus.computeIfAbsent(
                    Path.to(peer), path -> new PathMtu(path.routeBytes(), peer.isIpv4Underlay(), System::nanoTime));
            sequences.computeIfAbsent(peer.name(), name -> new AtomicInteger());
        }
        for (Peer peer : peers) {
            openFragmented(SourcePorts.Kind.of(peer).fragmented());
        }
    }

    private SourcePorts open(SourcePorts.Kind kind) throws LinuxException {
        if (kind.port() == GatewayConfig.AUTO) {
            return pool(kind, settings.sockets());
        }
        Optional<UdpListener> listener = listenerOn.apply(kind);
        return listener.isPresent() ? SourcePorts.shared(kind, listener.get().fd()) : SourcePorts.pinned(kind);
    }

    /** Not beside a listening socket on the same port, which would lose to it what arrives. */
    private void openFragmented(SourcePorts.Kind kind) throws LinuxException {
        if (!pools.containsKey(kind) && !fragmentedPools.containsKey(kind)) {
            boolean pinned =
                    kind.port() != GatewayConfig.AUTO && listenerOn.apply(kind).isEmpty();
            int sockets = Math.min(settings.sockets(), FRAGMENTED_SOCKETS);
            fragmentedPools.put(kind, pinned ? SourcePorts.pinned(kind) : pool(kind, sockets));
        }
    }

    private SourcePorts pool(SourcePorts.Kind kind, int sockets) throws LinuxException {
        return SourcePorts.pool(kind, settings.range().min(), settings.range().max(), sockets);
    }

    /** Closes what none of {@code peers} needs. */
    synchronized void retain(List<Peer> peers) {
        Set<SourcePorts.Kind> kinds = new HashSet<>();
        for (Peer peer : peers) {
            SourcePorts.Kind kind = SourcePorts.Kind.of(peer);
            kinds.add(kind);
            kinds.add(kind.fragmented());
        }
        retain(pools, kinds);
        retain(fragmentedPools, kinds);
        pathMtus.keySet().retainAll(peers.stream().map(Path::to).collect(Collectors.toSet()));
        sequences.keySet().retainAll(peers.stream().map(Peer::name).collect(Collectors.toSet()));
    }

    private static void retain(Map<SourcePorts.Kind, SourcePorts> pools, Set<SourcePorts.Kind> kinds) {
        pools.entrySet().removeIf(pool -> {
            boolean unused = !kinds.contains(pool.getKey());
            if (unused) {
                pool.getValue().close();
            }
            return unused;
        });
    }

    /** Names of the peers that packets leave to one by one, because the kernel refused them as segments. */
    synchronized List<String> refusingSegments() {
        return resolved()
                .filter(PeerEndpoint::refusesSegments)
                .map(endpoint -> endpoint.peer().name())
                .toList();
    }

    /** True when {@code UDP_SEGMENT} is of no use, because the kernel refused it towards every peer. */
    synchronized boolean allRefuseSegments() {
        return resolved().findAny().isPresent() && resolved().allMatch(PeerEndpoint::refusesSegments);
    }

    private Stream<PeerEndpoint> resolved() {
        return Arrays.stream(current).filter(Objects::nonNull);
    }

    /** New endpoints by peer index, which all workers share; none for peers that are not resolved, the others must be open. */
    synchronized PeerEndpoint[] endpoints(List<Peer> peers) {
        current = peers.stream()
                .map(peer -> peer.isResolved() ? endpoint(peer) : null)
                .toArray(PeerEndpoint[]::new);
        return current;
    }

    private PeerEndpoint endpoint(Peer peer) {
        SourcePorts.Kind kind = SourcePorts.Kind.of(peer);
        return new PeerEndpoint(
                peer,
                pools.get(kind),
                fragmentedPools.getOrDefault(kind.fragmented(), pools.get(kind.fragmented())),
                pathMtu(peer),
                sequences.get(peer.name()));
    }

    /** What is known of the path to a peer. */
    synchronized PathMtu pathMtu(Peer peer) {
        return pathMtus.get(Path.to(peer));
    }

    /** Number of UDP source ports in use. */
    synchronized int count() {
        return pools.values().stream().mapToInt(SourcePorts::size).sum();
    }

    /** The smallest send buffer in force, in bytes; nothing when no socket is open. */
    synchronized OptionalInt sendBufferBytes() {
        return pools.values().stream().mapToInt(SourcePorts::sendBufferBytes).min();
    }

    @Override
    public synchronized void close() {
        retain(List.of());
    }
}
