package net.fougateway.engine;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.host.Finding;
import net.fougateway.linux.LinuxException;
import net.fougateway.path.PathMtu;
import net.fougateway.path.PeerEndpoint;
import net.fougateway.path.TokenBucket;
import net.fougateway.route.Peer;
import net.fougateway.takeover.Handover;
import net.fougateway.udp.ReservedPorts;
import net.fougateway.udp.SourcePorts;
import net.fougateway.udp.UdpListener;

/** The sockets that outer packets leave from, and what is known of the paths to the peers. Peers with the same needs share sockets. */
final class SendingSockets implements BoundDevices.Sockets, AutoCloseable {

    private record Path(String peer, InetAddress remote, Optional<InetAddress> local) {

        static Path to(Peer peer) {
            return new Path(peer.name(), peer.remote(), peer.local());
        }
    }

    /** Few will do: what is fragmented outside the tunnel is an exception, and slow anyway. */
    private static final int FRAGMENTED_SOCKETS = 16;
    /** The sockets that something arrives at, as far as those that send have to know them. */
    interface Arrivals {

        /** A listening socket where {@code kind} is to send from. */
        Optional<UdpListener> listenerOn(SourcePorts.Kind kind);

        /** True when the gateway hears of ICMP errors in an address family. */
        boolean hearsIcmp(int family);
    }

    private final GatewayConfig.SourcePorts settings;
    private final Arrivals arrivals;
    private final Inheritance inheritance;
    private final Map<SourcePorts.Kind, SourcePorts> pools = new HashMap<>();
    private final Map<SourcePorts.Kind, SourcePorts> fragmentedPools = new HashMap<>();
    private final Map<Path, PathMtu> pathMtus = new HashMap<>();
    private final Map<String, AtomicInteger> sequences = new HashMap<>();
    private final Map<String, TokenBucket> icmpLimits = new HashMap<>();
    private PeerEndpoint[] current = {};
    private Map<String, PeerEndpoint> currentByName = Map.of();

    /** None yet. */
    SendingSockets(GatewayConfig.SourcePorts settings, Arrivals arrivals, Inheritance inheritance) {
        this.settings = settings;
        this.arrivals = arrivals;
        this.inheritance = inheritance;
    }

    /**
     * Opens what peers need and is not open yet, pinned ports first, so that no pool takes them.
     *
     * @throws LinuxException whose message says which port or option it was; then what was open before still is
     */
    synchronized void open(List<Peer> all) throws LinuxException {
        List<Peer> peers = all.stream()
                .filter(Peer::isResolved)
                .sorted(Comparator.comparing(peer -> peer.sourcePort() == GatewayConfig.AUTO))
                .toList();
        BitSet avoided = ReservedPorts.read();
        peers.forEach(peer -> avoided.set(peer.sourcePort()));
        for (Peer peer : peers) {
            SourcePorts.Kind kind = PeerEndpoint.socketKind(peer);
            SourcePorts.Supply supply = supply(kind, avoided);
            if (pools.containsKey(kind)) {
                pools.get(kind).claim(supply);
            } else {
                pools.put(kind, open(kind, supply, settings.sockets()));
            }
            pathMtus.computeIfAbsent(
                            Path.to(peer),
                            path -> new PathMtu(peer.pathMtuBytes(), peer.isIpv4Underlay(), System::nanoTime))
                    .route(peer.pathMtuBytes());
            sequences.computeIfAbsent(peer.name(), name -> new AtomicInteger());
            icmpLimits.computeIfAbsent(peer.name(), name -> TokenBucket.ofIcmpErrors(System::nanoTime));
        }
        for (Peer peer : peers) {
            openFragmented(PeerEndpoint.socketKind(peer).fragmented(), avoided);
        }
    }

    private SourcePorts.Supply supply(SourcePorts.Kind kind, BitSet avoided) {
        return new SourcePorts.Supply(
                settings.range().min(), settings.range().max(), avoided, arrivals.hearsIcmp(kind.family()));
    }

    private SourcePorts open(SourcePorts.Kind kind, SourcePorts.Supply supply, int sockets) throws LinuxException {
        boolean isPool = kind.port() == GatewayConfig.AUTO;
        Optional<Handover.Pool> left = inheritance.takePool(kind, isPool ? sockets : 1, supply);
        if (left.isPresent()) {
            return SourcePorts.inherited(
                    kind, supply, left.get().sockets(), left.get().ports());
        }
        if (isPool) {
            return SourcePorts.pool(kind, supply, sockets);
        }
        Optional<UdpListener> listener = arrivals.listenerOn(kind);
        return listener.isPresent()
                ? SourcePorts.shared(kind, supply, listener.get().fd())
                : SourcePorts.pinned(kind, supply);
    }

    /** Not beside a listening socket on the same port, which would lose to it what arrives: there it is a pool. */
    private void openFragmented(SourcePorts.Kind kind, BitSet avoided) throws LinuxException {
        if (!pools.containsKey(kind) && !fragmentedPools.containsKey(kind)) {
            SourcePorts.Kind own = arrivals.listenerOn(kind).isPresent() ? kind.pooled() : kind;
            int sockets = Math.min(settings.sockets(), FRAGMENTED_SOCKETS);
            fragmentedPools.put(kind, open(own, supply(kind, avoided), sockets));
        }
    }

    /** Closes what none of {@code peers} needs. */
    synchronized void retain(List<Peer> peers) {
        Set<SourcePorts.Kind> kinds = new HashSet<>();
        for (Peer peer : peers) {
            SourcePorts.Kind kind = PeerEndpoint.socketKind(peer);
            kinds.add(kind);
            kinds.add(kind.fragmented());
        }
        retain(pools, kinds);
        retain(fragmentedPools, kinds);
        pathMtus.keySet().retainAll(peers.stream().map(Path::to).collect(Collectors.toSet()));
        Set<String> names = peers.stream().map(Peer::name).collect(Collectors.toSet());
        sequences.keySet().retainAll(names);
        icmpLimits.keySet().retainAll(names);
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

    /** Names of the peers whose machines say that nobody has the port. */
    synchronized List<String> refusing() {
        return resolved()
                .filter(PeerEndpoint::isRefused)
                .map(endpoint -> endpoint.peer().name())
                .toList();
    }

    /** True when {@code UDP_SEGMENT} is of no use, because the kernel refused it towards every peer. */
    synchronized boolean allRefuseSegments() {
        return resolved().findAny().isPresent() && resolved().allMatch(PeerEndpoint::refusesSegments);
    }

    /** Names of the peers that could not be reached since this was last asked. */
    synchronized List<String> takeUnreachable() {
        return resolved()
                .filter(PeerEndpoint::takeUnreachable)
                .map(endpoint -> endpoint.peer().name())
                .toList();
    }

    private Stream<PeerEndpoint> resolved() {
        return Arrays.stream(current).filter(Objects::nonNull);
    }

    /** New endpoints by peer index, which all workers share; none for peers that are not resolved, the others must be open. */
    synchronized PeerEndpoint[] endpoints(List<Peer> peers) {
        current = peers.stream()
                .map(peer -> peer.isResolved() ? endpoint(peer) : null)
                .toArray(PeerEndpoint[]::new);
        currentByName =
                resolved().collect(Collectors.toMap(endpoint -> endpoint.peer().name(), endpoint -> endpoint));
        return current;
    }

    /** That of a peer, if it is resolved. */
    synchronized Optional<PeerEndpoint> find(String peer) {
        return Optional.ofNullable(currentByName.get(peer));
    }

    private PeerEndpoint endpoint(Peer peer) {
        SourcePorts.Kind kind = PeerEndpoint.socketKind(peer);
        return new PeerEndpoint(
                peer,
                pools.get(kind),
                fragmentedPools.getOrDefault(kind.fragmented(), pools.get(kind.fragmented())),
                new PeerEndpoint.Shared(pathMtu(peer), sequences.get(peer.name()), icmpLimits.get(peer.name())));
    }

    /** Those of its own, for a gateway that takes over. */
    synchronized List<Handover.Pool> handover() {
        return all().filter(pool -> !pool.ownSockets().isEmpty())
                .map(pool -> new Handover.Pool(
                        pool.kind(),
                        pool.ownSockets(),
                        Arrays.stream(pool.ports()).boxed().toList()))
                .toList();
    }

    /** The next GRE sequence number of each peer. */
    synchronized Map<String, Integer> sequences() {
        return sequences.entrySet().stream()
                .filter(sequence -> sequence.getValue().get() != 0)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, sequence -> sequence.getValue().get()));
    }

    /** Paths that are narrower than their routes, by name of the peer. */
    synchronized Map<String, Integer> narrowPaths() {
        Map<String, Integer> narrow = new HashMap<>();
        pathMtus.forEach((path, pathMtu) -> {
            if (pathMtu.isNarrow()) {
                narrow.put(path.peer(), pathMtu.bytes());
            }
        });
        return narrow;
    }

    /** Goes on with what another gateway has learned. */
    synchronized void remember(Handover.Memory memory) {
        memory.sequences().forEach((peer, next) -> {
            if (sequences.containsKey(peer)) {
                sequences.get(peer).set(next);
            }
        });
        pathMtus.forEach((path, pathMtu) -> {
            if (memory.pathMtuBytes().containsKey(path.peer())) {
                pathMtu.lower(memory.pathMtuBytes().get(path.peer()));
            }
        });
    }

    /** What is known of the path to a peer. */
    synchronized PathMtu pathMtu(Peer peer) {
        return pathMtus.get(Path.to(peer));
    }

    /** Number of UDP source ports in use. */
    synchronized int count() {
        return pools.values().stream().mapToInt(SourcePorts::size).sum();
    }

    /** That a send buffer is smaller than asked for. */
    synchronized Optional<String> cutSendBuffer() {
        return pools.values().stream()
                .map(SourcePorts::sendBufferBytes)
                .filter(bytes -> bytes < SourcePorts.SEND_BUFFER_BYTES)
                .min(Comparator.naturalOrder())
                .map(bytes -> Finding.SEND_BUFFER_CUT.sentence(
                        Map.of("bytes", bytes, "wanted", SourcePorts.SEND_BUFFER_BYTES)));
    }

    @Override
    public synchronized Set<String> devices() {
        return all().map(pool -> pool.kind().device())
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    @Override
    public synchronized boolean bindAgain(String device, int index) throws LinuxException {
        boolean any = false;
        for (SourcePorts pool : all().toList()) {
            any |= pool.kind().device().equals(device) && pool.bindToDeviceAgain(index);
        }
        return any;
    }

    private Stream<SourcePorts> all() {
        return Stream.concat(pools.values().stream(), fragmentedPools.values().stream());
    }

    @Override
    public synchronized void close() {
        retain(List.of());
    }
}
