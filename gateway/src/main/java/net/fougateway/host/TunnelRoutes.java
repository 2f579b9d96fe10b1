package net.fougateway.host;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.route.Prefix;

/**
 * What is routed into a TUN device, and where the peers are, whose outer addresses must not be.
 *
 * @param addresses interface addresses with their prefix lengths; empty to leave addressing to the host
 * @param prefixes to send into the device
 * @param outer the peers' addresses on the underlay, and prefixes in which there may be some
 */
public record TunnelRoutes(List<Prefix> addresses, List<Prefix> prefixes, List<Prefix> outer) {

    /** Copies the lists. */
    public TunnelRoutes {
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        outer = List.copyOf(outer);
    }

    /**
     * The routes to add: none for a prefix that the kernel routes already because it lies within the network of an interface address; none
     * for the outer address of a peer alone, which stays on the underlay.
     */
    List<Prefix> toAdd() {
        PrefixCover networks = new PrefixCover(addresses);
        Set<Prefix> hosts = Set.copyOf(outer);
        return prefixes.stream()
                .map(Prefix::masked)
                .filter(route -> !networks.covers(route) && !hosts.contains(route))
                .distinct()
                .toList();
    }

    /** True when packets to a peer would be sent into the tunnel, if nothing kept them out of it. */
    public boolean isAnyCaptured() {
        return !capturing().isEmpty();
    }

    /** The routes to add, and the networks of addresses, that hold the outer address of a peer. */
    Set<Prefix> capturing() {
        Set<Prefix> into = new HashSet<>(toAdd());
        addresses.stream().map(Prefix::masked).forEach(into::add);
        List<Integer> lengths = into.stream().map(Prefix::length).distinct().toList();
        Stream<Prefix> around = routable()
                .flatMap(peer -> lengths.stream()
                        .filter(length -> length <= peer.length())
                        .map(length -> new Prefix(peer.address(), length).masked()));
        PrefixCover ranges =
                new PrefixCover(routable().filter(peer -> !peer.isHost()).toList());
        return Stream.concat(around.filter(into::contains), into.stream().filter(ranges::covers))
                .collect(Collectors.toSet());
    }

    /** The addresses of peers, not the prefixes, that the device would capture without host routes of their own. */
    List<Prefix> captured() {
        PrefixCover into = new PrefixCover(
                Stream.concat(addresses.stream(), toAdd().stream()).toList());
        return routable().filter(Prefix::isHost).filter(into::covers).distinct().toList();
    }

    private Stream<Prefix> routable() {
        return outer.stream()
                .filter(peer ->
                        !peer.address().isLinkLocalAddress() && !peer.address().isMulticastAddress());
    }
}
