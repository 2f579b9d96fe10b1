package net.fougateway.host;

import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Route;
import net.fougateway.linux.Routes;
import net.fougateway.route.Prefix;

/**
 * The ways that packets would take to some addresses if the tunnel did not capture them. The table is read once for all of them, and the cost
 * of a route does not grow with their number.
 */
public final class RoutesAround {

    static final RoutesAround NONE = new RoutesAround(Map.of());

    private final Map<Prefix, Route> routes;

    private RoutesAround(Map<Prefix, Route> routes) {
        this.routes = routes;
    }

    /**
     * Reads those in the main table.
     *
     * @param device name of the TUN device
     * @param destinations what {@link #to} can be asked for
     */
    public static RoutesAround read(Routes routes, String device, Collection<InetAddress> destinations)
            throws LinuxException {
        return read(routes, device, destinations, route -> false);
    }

    /** The same without some of them. */
    static RoutesAround read(
            Routes routes, String device, Collection<InetAddress> destinations, Predicate<Route> without)
            throws LinuxException {
        Set<Prefix> wanted = new HashSet<>();
        destinations.forEach(address -> covering(address).forEach(wanted::add));
        Map<Prefix, Route> around = new HashMap<>();
        routes.main(wanted::contains).stream()
                .filter(route -> !route.device().equals(device) && !without.test(route))
                .forEach(route -> around.merge(route.destination(), route, (a, b) -> b.metric() < a.metric() ? b : a));
        return new RoutesAround(around);
    }

    /** All prefixes that cover an address, the longest first. */
    static Stream<Prefix> covering(InetAddress address) {
        int bits = address.getAddress().length * Byte.SIZE;
        return IntStream.rangeClosed(0, bits).mapToObj(shorter -> new Prefix(address, bits - shorter).masked());
    }

    /** The most specific one, as a route to the address alone. */
    public Optional<Route> to(InetAddress address) {
        return covering(address)
                .map(routes::get)
                .filter(Objects::nonNull)
                .findFirst()
                .map(route -> route.to(Prefix.host(address), 0));
    }
}
