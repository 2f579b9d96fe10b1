package net.fougateway.host;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import net.fougateway.linux.Link;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Route;
import net.fougateway.linux.Rule;
import net.fougateway.route.Prefix;

/**
 * What a host has at one moment, as far as it can be a {@link HostPiece}.
 *
 * @param link the device, if there is one
 * @param addresses of the device
 * @param ways routes through the device
 * @param own routes that a gateway made, through whatever device
 * @param rules that a gateway made
 */
record HostState(Optional<Link> link, Set<Prefix> addresses, Set<Way> ways, Set<Route> own, Set<Rule> rules) {

    /** A route through the device, whoever made it. */
    record Way(Prefix destination, int table) {}

    /** Reads it. */
    static HostState read(HostTables host, String device, boolean withRules) throws LinuxException {
        Optional<Link> link = host.links().find(device);
        Set<Way> ways = new HashSet<>();
        if (link.isPresent()) {
            host.routes().through(link.get()).forEach(route -> ways.add(new Way(route.destination(), route.table())));
        }
        return new HostState(
                link,
                link.isPresent() ? Set.copyOf(host.links().addresses(device)) : Set.of(),
                ways,
                Set.copyOf(host.routes().own()),
                withRules ? Set.copyOf(host.rules().own()) : Set.of());
    }

    /** True unless somebody took IPv6 from the device, and {@code piece} is of it. */
    boolean canHave(HostPiece piece) {
        return !piece.needsIpv6() || link.filter(Link::ipv6).isPresent();
    }

    /** True when the device can have routes. */
    boolean isUp() {
        return link.filter(Link::up).isPresent();
    }
}
