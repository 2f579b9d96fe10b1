package net.fougateway.host;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Route;
import net.fougateway.linux.Rule;

/** What an earlier gateway has left on the host, because it was killed or its device persists. */
public final class Leftovers {

    private final HostTables host;
    private final LinkSettings settings;
    private final Set<HostPiece> wanted;

    private Leftovers(HostTables host, LinkSettings settings) {
        this.host = host;
        this.settings = settings;
        wanted = Set.copyOf(new LinkPlan(host, settings, List.of()).pieces());
    }

    /**
     * Removes routes and rules that a gateway made and these settings do not want: those of this device and port, and rules for tables
     * without routes. Those of another gateway that runs are left alone.
     *
     * @param netlink in the namespace of the device
     */
    public static void remove(Netlink netlink, LinkSettings settings) throws LinuxException {
        Leftovers leftovers = new Leftovers(HostTables.of(netlink), settings);
        Set<Route> remaining = leftovers.removeRoutes();
        if (leftovers.host.rules().isSupported()) {
            leftovers.removeRules(remaining);
        }
    }

    private Set<Route> removeRoutes() throws LinuxException {
        Set<Route> remaining = new HashSet<>(host.routes().own());
        for (Route route : List.copyOf(remaining)) {
            if (isOwn(route) && !isWanted(route)) {
                host.routes().remove(route);
                remaining.remove(route);
            }
        }
        return remaining;
    }

    private boolean isOwn(Route route) {
        return route.device().equals(settings.device()) || settings.detour().isHostRoute(route);
    }

    /** The kernel may have added a metric to a route into the device. */
    private boolean isWanted(Route route) {
        Route plain = new Route(route.destination(), route.device()).in(route.table());
        return wanted.contains(new HostPiece.Way(plain)) || wanted.contains(new HostPiece.HostRoute(route));
    }

    private void removeRules(Set<Route> remaining) throws LinuxException {
        Set<Integer> tables = remaining.stream()
                .map(Route::table)
                .filter(table -> table != Route.MAIN)
                .collect(Collectors.toSet());
        Set<Integer> ports = tables.stream().map(Detour::port).collect(Collectors.toSet());
        List<Rule> rules = host.rules().own();
        Set<Integer> marksInUse = rules.stream()
                .filter(rule -> tables.contains(rule.table()))
                .map(Rule::unmarked)
                .collect(Collectors.toSet());
        for (Rule rule : rules) {
            boolean inUse =
                    rule.unmarked() != 0 ? marksInUse.contains(rule.unmarked()) : ports.contains(rule.udpSourcePort());
            boolean own = settings.detour().isOwn(rule);
            if (!wanted.contains(new HostPiece.Policy(rule)) && (own || !inUse)) {
                host.rules().remove(rule);
            }
        }
    }
}
