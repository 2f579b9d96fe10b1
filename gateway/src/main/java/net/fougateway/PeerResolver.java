package net.fougateway;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Ip;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Routes;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns configured peers into peers of the packet path: names into addresses, routes into path MTUs. */
public final class PeerResolver {

    private static final Logger log = LoggerFactory.getLogger(PeerResolver.class);
    private static final int DEFAULT_MTU_BYTES = 1500;

    /** Knows the way to a peer. */
    public interface PathMtu {
        /**
         * Largest outer packet in bytes.
         *
         * @param local source address, if it matters
         * @throws LinuxException when there is no way
         */
        int bytes(InetAddress remote, Optional<InetAddress> local) throws LinuxException;
    }

    private final PathMtu pathMtu;
    private final List<String> problems = new ArrayList<>();

    private PeerResolver(PathMtu pathMtu) {
        this.pathMtu = pathMtu;
    }

    /**
     * Resolves all peers.
     *
     * @param routes of the host, for the path MTU
     * @throws StartException with every name that does not resolve
     */
    public static List<Peer> resolve(List<GatewayConfig.Peer> configured, Routes routes) throws StartException {
        return resolve(
                configured, (remote, local) -> routes.routeTo(remote, local).mtuBytes());
    }

    /** As {@link #resolve(List, Routes)}, with path MTUs from elsewhere. */
    public static List<Peer> resolve(List<GatewayConfig.Peer> configured, PathMtu pathMtu) throws StartException {
        PeerResolver resolver = new PeerResolver(pathMtu);
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
            if (peer.type() != GatewayConfig.PeerType.FIXED) {
                return Optional.of(Inet4Address.getByAddress(new byte[4]));
            }
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
                embedded(peer),
                local,
                new Peer.Ports(
                        peer.port().forProtocol(Ip.IPIP),
                        peer.port().forProtocol(Ip.IPV6),
                        peer.port().forProtocol(Ip.GRE)),
                peer.sourcePort(),
                peer.checksum(),
                encapsulation(peer),
                gre(peer.gre()),
                peer.ttl(),
                peer.tos(),
                peer.pmtuDiscovery(),
                peer.mssClamp() == GatewayConfig.Switch.AUTO,
                peer.allowedIps(),
                remote.isAnyLocalAddress() ? DEFAULT_MTU_BYTES : pathMtuBytes(peer.name(), remote, local));
    }

    private static Optional<EmbeddedAddress> embedded(GatewayConfig.Peer peer) {
        return Optional.ofNullable(
                switch (peer.type()) {
                    case FIXED -> null;
                    case SIX_TO_FOUR -> EmbeddedAddress.SIX_TO_FOUR;
                    case ISATAP -> EmbeddedAddress.ISATAP;
                    case SIX_RD -> sixRd(peer.sixRd().prefix(), peer.sixRd().relayPrefix());
                });
    }

    private static EmbeddedAddress sixRd(Prefix prefix, Prefix relay) {
        return EmbeddedAddress.sixRapidDeployment(
                AddressBits.high(prefix.address()),
                prefix.length(),
                (int) AddressBits.high(relay.address()),
                relay.length());
    }

    private static Encapsulation encapsulation(GatewayConfig.Peer peer) {
        boolean gre = peer.protocol() == GatewayConfig.Protocol.GRE;
        return Encapsulation.of(peer.encapsulation(), peer.remoteChecksum(), gre ? gre(peer.gre()) : null);
    }

    private static Gre gre(GatewayConfig.Gre gre) {
        boolean keyed = gre.key() != null;
        return new Gre(keyed, keyed ? gre.key().value() : 0, gre.checksum(), gre.sequence());
    }

    private int pathMtuBytes(String name, InetAddress remote, Optional<InetAddress> local) {
        try {
            return Math.min(pathMtu.bytes(remote, local), Ip.MAX_PACKET_BYTES);
        } catch (LinuxException e) {
            log.warn("peer {}: {}; assuming a path MTU of {} bytes", name, e.getMessage(), DEFAULT_MTU_BYTES);
            return DEFAULT_MTU_BYTES;
        }
    }
}
