package net.fougateway.plan;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.Format;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Vxlan;
import net.fougateway.config.GatewayConfig;
import net.fougateway.ethernet.MacAddress;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.log.LogLimit;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Prefix;
import net.fougateway.route.Underlay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Turns configured peers into peers of the packet path: routes into path MTUs. */
final class PeerResolver {

    private static final Logger log = LoggerFactory.getLogger(PeerResolver.class);
    private static final LogLimit NO_ROUTES = LogLimit.of(log, Level.WARN, "peers without a route");
    private static final int DEFAULT_MTU_BYTES = 1500;
    /** In place of an address that is in the inner packets, or is not known. */
    private static final InetAddress ANY_IPV4 = AddressBits.address(new byte[4]);

    private static final InetAddress ANY_IPV6 = AddressBits.address(new byte[16]);

    private final HostLookups host;
    private final String device;
    private final int mark;
    private final boolean ethernet;

    private PeerResolver(GatewayConfig config, HostLookups host) {
        this.host = host;
        device = config.device().name();
        mark = config.mark();
        ethernet = config.isEthernet();
    }

    /**
     * Resolves all peers.
     *
     * @param named where those are that are at host names
     * @return in configuration order, also those whose address is not known, see {@link Peer#isResolved}
     */
    static List<Peer> resolve(GatewayConfig config, HostLookups host, NamedPeers named) {
        PeerResolver resolver = new PeerResolver(config, host);
        List<Peer> peers = new ArrayList<>();
        for (GatewayConfig.Peer peer : config.standing()) {
            peers.add(resolver.peer(peers.size(), peer.name(), peer, address(peer, named)));
        }
        return List.copyOf(peers);
    }

    /** A member of a peer of {@code type: next_hop}, with index 0. */
    static Peer member(
            GatewayConfig config, HostLookups host, GatewayConfig.Peer template, String name, InetAddress remote) {
        return new PeerResolver(config, host).peer(0, name, template, remote);
    }

    /**
     * Refuses peers at addresses of this host, where what is sent comes back to the gateway itself, and at those that stand for a whole
     * network. Loopback addresses are for tests.
     *
     * @throws StartException with every such peer
     */
    static void requireOtherHosts(GatewayConfig config, HostLookups host) throws StartException {
        List<String> wrong = config.peers().stream()
                .flatMap(peer -> peer
                        .remoteLiteral()
                        .filter(remote -> !remote.isLoopbackAddress())
                        .flatMap(remote -> notAnotherHost(remote, peer.underlay(config.mark()), host))
                        .map(what -> "peer %s: remote %s is %s: write the address of the other host"
                                .formatted(peer.name(), peer.remote(), what))
                        .stream())
                .toList();
        if (!wrong.isEmpty()) {
            throw new StartException(wrong);
        }
    }

    private static Optional<String> notAnotherHost(InetAddress remote, Underlay underlay, HostLookups host) {
        try {
            RouteInfo way = host.route(remote, underlay);
            return way.local()
                    ? Optional.of("an address of this host")
                    : Optional.of("the broadcast address of " + way.device()).filter(what -> way.broadcast());
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /** Where a peer is: the wildcard address of its family where that is not known, or is found in the inner packets. */
    static InetAddress address(GatewayConfig.Peer peer, NamedPeers named) {
        if (NamedPeers.hasName(peer)) {
            return named.address(peer).orElse(peer.local() instanceof Inet6Address ? ANY_IPV6 : ANY_IPV4);
        }
        return peer.remoteLiteral().orElse(ANY_IPV4);
    }

    private Peer peer(int index, String name, GatewayConfig.Peer peer, InetAddress remote) {
        Underlay underlay = peer.underlay(mark);
        return new Peer(
                index,
                name,
                remote,
                embedded(peer),
                underlay,
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
                peer.inKernel(),
                peer.allowedIps(),
                ethernet ? frames(peer) : PeerFrames.NONE,
                remote.isAnyLocalAddress() ? DEFAULT_MTU_BYTES : pathMtuBytes(name, remote, underlay));
    }

    private static Optional<EmbeddedAddress> embedded(GatewayConfig.Peer peer) {
        return Optional.ofNullable(
                switch (peer.type()) {
                    case FIXED, NEXT_HOP -> null;
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
        if (peer.encapsulation() == Format.VXLAN) {
            return new Vxlan(peer.vni());
        }
        boolean gre = peer.protocol() != GatewayConfig.Protocol.IP;
        return Encapsulation.of(peer.encapsulation(), peer.remoteChecksum(), gre ? gre(peer.gre()) : null);
    }

    private static Gre gre(GatewayConfig.Gre gre) {
        boolean keyed = gre.key() != null;
        return new Gre(keyed, keyed ? gre.key().value() : 0, gre.checksum(), gre.sequence());
    }

    private static PeerFrames frames(GatewayConfig.Peer peer) {
        List<Long> macs = peer.macs().stream().map(MacAddress::bits).toList();
        return new PeerFrames(macs, peer.flood(), EthernetFrame.BASE_BYTES);
    }

    private int pathMtuBytes(String name, InetAddress remote, Underlay underlay) {
        try {
            RouteInfo way = host.route(remote, underlay);
            int bytes = way.device().equals(device)
                    ? host.mtuAround(remote, device).orElse(DEFAULT_MTU_BYTES)
                    : way.mtuBytes();
            return Math.min(bytes, Ip.MAX_PACKET_BYTES);
        } catch (LinuxException e) {
            if (NO_ROUTES.permits()) {
                log.warn("peer {}: {}; assuming a path MTU of {} bytes", name, e.getMessage(), DEFAULT_MTU_BYTES);
            }
            return DEFAULT_MTU_BYTES;
        }
    }
}
