package net.fougateway;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.codec.Decapsulator;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.SocketAddress;
import net.fougateway.route.Peer;
import net.fougateway.udp.IcmpSocket;
import net.fougateway.udp.PathMtu;
import net.fougateway.udp.PeerEndpoint;
import net.fougateway.udp.SourcePorts;
import net.fougateway.udp.UdpListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All sockets of the gateway towards its peers: those that listen, one set for each worker, those that outer packets leave from, and
 * those that tell what became of them.
 */
final class Underlay implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Underlay.class);

    private final List<List<UdpListener>> listenersByWorker = new ArrayList<>();
    private final Map<SourcePorts.Kind, SourcePorts> sourcePorts = new HashMap<>();
    private final Map<SourcePorts.Kind, SourcePorts> fragmentedPorts = new HashMap<>();
    private final List<IcmpSocket> icmpSockets = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();
    private final List<PathMtu> pathMtus;

    private Underlay(List<Peer> peers) {
        pathMtus = peers.stream()
                .map(peer -> new PathMtu(peer.pathMtuBytes(), peer.isIpv4Underlay(), System::nanoTime))
                .toList();
    }

    /**
     * Opens all sockets; the listening ones are owned by the channels that will be made of them.
     *
     * @throws LinuxException whose message says which port or option it was
     */
    static Underlay open(GatewayConfig config, List<Peer> peers, int workers) throws LinuxException {
        Underlay underlay = new Underlay(peers);
        for (GatewayConfig.Listen listen : config.listen()) {
            for (InetAddress address : addresses(listen)) {
                UdpListener.requireFree(address, listen.port());
            }
        }
        for (int worker = 0; worker < workers; worker++) {
            underlay.listenersByWorker.add(listeners(config));
        }
        try {
            for (Peer peer : peers) {
                underlay.openSourcePorts(kind(peer), config.sourcePorts());
            }
            for (Peer peer : peers) {
                underlay.openFragmentedPorts(fragmentedKind(peer), config.sourcePorts());
            }
        } catch (LinuxException e) {
            underlay.close();
            throw e;
        }
        return underlay;
    }

    private static List<UdpListener> listeners(GatewayConfig config) throws LinuxException {
        boolean gro = config.device().offload().udpGro() == GatewayConfig.Switch.AUTO;
        List<UdpListener> listeners = new ArrayList<>();
        for (GatewayConfig.Listen listen : config.listen()) {
            for (InetAddress address : addresses(listen)) {
                listeners.add(UdpListener.open(address, listen.port(), payload(listen), gro));
            }
        }
        return listeners;
    }

    private static int payload(GatewayConfig.Listen listen) {
        return listen.gue() ? Decapsulator.GUE : listen.ipproto().number();
    }

    /** The configured address, or the wildcards of the families that this kernel has. */
    private static List<InetAddress> addresses(GatewayConfig.Listen listen) {
        return listen.local() != null
                ? List.of(listen.local())
                : listen.bindAddresses().stream()
                        .filter(UdpListener::isFamilySupported)
                        .toList();
    }

    private void openSourcePorts(SourcePorts.Kind kind, GatewayConfig.SourcePorts pool) throws LinuxException {
        if (!sourcePorts.containsKey(kind)) {
            sourcePorts.put(kind, open(kind, pool));
        }
    }

    /** A single one will do: what is fragmented outside the tunnel is an exception, and slow anyway. */
    private void openFragmentedPorts(SourcePorts.Kind kind, GatewayConfig.SourcePorts pool) throws LinuxException {
        if (!sourcePorts.containsKey(kind) && !fragmentedPorts.containsKey(kind)) {
            fragmentedPorts.put(
                    kind,
                    SourcePorts.pool(kind, pool.range().min(), pool.range().max(), 1));
        }
    }

    /** Begins to hear of ICMP errors in the families of the peers. Without the right to do so this is a finding, no failure. */
    void hearIcmpErrors(List<Peer> peers) {
        peers.stream().map(Peer::isIpv4Underlay).distinct().forEach(this::openIcmp);
    }

    private void openIcmp(boolean ipv4) {
        try {
            icmpSockets.add(IcmpSocket.open(ipv4));
        } catch (LinuxException e) {
            String finding = ("%s: path MTUs are learned late, and senders are not told that a peer is out of reach; "
                            + "give the capability NET_RAW (container: --cap-add NET_RAW; "
                            + "systemd: AmbientCapabilities=CAP_NET_RAW)")
                    .formatted(e.getMessage());
            log.warn("{}", finding);
            findings.add(finding);
        }
    }

    private static SourcePorts.Kind kind(Peer peer) {
        return new SourcePorts.Kind(
                SocketAddress.family(peer.remote()),
                peer.local(),
                peer.sourcePort(),
                peer.checksum(),
                peer.pmtuDiscovery(),
                peer.ttl());
    }

    private static SourcePorts.Kind fragmentedKind(Peer peer) {
        return new SourcePorts.Kind(
                SocketAddress.family(peer.remote()),
                peer.local(),
                peer.pmtuDiscovery() ? GatewayConfig.AUTO : peer.sourcePort(),
                peer.checksum(),
                false,
                peer.ttl());
    }

    private SourcePorts open(SourcePorts.Kind kind, GatewayConfig.SourcePorts pool) throws LinuxException {
        if (kind.port() == GatewayConfig.AUTO) {
            return SourcePorts.pool(kind, pool.range().min(), pool.range().max(), pool.sockets());
        }
        Optional<UdpListener> listener = listenerOn(kind);
        return listener.isPresent() ? SourcePorts.shared(kind, listener.get().fd()) : SourcePorts.pinned(kind);
    }

    private Optional<UdpListener> listenerOn(SourcePorts.Kind kind) {
        return listenersByWorker.get(0).stream()
                .filter(listener -> listener.port() == kind.port())
                .filter(listener -> SocketAddress.family(listener.address()) == kind.family())
                .findFirst();
    }

    /** The listening sockets of a worker. */
    List<UdpListener> listeners(int worker) {
        return listenersByWorker.get(worker);
    }

    /** All listening sockets. */
    List<UdpListener> listeners() {
        return listenersByWorker.stream().flatMap(List::stream).toList();
    }

    /** Endpoints by peer index. */
    PeerEndpoint[] endpoints(List<Peer> peers) {
        return peers.stream()
                .map(peer ->
                        new PeerEndpoint(peer, sourcePorts.get(kind(peer)), fragmentedPortsOf(peer), pathMtu(peer)))
                .toArray(PeerEndpoint[]::new);
    }

    private SourcePorts fragmentedPortsOf(Peer peer) {
        SourcePorts.Kind kind = fragmentedKind(peer);
        return fragmentedPorts.getOrDefault(kind, sourcePorts.get(kind));
    }

    /** What is known of the path to a peer. */
    PathMtu pathMtu(Peer peer) {
        return pathMtus.get(peer.index());
    }

    /** The sockets that hear of ICMP errors; owned by the channels that will be made of them. */
    List<IcmpSocket> icmpSockets() {
        return icmpSockets;
    }

    /** What the operator should know and do. */
    List<String> findings() {
        return findings;
    }

    /** Number of UDP source ports in use. */
    int sourcePortCount() {
        return sourcePorts.values().stream().mapToInt(SourcePorts::size).sum();
    }

    /** Closes the source-port sockets. */
    @Override
    public void close() {
        sourcePorts.values().forEach(SourcePorts::close);
        fragmentedPorts.values().forEach(SourcePorts::close);
    }
}
