package net.fougateway.plan;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.fougateway.config.GatewayConfig;
import net.fougateway.host.RoutesAround;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Route;
import net.fougateway.linux.RouteInfo;
import net.fougateway.linux.Routes;
import net.fougateway.linux.Rules;
import net.fougateway.route.Underlay;
import net.fougateway.udp.UdpListener;

/** The facts of the host, and of the network namespace, that this process is in. */
public final class KernelLookups implements HostLookups {

    private final HostNames names = new HostNames();
    private final Routes routes;
    private final Links links;
    private final Rules rules;

    /**
     * Facts of the host.
     *
     * @param netlink stays the caller's
     */
    public KernelLookups(Netlink netlink) {
        routes = new Routes(netlink);
        links = new Links(netlink);
        rules = new Rules(netlink);
    }

    /** Looks up the names of all peers of {@code config}, which may take some seconds. */
    public KernelLookups lookedUp(GatewayConfig config) throws InterruptedException {
        names.lookUp(NamedPeers.names(config));
        return this;
    }

    /** Host names as looked up so far. */
    public HostNames names() {
        return names;
    }

    @Override
    public List<InetAddress> addresses(String name) {
        return names.addresses(name);
    }

    @Override
    public RouteInfo route(InetAddress to, Underlay from) throws LinuxException {
        return routes.routeTo(to, from);
    }

    @Override
    public OptionalInt mtuAround(InetAddress to, String device) {
        try {
            Optional<Route> way = RoutesAround.read(routes, device, List.of(to)).to(to);
            Optional<Link> link = way.isPresent() ? links.find(way.get().device()) : Optional.empty();
            return link.map(Link::mtuBytes).map(OptionalInt::of).orElseGet(OptionalInt::empty);
        } catch (LinuxException e) {
            return OptionalInt.empty();
        }
    }

    @Override
    public boolean hasRules() {
        return rules.isSupported();
    }

    @Override
    public boolean isFamilySupported(InetAddress address) {
        return UdpListener.isFamilySupported(address);
    }

    @Override
    public int processors() {
        return Runtime.getRuntime().availableProcessors();
    }
}
