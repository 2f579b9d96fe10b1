package net.fougateway.host;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.route.Prefix;

/**
 * What is routed into a TUN device, and what of that would hold the peers, whose outer addresses must stay out of it.
 *
 * @param addresses interface addresses with their prefix lengths; empty to leave addressing to the host
 * @param toAdd the routes to add
 * @param capturing the routes to add, and the networks of addresses, that hold the outer address of a peer
 * @param captured the addresses of peers that they hold
 */
public record TunnelRoutes(List<Prefix> addresses, List<Prefix> toAdd, Set<Prefix> capturing, List<Prefix> captured) {

    /**
     * Finds them. No route is added for a prefix that the kernel routes already because it lies within the network of an interface address;
     * none for the outer address of a peer alone, which stays on the underlay.
     *
     * @param addresses interface addresses with their prefix lengths
     * @param prefixes to send into the device
     * @param outer the peers' addresses on the underlay, and prefixes in which there may be some
     */
    public static TunnelRoutes of(List<Prefix> addresses, List<Prefix> prefixes, List<Prefix> outer) {
        PrefixCover networks = new PrefixCover(addresses);
        Set<Prefix> hosts = Set.copyOf(outer);
        List<Prefix> toAdd = prefixes.stream()
                .map(Prefix::masked)
                .filter(route -> !networks.covers(route) && !hosts.contains(route))
                .distinct()
                .toList();
        Set<Prefix> into = new HashSet<>(toAdd);
        addresses.stream().map(Prefix::masked).forEach(into::add);
        List<Prefix> routable = outer.stream().filter(TunnelRoutes::isRoutable).toList();
        return new TunnelRoutes(List.copyOf(addresses), toAdd, capturing(into, routable), captured(into, routable));
    }

    private static boolean isRoutable(Prefix peer) {
        return !peer.address().isLinkLocalAddress() && !peer.address().isMulticastAddress();
    }

    private static Set<Prefix> capturing(Set<Prefix> into, List<Prefix> outer) {
        List<Integer> lengths = into.stream().map(Prefix::length).distinct().toList();
        Stream<Prefix> around = outer.stream()
                .flatMap(peer -> lengths.stream()
                        .filter(length -> length <= peer.length())
                        .map(length -> new Prefix(peer.address(), length).masked()));
        PrefixCover ranges =
                new PrefixCover(outer.stream().filter(peer -> !peer.isHost()).toList());
        return Stream.concat(around.filter(into::contains), into.stream().filter(ranges::covers))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<Prefix> captured(Set<Prefix> into, List<Prefix> outer) {
        PrefixCover cover = new PrefixCover(into);
        return outer.stream()
                .filter(Prefix::isHost)
                .filter(cover::covers)
                .distinct()
                .toList();
    }

    /** True when packets to a peer would be sent into the tunnel, if nothing kept them out of it. */
    public boolean isAnyCaptured() {
        return !capturing.isEmpty();
    }
}
