package net.fougateway.plan;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.plan.NamedPeers.PeerAtName;

/**
 * Which of the addresses of its name a peer is at: one of the family of {@code local}, or else of one that is listened on, that the host
 * can send to (RFC 6724 section 6 rule 1). The one that it is at stays as long as that is so; else it is the first one. When the host can
 * send to none, the peer stays where it is.
 */
final class AddressChoice {

    private final HostLookups host;
    private final NamedPeers before;
    private final String device;
    private final int mark;
    private final Set<Boolean> ipv4Heard;
    private final List<String> problems = new ArrayList<>();

    private AddressChoice(GatewayConfig config, HostLookups host, NamedPeers before) {
        this.host = host;
        this.before = before;
        device = config.device().name();
        mark = config.mark();
        ipv4Heard = config.listen().stream()
                .flatMap(listen -> listen.bindAddresses().stream())
                .map(Inet4Address.class::isInstance)
                .collect(Collectors.toSet());
    }

    /**
     * Chooses for all peers.
     *
     * @param before where they are
     */
    static NamedPeers of(GatewayConfig config, HostLookups host, NamedPeers before) {
        AddressChoice choice = new AddressChoice(config, host, before);
        Map<PeerAtName, Optional<InetAddress>> addresses = new HashMap<>();
        config.peers().stream()
                .filter(NamedPeers::hasName)
                .forEach(peer -> addresses.put(PeerAtName.of(peer), choice.address(peer)));
        return new NamedPeers(addresses, choice.problems);
    }

    private Optional<InetAddress> address(GatewayConfig.Peer peer) {
        List<InetAddress> all = host.addresses(peer.remote());
        List<InetAddress> usable =
                all.stream().filter(address -> isUsable(peer, address)).toList();
        if (usable.isEmpty()) {
            problems.add(all.isEmpty() ? doesNotResolve(peer) : hasNoUsableAddress(peer, all));
        }
        Optional<InetAddress> present = before.address(peer).filter(address -> isUsable(peer, address));
        return Stream.concat(present.filter(usable::contains).stream(), usable.stream())
                .filter(address -> isReachable(peer, address))
                .findFirst()
                .or(() -> present)
                .or(() -> usable.stream().findFirst());
    }

    private boolean isUsable(GatewayConfig.Peer peer, InetAddress address) {
        boolean ipv4 = address instanceof Inet4Address;
        return peer.local() == null ? ipv4Heard.contains(ipv4) : peer.local() instanceof Inet4Address == ipv4;
    }

    /** Not through the tunnel itself, whose routes may capture every address of a family that the underlay does not have. */
    private boolean isReachable(GatewayConfig.Peer peer, InetAddress address) {
        try {
            RouteInfo way = host.route(address, peer.underlay(mark));
            return way.device().equals(device)
                    ? host.mtuAround(address, device).isPresent()
                    : peer.local() != null || hasSource(way, address);
        } catch (LinuxException e) {
            return false;
        }
    }

    /** Routes outlive addresses: the kernel then sends from none, from loopback, or from a link-local address. */
    private static boolean hasSource(RouteInfo way, InetAddress address) {
        return way.local()
                || address.isLinkLocalAddress()
                || way.preferredSource()
                        .filter(source -> !source.isLoopbackAddress() && !source.isLinkLocalAddress())
                        .isPresent();
    }

    private static String doesNotResolve(GatewayConfig.Peer peer) {
        return "peer %s: the name %s does not resolve: check DNS, or write an address as remote"
                .formatted(peer.name(), peer.remote());
    }

    private static String hasNoUsableAddress(GatewayConfig.Peer peer, List<InetAddress> addresses) {
        return "peer %s: the name %s resolves to %s only, whose family is that of neither local nor an entry of listen: add an entry, or correct local"
                .formatted(
                        peer.name(),
                        peer.remote(),
                        addresses.stream()
                                .map(NetUtil::toAddressString)
                                .sorted()
                                .collect(Collectors.joining(", ")));
    }
}
