package net.fougateway.host;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.fougateway.linux.Errno;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Route;
import net.fougateway.linux.RouteInfo;
import net.fougateway.linux.Routes;
import net.fougateway.route.Prefix;
import net.fougateway.route.Underlay;

/** The routes that keep the outer addresses of peers on the underlay where there are no rules for it, as the host's own routes are now. */
final class HostRoutes {

    private final Routes kernel;
    private final LinkSettings settings;
    private final PrefixCover networks;
    private final List<Prefix> captured;
    private final List<Route> routes = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> reasonsToWait = new ArrayList<>();
    private final Set<Prefix> waiting = new HashSet<>();
    private final Set<Prefix> pinned;
    private RoutesAround around;

    /**
     * Asks the kernel for the way to each address that is captured.
     *
     * @param pinned destinations of host routes that are there already
     */
    HostRoutes(Routes kernel, LinkSettings settings, Collection<Prefix> pinned) {
        this.kernel = kernel;
        this.settings = settings;
        this.pinned = Set.copyOf(pinned);
        networks = new PrefixCover(settings.tunnel().addresses());
        captured = settings.tunnel().captured();
        captured.forEach(this::find);
    }

    /** The routes to add. */
    List<Route> routes() {
        return routes;
    }

    /** What stands in the way. */
    List<Problem> problems() {
        return problems;
    }

    /** Why some routes into the device have to wait, one sentence each. */
    List<Problem> reasonsToWait() {
        return reasonsToWait;
    }

    /** True for a route into the device that has to wait, because the host's own route to a peer that it captures is not known yet. */
    boolean hasToWait(Prefix route) {
        return waiting.contains(route);
    }

    private void find(Prefix outer) {
        try {
            RouteInfo way = kernel.routeTo(outer.address(), Underlay.ANY);
            if (!way.local()) {
                keepOnUnderlay(outer, way);
            }
        } catch (LinuxException e) {
            if (Errno.isNoRoute(e.errno()) && !networks.covers(outer)) {
                waitForRouteTo(outer, e);
            } else {
                problems.add(Problem.of(e));
            }
        }
    }

    /** The route of the main table is better known than the way: it has a source address and an MTU. */
    private void keepOnUnderlay(Prefix outer, RouteInfo way) throws LinuxException {
        boolean believed = !pinned.contains(outer) && !way.device().equals(settings.device());
        Optional<Route> around = around().to(outer.address());
        if (around.isPresent() && (!believed || around.get().device().equals(way.device()))) {
            add(outer, around.get());
        } else if (believed) {
            add(outer, new Route(outer, way.device(), way.gateway()));
        } else {
            problems.add(intoItself(outer));
        }
    }

    private void add(Prefix outer, Route way) {
        routes.add(way.to(outer, settings.detour().hostRouteMetric()));
    }

    /** The routes of the main table without those that lead into the device or were added by this plan's like. */
    private RoutesAround around() throws LinuxException {
        if (around == null) {
            around = RoutesAround.read(
                    kernel,
                    settings.device(),
                    captured.stream().map(Prefix::address).toList(),
                    settings.detour()::isHostRoute);
        }
        return around;
    }

    /** Once it were captured, the host's own route to it, which comes later while a machine boots, could not be told any more. */
    private void waitForRouteTo(Prefix outer, LinuxException noRoute) {
        RoutesAround.covering(outer.address()).forEach(waiting::add);
        String routesInto = "routes into " + settings.device() + " that would capture this address of a peer";
        reasonsToWait.add(new Problem(noRoute.getMessage(), routesInto + " are added once there is one"));
    }

    private Problem intoItself(Prefix outer) {
        String what = "the peer's outer address " + NetUtil.toAddressString(outer.address()) + " is routed into "
                + settings.device();
        return new Problem(what, "give it a route over the underlay: ip route add " + outer + " …");
    }
}
