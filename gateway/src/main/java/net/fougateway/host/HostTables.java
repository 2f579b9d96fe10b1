package net.fougateway.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Route;
import net.fougateway.linux.Routes;
import net.fougateway.linux.Rules;

/** Interfaces, routes and rules of one network namespace. */
record HostTables(Links links, Routes routes, Rules rules) {

    /** Those that {@code netlink} reaches, which stays the caller's. */
    static HostTables of(Netlink netlink) {
        return new HostTables(new Links(netlink), new Routes(netlink), new Rules(netlink));
    }

    /** Adds pieces in their order, routes many at a time; answers which were refused, and why. */
    Map<HostPiece, LinuxException> add(List<HostPiece> pieces) {
        Map<HostPiece, LinuxException> refused = new LinkedHashMap<>();
        List<HostPiece.OfRoute> routesInARow = new ArrayList<>();
        for (HostPiece piece : pieces) {
            if (piece instanceof HostPiece.OfRoute route) {
                routesInARow.add(route);
            } else {
                addRoutes(routesInARow, refused);
                addOne(piece, refused);
            }
        }
        addRoutes(routesInARow, refused);
        return refused;
    }

    private void addOne(HostPiece piece, Map<HostPiece, LinuxException> refused) {
        try {
            if (piece instanceof HostPiece.Address address) {
                links.addAddress(address.device(), address.address(), address.withRoute());
            } else if (piece instanceof HostPiece.Policy policy) {
                rules.add(policy.rule());
            }
        } catch (LinuxException e) {
            refused.put(piece, e);
        }
    }

    private void addRoutes(List<HostPiece.OfRoute> pieces, Map<HostPiece, LinuxException> refused) {
        try {
            Map<Route, LinuxException> refusedRoutes =
                    routes.add(pieces.stream().map(HostPiece.OfRoute::route).toList());
            pieces.stream()
                    .filter(piece -> refusedRoutes.containsKey(piece.route()))
                    .forEach(piece -> refused.put(piece, refusedRoutes.get(piece.route())));
        } catch (LinuxException e) {
            pieces.forEach(piece -> refused.put(piece, e));
        }
        pieces.clear();
    }
}
