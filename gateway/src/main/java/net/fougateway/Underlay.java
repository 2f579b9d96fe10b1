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
import net.fougateway.udp.PeerEndpoint;
import net.fougateway.udp.SourcePorts;
import net.fougateway.udp.UdpListener;

/** All UDP sockets of the gateway: those that listen, one set for each worker, and those that outer packets leave from. */
final class Underlay implements AutoCloseable {

    private final List<List<UdpListener>> listenersByWorker = new ArrayList<>();
    private final Map<SourcePorts.Kind, SourcePorts> sourcePorts = new HashMap<>();

    private Underlay() {}

    /**
     * Opens all sockets; the listening ones are owned by the channels that will be made of them.
     *
     * @throws LinuxException whose message says which port or option it was
     */
    static Underlay open(GatewayConfig config, List<Peer> peers, int workers) throws LinuxException {
        Underlay underlay = new Underlay();
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
                underlay.sourcePortsOf(peer, config.sourcePorts());
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

    private SourcePorts sourcePortsOf(Peer peer, GatewayConfig.SourcePorts pool) throws LinuxException {
        SourcePorts.Kind kind = kind(peer);
        SourcePorts existing = sourcePorts.get(kind);
        if (existing != null) {
            return existing;
        }
        SourcePorts opened = open(kind, pool);
        sourcePorts.put(kind, opened);
        return opened;
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
                .map(peer -> new PeerEndpoint(peer, sourcePorts.get(kind(peer))))
                .toArray(PeerEndpoint[]::new);
    }

    /** Number of UDP source ports in use. */
    int sourcePortCount() {
        return sourcePorts.values().stream().mapToInt(SourcePorts::size).sum();
    }

    /** Closes the source-port sockets. */
    @Override
    public void close() {
        sourcePorts.values().forEach(SourcePorts::close);
    }
}
