package net.fougateway.host;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Route;
import net.fougateway.linux.Routes;
import net.fougateway.route.Prefix;

/** The ways that packets would take to some addresses if the tunnel did not capture them. */
public final class RoutesAround {

    static final RoutesAround NONE = new RoutesAround(List.of());

    private final List<Route> routes;

    private RoutesAround(List<Route> routes) {
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
        List<Prefix> hosts = destinations.stream().map(LinkSettings::host).toList();
        return new RoutesAround(routes.main(route -> !route.device().equals(device)
                && hosts.stream().anyMatch(host -> LinkSettings.contains(route.destination(), host))));
    }

    /** The most specific one, as a route to the address alone. */
    public Optional<Route> to(InetAddress address) {
        Prefix host = LinkSettings.host(address);
        return routes.stream()
                .filter(route -> LinkSettings.contains(route.destination(), host))
                .max(Comparator.comparingInt(route -> route.destination().length()))
                .map(route -> new Route(host, route.device(), route.gateway(), Optional.empty()));
    }
}
