package net.fougateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Ip;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Routes;
import net.fougateway.route.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns configured peers into peers of the packet path: names into addresses, routes into path MTUs. */
public final class PeerResolver {

    private static final Logger log = LoggerFactory.getLogger(PeerResolver.class);
    private static final int DEFAULT_MTU_BYTES = 1500;

    private final Routes routes;
    private final List<String> problems = new ArrayList<>();

    private PeerResolver(Routes routes) {
        this.routes = routes;
    }

    /**
     * Resolves all peers.
     *
     * @param routes of the host, for the path MTU
     * @throws StartException with every name that does not resolve
     */
    public static List<Peer> resolve(List<GatewayConfig.Peer> configured, Routes routes) throws StartException {
        PeerResolver resolver = new PeerResolver(routes);
        List<Peer> peers = new ArrayList<>();
        for (GatewayConfig.Peer peer : configured) {
            resolver.address(peer).ifPresent(remote -> peers.add(resolver.peer(peers.size(), peer, remote)));
        }
        if (!resolver.problems.isEmpty()) {
            throw new StartException(resolver.problems);
        }
        return List.copyOf(peers);
    }

    private Optional<InetAddress> address(GatewayConfig.Peer peer) {
        try {
            return Optional.of(InetAddress.getByName(peer.remote()));
        } catch (UnknownHostException e) {
            problems.add("peer %s: the name %s does not resolve: check DNS, or write an address as remote"
                    .formatted(peer.name(), peer.remote()));
            return Optional.empty();
        }
    }

    private Peer peer(int index, GatewayConfig.Peer peer, InetAddress remote) {
        Optional<InetAddress> local = Optional.ofNullable(peer.local());
        return new Peer(
                index,
                peer.name(),
                remote,
                local,
                peer.port().forProtocol(Ip.IPIP),
                peer.port().forProtocol(Ip.IPV6),
                peer.sourcePort(),
                peer.checksum(),
                peer.ttl(),
                peer.tos(),
                peer.pmtuDiscovery(),
                peer.allowedIps(),
                pathMtuBytes(peer.name(), remote, local));
    }

    private int pathMtuBytes(String name, InetAddress remote, Optional<InetAddress> local) {
        try {
            return Math.min(routes.routeTo(remote, local).mtuBytes(), Ip.MAX_PACKET_BYTES);
        } catch (LinuxException e) {
            log.warn("peer {}: {}; assuming a path MTU of {} bytes", name, e.getMessage(), DEFAULT_MTU_BYTES);
            return DEFAULT_MTU_BYTES;
        }
    }
}
