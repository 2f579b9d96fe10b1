package net.fougateway.host;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.fougateway.host.HostFacts.PeerWay;
import net.fougateway.host.HostFacts.PrefixWay;
import net.fougateway.linux.Errno;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Route;
import net.fougateway.linux.RouteInfo;
import net.fougateway.linux.Routes;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import net.fougateway.route.Underlay;

/** Asks the kernel where it sends packets to peers and to their prefixes: to the first {@link #MOST_LOOKUPS} of each. */
final class RouteLookups {

    static final int MOST_LOOKUPS = 64;

    private final Routes routes;
    private final String device;

    /**
     * A reader of these routes.
     *
     * @param device name of the TUN device
     */
    RouteLookups(Routes routes, String device) {
        this.routes = routes;
        this.device = device;
    }

    /** Leaves out what is on the underlay on purpose: default routes, and peers' outer addresses as prefixes of their own. */
    List<PrefixWay> prefixWays(List<Peer> peers) throws LinuxException {
        Set<Prefix> outer =
                peers.stream().map(peer -> Prefix.host(peer.remote())).collect(Collectors.toSet());
        List<PrefixWay> ways = new ArrayList<>();
        int lookups = 0;
        for (Peer peer : peers) {
            for (Prefix prefix : peer.allowedIps()) {
                if (lookups < MOST_LOOKUPS && prefix.length() > 0 && !outer.contains(prefix)) {
                    lookups++;
                    prefixWay(peer, prefix.masked()).ifPresent(ways::add);
                }
            }
        }
        return ways;
    }

    /** Nothing where a part of the prefix is elsewhere on purpose: an address of the host, or a more specific route. */
    private Optional<PrefixWay> prefixWay(Peer peer, Prefix prefix) throws LinuxException {
        InetAddress middle = middle(prefix);
        Optional<RouteInfo> way = find(middle, Underlay.ANY);
        boolean own = way.filter(RouteInfo::local).isPresent();
        boolean elsewhere = way.isPresent() && !isTunnel(way.get());
        boolean meant = own || (elsewhere && routes.matchedBits(middle) > prefix.length());
        return meant ? Optional.empty() : Optional.of(new PrefixWay(prefix, peer.name(), way.map(RouteInfo::device)));
    }

    /** An address of the prefix that has no special meaning: neither the first nor the last one, unless there are no others. */
    static InetAddress middle(Prefix prefix) {
        byte[] bytes = prefix.address().getAddress();
        if (prefix.length() < bytes.length * Byte.SIZE) {
            bytes[prefix.length() / Byte.SIZE] |= (byte) (0x80 >>> (prefix.length() % Byte.SIZE));
        }
        return AddressBits.address(bytes);
    }

    /** Leaves out peers that have no fixed address, that are on this host, or that no route leads to. */
    List<PeerWay> peerWays(List<Peer> peers) throws LinuxException {
        List<Peer> fixed =
                peers.stream().filter(Peer::hasAddress).limit(MOST_LOOKUPS).toList();
        Map<Peer, RouteInfo> ways = new LinkedHashMap<>();
        for (Peer peer : fixed) {
            find(peer.remote(), peer.underlay()).filter(way -> !way.local()).ifPresent(way -> ways.put(peer, way));
        }
        boolean loop = ways.values().stream().anyMatch(this::isTunnel);
        RoutesAround others = loop
                ? RoutesAround.read(
                        routes, device, fixed.stream().map(Peer::remote).toList())
                : RoutesAround.NONE;
        return ways.entrySet().stream()
                .map(way -> peerWay(way.getKey(), way.getValue(), others))
                .toList();
    }

    private PeerWay peerWay(Peer peer, RouteInfo way, RoutesAround others) {
        Prefix remote = Prefix.host(peer.remote());
        Optional<Route> underlay =
                isTunnel(way) ? others.to(peer.remote()) : Optional.of(new Route(remote, way.device(), way.gateway()));
        return new PeerWay(peer, way.device(), way.mtuBytes(), underlay);
    }

    private boolean isTunnel(RouteInfo way) {
        return way.device().equals(device);
    }

    private Optional<RouteInfo> find(InetAddress destination, Underlay from) throws LinuxException {
        try {
            return Optional.of(routes.routeTo(destination, from));
        } catch (LinuxException e) {
            if (Errno.isNoRoute(e.errno())) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
