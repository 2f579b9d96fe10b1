package net.fougateway.status;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import net.fougateway.linux.RouteProtocol;
import net.fougateway.metrics.Routing;
import net.fougateway.metrics.Routing.KernelRoutes;
import net.fougateway.metrics.Routing.State;
import net.fougateway.plan.Followed;
import net.fougateway.plan.Peering;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/** What a snapshot tells of the routes: counted once for each set of peers and routes. */
final class RoutingReport {

    private static final String ALLOWED_IPS = "allowed_ips";

    private record Told(Peering of, List<KernelRoutes> kernelRoutes) {}

    private final Supplier<Routing.Reads> reads;
    private volatile Told told;

    /** Tells how often the routes were read, too. */
    RoutingReport(Supplier<Routing.Reads> reads) {
        this.reads = reads;
    }

    /** Compares objects, not all that is in them. */
    @SuppressWarnings("ReferenceEquality")
    Routing of(Peering peering) {
        Told now = told;
        if (now == null || now.of != peering) {
            now = new Told(peering, kernelRoutes(peering.followed()));
            told = now;
        }
        return new Routing(
                peering.routes().size(true),
                peering.routes().size(false),
                () -> routes(peering),
                now.kernelRoutes,
                peering.followed().members(),
                reads.get());
    }

    private static List<Routing.Route> routes(Peering peering) {
        List<Routing.Route> routes = new ArrayList<>();
        Set<Prefix> followed = new HashSet<>();
        for (Followed.Route route : peering.followed().routes()) {
            followed.add(route.prefix());
            routes.add(followed(route));
        }
        for (Peer peer : peering.peers()) {
            peer.allowedIps().stream()
                    .filter(prefix -> !followed.contains(prefix))
                    .map(prefix -> allowed(prefix, peer))
                    .forEach(routes::add);
        }
        return List.copyOf(routes);
    }

    private static Routing.Route followed(Followed.Route route) {
        return new Routing.Route(
                route.prefix().toString(),
                RouteProtocol.name(route.protocol()),
                route.metric(),
                route.nextHops(),
                route.legs().stream()
                        .map(leg -> new Routing.Leg(leg.name(), leg.weight()))
                        .toList(),
                route.since());
    }

    private static Routing.Route allowed(Prefix prefix, Peer peer) {
        return new Routing.Route(
                prefix.masked().toString(),
                ALLOWED_IPS,
                0,
                List.of(),
                List.of(new Routing.Leg(peer.name(), 1)),
                Instant.EPOCH);
    }

    private static List<KernelRoutes> kernelRoutes(Followed followed) {
        List<KernelRoutes> counts = new ArrayList<>();
        for (boolean ipv4 : new boolean[] {true, false}) {
            for (State state : State.values()) {
                long routes = followed.routes().stream()
                        .filter(route -> route.prefix().isIpv4() == ipv4 && state(route) == state)
                        .count();
                counts.add(new KernelRoutes(
                        ipv4, state, routes + (state == State.OTHER_TOS ? otherTos(followed, ipv4) : 0)));
            }
        }
        return List.copyOf(counts);
    }

    /** IPv6 routes have no TOS. */
    private static long otherTos(Followed followed, boolean ipv4) {
        return ipv4 ? followed.otherTos() : 0;
    }

    private static State state(Followed.Route route) {
        if (route.isLost()) {
            return State.NO_PEER;
        }
        return route.nextHops().isEmpty() ? State.ON_LINK : State.USED;
    }
}
