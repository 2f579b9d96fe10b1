package net.fougateway.cli;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.fougateway.route.Prefix;

/**
 * What a gateway's {@code /routes} tells.
 *
 * @param device name of its device
 * @param routes IPv4 first; longest prefixes first, as they win
 */
record RoutesDocument(String device, List<Route> routes) {

    private static final String ALLOWED_IPS = "allowed_ips";
    private static final String NOBODY = "(nobody)";

    /**
     * A peer that packets go to.
     *
     * @param remote outer address and port
     * @param share of the flows, in percent
     */
    record Leg(String peer, String remote, int share) {}

    /** The route of a prefix. */
    record Route(Prefix prefix, String origin, List<String> nextHops, List<Leg> legs, Instant since) {

        /** True when the host's own route named the peers. */
        boolean isFollowed() {
            return !origin.equals(ALLOWED_IPS);
        }

        String owners() {
            return legs.isEmpty()
                    ? NOBODY
                    : legs.stream().map(leg -> "peer " + leg.peer()).collect(Collectors.joining(", "));
        }

        /** Cells of a table, a row for each leg. */
        List<List<String>> rows(Instant now) {
            return legs.isEmpty()
                    ? List.of(List.of(prefix.toString(), NOBODY, "", from(), age(now)))
                    : legs.stream()
                            .map(leg -> List.of(prefix.toString(), name(leg), leg.remote(), from(), age(now)))
                            .toList();
        }

        private String name(Leg leg) {
            return legs.size() == 1 ? leg.peer() : leg.peer() + " (" + leg.share() + " %)";
        }

        private String from() {
            return nextHops.isEmpty() ? origin : origin + " via " + String.join(", ", nextHops);
        }

        private String age(Instant now) {
            return since.equals(Instant.EPOCH) ? "" : Humane.duration(since, now);
        }

        /** Who takes it and why, behind the address. */
        String explanation() {
            if (legs.isEmpty()) {
                return "nobody takes it, it is dropped as no_route: %s has %s"
                        .formatted(
                                prefix, nextHops.isEmpty() ? "no next hop" : "next hops that are no peer: " + from());
            }
            String who = legs.stream()
                    .map(leg -> "peer %s (%s)".formatted(name(leg), leg.remote()))
                    .collect(Collectors.joining(", by flow, or "));
            return isFollowed() ? "%s by %s from %s".formatted(who, prefix, from()) : who + " by " + prefix;
        }
    }

    static RoutesDocument parse(String json) throws IOException {
        StatusDocument document = StatusDocument.parse(json);
        Map<String, String> remotes = new HashMap<>();
        document.objects("peers").forEach(peer -> remotes.put(peer.text("name"), remote(peer)));
        return new RoutesDocument(
                document.text("device"),
                document.objects("routes")
                        .map(route -> route(route, remotes))
                        .sorted(Comparator.comparing(
                                        (Route route) -> !route.prefix().isIpv4())
                                .thenComparing(route -> -route.prefix().length())
                                .thenComparing(route -> route.prefix().toString()))
                        .toList());
    }

    private static String remote(StatusDocument peer) {
        return peer.text("remote") + " port " + peer.text("port");
    }

    private static Route route(StatusDocument route, Map<String, String> remotes) {
        long all = route.objects("legs").mapToLong(leg -> leg.number("weight")).sum();
        List<Leg> legs = route.objects("legs")
                .map(leg -> new Leg(
                        leg.text("peer"),
                        remotes.getOrDefault(leg.text("peer"), ""),
                        Math.round(100f * leg.number("weight") / Math.max(all, 1))))
                .toList();
        return new Route(
                prefix(route.text("prefix")),
                route.text("origin"),
                route.texts("nextHops").toList(),
                legs,
                route.time("since"));
    }

    private static Prefix prefix(String text) {
        int slash = text.indexOf('/');
        return new Prefix(
                NetUtil.createInetAddressFromIpAddressString(text.substring(0, slash)),
                Integer.parseInt(text.substring(slash + 1)));
    }
}
