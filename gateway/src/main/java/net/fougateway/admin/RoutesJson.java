package net.fougateway.admin;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.fougateway.metrics.Routing;
import net.fougateway.metrics.Snapshot;

/** The {@code /routes} document: which peers take which prefixes, and why. Keys are added, never renamed. */
final class RoutesJson {

    private RoutesJson() {}

    /** The document, on one line without a line feed. */
    static String write(Snapshot snapshot) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("device", snapshot.device().name());
        document.put("peers", snapshot.peers().stream().map(RoutesJson::peer).toList());
        document.put(
                "routes",
                snapshot.routing().routes().stream().map(RoutesJson::route).toList());
        return Json.write(document);
    }

    private static Map<String, Object> peer(Snapshot.Peer peer) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", peer.name());
        object.put("remote", peer.remote());
        object.put("port", peer.port());
        return object;
    }

    private static Map<String, Object> route(Routing.Route route) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("prefix", route.prefix());
        object.put("origin", route.origin());
        object.put("metric", route.metric());
        object.put("nextHops", route.nextHops());
        object.put("legs", route.legs().stream().map(RoutesJson::leg).toList());
        object.put(
                "since",
                route.since().equals(Instant.EPOCH) ? null : route.since().toString());
        return object;
    }

    private static Map<String, Object> leg(Routing.Leg leg) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("peer", leg.peer());
        object.put("weight", leg.weight());
        return object;
    }

    /** What {@code /status} tells of the routes of the host. */
    static Map<String, Object> summary(Routing routing) {
        Map<String, Object> summary = new LinkedHashMap<>();
        for (Routing.State state : Routing.State.values()) {
            long routes = routing.kernelRoutes().stream()
                    .filter(count -> count.state() == state)
                    .mapToLong(Routing.KernelRoutes::routes)
                    .sum();
            summary.put(camelCase(state), routes);
        }
        summary.put("members", routing.members());
        Instant lastChange = routing.reads().lastChange();
        summary.put("lastChange", lastChange.equals(Instant.EPOCH) ? null : lastChange.toString());
        return summary;
    }

    private static String camelCase(Routing.State state) {
        List<String> words = List.of(state.name().toLowerCase(Locale.ROOT).split("_"));
        StringBuilder name = new StringBuilder(words.get(0));
        words.stream()
                .skip(1)
                .forEach(word ->
                        name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1)));
        return name.toString();
    }
}
