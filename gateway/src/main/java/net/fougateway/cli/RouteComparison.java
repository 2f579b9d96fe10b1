package net.fougateway.cli;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.linux.Errno;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Route;
import net.fougateway.linux.Routes;

/** Asks the kernel for the routes that a gateway has taken from it. */
final class RouteComparison {

    private RouteComparison() {}

    /**
     * Where the kernel, in this network namespace, does not do what the gateway believes, one line each.
     *
     * @param device name of the TUN device
     */
    static List<String> of(String device, List<RoutesDocument.Route> routes) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            Routes kernel = new Routes(netlink);
            Map<Integer, String> devices = kernel.deviceNames();
            List<String> differences = new ArrayList<>();
            for (RoutesDocument.Route route : routes) {
                difference(device, route, legs(kernel, devices, route)).ifPresent(differences::add);
            }
            return differences;
        }
    }

    private static Optional<String> difference(String device, RoutesDocument.Route route, List<Route> legs) {
        List<Route> ofPrefix = legs.stream()
                .filter(leg -> leg.destination().equals(route.prefix()))
                .toList();
        List<Route> here =
                ofPrefix.stream().filter(leg -> leg.device().equals(device)).toList();
        boolean longer = legs.stream()
                .anyMatch(leg -> leg.destination().length() > route.prefix().length());
        if (longer || (!ofPrefix.isEmpty() && here.isEmpty())) {
            return Optional.empty(); // the packet that was asked for does not get to the gateway by this route
        }
        List<String> gateways = here.stream()
                .flatMap(leg -> leg.gateway().map(NetUtil::toAddressString).stream())
                .toList();
        return new HashSet<>(gateways).equals(new HashSet<>(route.nextHops()))
                ? Optional.empty()
                : Optional.of("%s: the gateway has next hops %s, the kernel %s"
                        .formatted(route.prefix(), list(route.nextHops()), list(gateways)));
    }

    private static List<Route> legs(Routes kernel, Map<Integer, String> devices, RoutesDocument.Route route)
            throws LinuxException {
        try {
            return kernel.matching(route.prefix().address(), devices);
        } catch (LinuxException e) {
            if (Errno.isNoRoute(e.errno())) {
                return List.of();
            }
            throw e;
        }
    }

    private static String list(List<String> hops) {
        return hops.isEmpty() ? "none" : String.join(", ", hops);
    }
}
