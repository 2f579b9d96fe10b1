package net.fougateway.host;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Route;
import net.fougateway.linux.RouteInfo;
import net.fougateway.linux.Routes;
import net.fougateway.route.Prefix;

/** The changes to the host that {@link LinkSettings} need, in order, each with its way back. Making it changes nothing. */
final class LinkPlan {

    /** A change to the host; false when it was as wanted before. */
    interface Change {
        boolean run() throws LinuxException;
    }

    /**
     * One change.
     *
     * @param command the {@code ip} command with the same effect
     * @param apply makes the change
     * @param undo takes it back
     */
    record Step(String command, Change apply, Change undo) {}

    private final List<Step> steps = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Links links;
    private final Routes routes;
    private final LinkSettings settings;
    private final Set<Prefix> destinations = new HashSet<>();
    private final Set<Prefix> waiting = new HashSet<>();
    private final List<Problem> reasons = new ArrayList<>();
    private Map<Prefix, List<String>> devicesByDestination;
    private RoutesAround around;

    LinkPlan(Netlink netlink, LinkSettings settings) {
        this.links = new Links(netlink);
        this.routes = new Routes(netlink);
        this.settings = settings;
        plan();
    }

    private void plan() {
        String device = settings.device();
        String linkCommand = "ip link set " + device;
        int mtuBytes = settings.mtuBytes();
        int packets = settings.txQueueLengthPackets();
        addLasting(
                linkCommand + " mtu " + mtuBytes,
                link -> link.mtuBytes() == mtuBytes,
                () -> links.setMtu(device, mtuBytes));
        if (settings.unicastOnly()) {
            addLasting(
                    linkCommand + " multicast off addrgenmode none", link -> false, () -> links.setUnicastOnly(device));
        }
        settings.capturedOuterAddresses().forEach(this::addHostRoute);
        settings.addresses().forEach(this::addAddress);
        addLasting(
                linkCommand + " txqueuelen " + packets,
                link -> link.txQueueLengthPackets() == packets,
                () -> links.setTxQueueLength(device, packets));
        addLasting(linkCommand + " up", Link::up, () -> links.setUp(device));
        settings.routesToAdd().stream()
                .filter(prefix -> !waiting.contains(prefix))
                .forEach(prefix -> addRoute(new Route(prefix, device)));
    }

    /** The changes in order. */
    List<Step> steps() {
        return steps;
    }

    /** Why some of the routes are not in the plan yet, one sentence each. */
    List<Problem> reasonsToWait() {
        return reasons;
    }

    /** What stands in the way of the plan already. */
    List<Problem> problems() {
        return problems;
    }

    private interface LastingChange {
        void run() throws LinuxException;
    }

    /**
     * Adds a setting of the device, which stays when the rest is taken back. One that is as wanted is left alone, because the kernel asks
     * for CAP_NET_ADMIN even when nothing changes; so a device made beforehand can be used without it.
     */
    private void addLasting(String command, Predicate<Link> asWanted, LastingChange change) {
        Change apply = () -> {
            if (links.find(settings.device()).filter(asWanted).isEmpty()) {
                change.run();
            }
            return false;
        };
        steps.add(new Step(command, apply, () -> false));
    }

    private void addAddress(Prefix address) {
        String device = settings.device();
        String command = "ip addr add " + address + " dev " + device + (address.isIpv4() ? "" : " nodad");
        steps.add(new Step(
                command,
                () -> links.addAddress(device, address) || settings.adopting(),
                () -> links.removeAddress(device, address)));
    }

    private void addRoute(Route route) {
        destinations.add(route.destination());
        steps.add(new Step(
                "ip route add " + route,
                () -> routes.add(route, devicesNow().getOrDefault(route.destination(), List.of()))
                        || (settings.adopting() && route.device().equals(settings.device())),
                () -> routes.remove(route)));
    }

    /** Where the host sends the destinations of all planned routes, asked for once, when the first of them is added. */
    private Map<Prefix, List<String>> devicesNow() throws LinuxException {
        if (devicesByDestination == null) {
            devicesByDestination = routes.devicesTo(destinations);
        }
        return devicesByDestination;
    }

    /** Keeps a peer's outer address on the way that it has now. */
    private void addHostRoute(InetAddress outer) {
        try {
            RouteInfo way = routes.routeTo(outer, Optional.empty());
            if (way.device().equals(settings.device())) {
                addHostRouteAround(outer);
            } else if (!way.local()) {
                addRoute(new Route(Prefix.host(outer), way.device(), way.gateway(), Optional.empty()));
            }
        } catch (LinuxException e) {
            if (Errno.isNoRoute(e.errno()) && !networks().covers(Prefix.host(outer))) {
                waitForRouteTo(outer, e);
            } else {
                problems.add(Problem.of(e));
            }
        }
    }

    /** An address that came later is captured already, by routes that this gateway has added. */
    private void addHostRouteAround(InetAddress outer) throws LinuxException {
        if (around == null) {
            around = RoutesAround.read(routes, settings.device(), settings.capturedOuterAddresses());
        }
        around.to(outer).ifPresentOrElse(this::addRoute, () -> problems.add(intoItself(outer)));
    }

    private PrefixCover networks() {
        return new PrefixCover(settings.addresses());
    }

    /** Once it were captured, the host's own route to it, which comes later while a machine boots, could not be told any more. */
    private void waitForRouteTo(InetAddress outer, LinuxException noRoute) {
        RoutesAround.covering(outer).forEach(waiting::add);
        String routes = "routes into " + settings.device() + " that would capture this address of a peer";
        reasons.add(new Problem(noRoute.getMessage(), routes + " are added once there is one"));
    }

    private Problem intoItself(InetAddress outer) {
        String what =
                "the peer's outer address " + NetUtil.toAddressString(outer) + " is routed into " + settings.device();
        return new Problem(what, "give it a route over the underlay: ip route add " + Prefix.host(outer) + " …");
    }

    /** Makes the absence of the device a problem of the plan. */
    void requireDevice() {
        String device = settings.device();
        try {
            if (links.find(device).isEmpty()) {
                problems.add(new Problem("there is no device " + device, "create it in this network namespace first"));
            }
        } catch (LinuxException e) {
            problems.add(Problem.of(e));
        }
    }
}
