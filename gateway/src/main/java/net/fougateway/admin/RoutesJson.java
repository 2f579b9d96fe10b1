package net.fougateway.admin;

import java.time.Instant;
import java.util.Map;
import net.fougateway.metrics.Routing;
import net.fougateway.metrics.Routing.State;
import net.fougateway.metrics.Snapshot;

/** The {@code /routes} document: which peers take which prefixes, and why. Keys are added, never renamed. */
final class RoutesJson {

    private RoutesJson() {}

    /** The document, on one line without a line feed. */
    static String write(Snapshot snapshot) {
        return Json.write(Json.object(
                "device", snapshot.device().name(),
                "peers", snapshot.peers().stream().map(RoutesJson::peer).toList(),
                "routes",
                        snapshot.routing().routes().get().stream()
                                .map(RoutesJson::route)
                                .toList()));
    }

    private static Map<String, Object> peer(Snapshot.Peer peer) {
        return Json.object("name", peer.name(), "remote", peer.remote(), "port", peer.port());
    }

    private static Map<String, Object> route(Routing.Route route) {
        return Json.object(
                "prefix", route.prefix(),
                "origin", route.origin(),
                "metric", route.metric(),
                "nextHops", route.nextHops(),
                "legs", route.legs().stream().map(RoutesJson::leg).toList(),
                "since", time(route.since()));
    }

    private static Map<String, Object> leg(Routing.Leg leg) {
        return Json.object("peer", leg.peer(), "weight", leg.weight());
    }

    private static String time(Instant instant) {
        return instant.equals(Instant.EPOCH) ? null : instant.toString();
    }

    /** What {@code /status} tells of the routes of the host. */
    static Map<String, Object> summary(Routing routing) {
        return Json.object(
                "used", count(routing, State.USED),
                "onLink", count(routing, State.ON_LINK),
                "noPeer", count(routing, State.NO_PEER),
                "otherTos", count(routing, State.OTHER_TOS),
                "members", routing.members(),
                "lastChange", time(routing.reads().lastChange()));
    }

    private static long count(Routing routing, State state) {
        return routing.kernelRoutes().stream()
                .filter(count -> count.state() == state)
                .mapToLong(Routing.KernelRoutes::routes)
                .sum();
    }
}
