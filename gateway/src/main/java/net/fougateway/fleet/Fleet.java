package net.fougateway.fleet;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.RoutingTable;
import net.fougateway.fleet.NextHops.Who;
import net.fougateway.host.Finding;
import net.fougateway.linux.DeviceRoute;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.plan.Followed;
import net.fougateway.plan.HostLookups;
import net.fougateway.plan.Peering;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerGroup.Leg;
import net.fougateway.route.Prefix;
import net.fougateway.route.RouteTable;

/** Puts the peers of a configuration and the routes of the host together: who is there, and which way packets go. */
public final class Fleet {

    /** No more findings than this are about next hops, so that they do not drown the others. */
    static final int MOST_FINDINGS = 8;

    private final HostLookups host;
    private final Members members;

    /** Nobody yet. */
    public Fleet(HostLookups host, LongSupplier nanos) {
        this.host = host;
        members = new Members(host, nanos);
    }

    /** True when a member that no route leads to any more has had its time. */
    public synchronized boolean isAnyOverdue() {
        return members.isAnyOverdue();
    }

    /**
     * The peers that hold, and their routes: where the host has a route with next hops, these decide; where it has one without, or none,
     * {@code allowed_ips}.
     *
     * @param own the peers of {@code config} that are there from the start, and their {@code allowed_ips}
     */
    public synchronized Peering peering(GatewayConfig config, Peering own, FollowedRoutes routes) {
        if (config.routes().fromKernel().equals(RoutingTable.OFF)) {
            return own;
        }
        members.retain(config.templates());
        return new Gathering(config, own, routes).peering();
    }

    /**
     * What becomes of packets with these next hops. Many routes have the same.
     *
     * @param lost next hops that are nobody
     */
    private record Way(List<String> nextHops, List<Leg> legs, List<InetAddress> lost) {}

    /** One gathering of all that holds. */
    private final class Gathering {

        private final GatewayConfig config;
        private final Peering own;
        private final FollowedRoutes followed;
        private final List<DeviceRoute> routes;
        private final NextHops nextHops;
        private final Map<InetAddress, Optional<Who>> whoByHop = new HashMap<>();
        private final Map<List<DeviceRoute.Hop>, Way> ways = new HashMap<>();
        private final Map<InetAddress, Finding> whyNot = new LinkedHashMap<>();
        private final Map<InetAddress, List<Prefix>> lost = new LinkedHashMap<>();
        private final Map<String, Peer> byName = new HashMap<>();

        Gathering(GatewayConfig config, Peering own, FollowedRoutes followed) {
            this.config = config;
            this.own = own;
            this.followed = followed;
            routes = followed.routes().values().stream()
                    .map(FollowedRoutes.Since::route)
                    .toList();
            nextHops = new NextHops(config, own, routes);
        }

        Peering peering() {
            routes.forEach(route -> route.hops().forEach(hop -> whoByHop.computeIfAbsent(hop.gateway(), this::find)));
            List<Peer> peers = new ArrayList<>(own.peers());
            members.peers(peers.size()).forEach(member -> peers.add(member.marked(own.mark())));
            peers.forEach(peer -> byName.put(peer.name(), peer));
            Map<Prefix, List<Leg>> legs = new HashMap<>();
            own.peers().forEach(peer -> peer.allowedIps().forEach(prefix -> legs.put(prefix, List.of(leg(peer, 1)))));
            List<Followed.Route> shown = new ArrayList<>();
            for (FollowedRoutes.Since since : followed.routes().values()) {
                Followed.Route route = route(since);
                shown.add(route);
                legs.put(route.prefix(), route.legs());
            }
            return new Peering(
                    List.copyOf(peers),
                    own.mark(),
                    own.problems(),
                    RouteTable.ofLegs(legs),
                    own.sourceCheck(),
                    new Followed(List.copyOf(shown), members.counts(), followed.otherTos(), findings()));
        }

        private Optional<Who> find(InetAddress hop) {
            Optional<Who> who = nextHops.at(hop);
            Optional<Finding> why = who.isEmpty()
                    ? Optional.of(Finding.NEXT_HOP_NO_PEER)
                    : who.filter(found -> found.peer() < 0).flatMap(this::whyNoMember);
            why.ifPresent(finding -> whyNot.put(hop, finding));
            return why.isPresent() ? Optional.empty() : who;
        }

        private Optional<Finding> whyNoMember(Who who) {
            if (members.has(who.template(), who.outer())) {
                members.need(config, who.template(), who.outer());
                return Optional.empty();
            }
            if (!members.hasRoom(who.template())) {
                return Optional.of(Finding.MEMBERS_LIMIT);
            }
            try {
                RouteInfo way = host.route(who.outer(), who.template().underlay(config.mark()));
                if (way.local() || way.broadcast()) {
                    return Optional.of(Finding.NEXT_HOP_OURSELVES);
                }
                if (way.device().equals(config.device().name())) {
                    return Optional.of(Finding.NEXT_HOP_IN_TUNNEL);
                }
            } catch (LinuxException noRoute) {
                // There may be one in a moment, and until then sending fails and is counted.
            }
            members.need(config, who.template(), who.outer());
            return Optional.empty();
        }

        private Followed.Route route(FollowedRoutes.Since since) {
            DeviceRoute route = since.route();
            Way way = ways.computeIfAbsent(route.hops(), this::way);
            way.lost()
                    .forEach(hop -> lost.computeIfAbsent(hop, gateway -> new ArrayList<>())
                            .add(route.destination()));
            return new Followed.Route(
                    route.destination(),
                    route.protocol(),
                    route.metric(),
                    since.instant(),
                    way.nextHops(),
                    route.hops().isEmpty() ? onLink(route.destination()) : way.legs());
        }

        private Way way(List<DeviceRoute.Hop> hops) {
            Map<String, Leg> legs = new LinkedHashMap<>();
            List<InetAddress> nobody = new ArrayList<>();
            for (DeviceRoute.Hop hop : hops) {
                Optional<Peer> peer = whoByHop.get(hop.gateway()).map(this::peer);
                peer.ifPresent(found -> legs.merge(
                        found.name(),
                        leg(found, hop.weight()),
                        (a, b) -> new Leg(a.name(), a.peer(), a.weight() + b.weight())));
                if (peer.isEmpty()) {
                    nobody.add(hop.gateway());
                }
            }
            List<String> nextHops = hops.stream()
                    .map(hop -> NetUtil.toAddressString(hop.gateway()))
                    .toList();
            return new Way(nextHops, List.copyOf(legs.values()), List.copyOf(nobody));
        }

        private Peer peer(Who who) {
            return who.peer() >= 0
                    ? own.peers().get(who.peer())
                    : byName.get(Members.name(who.template(), who.outer()));
        }

        /** The peer whose {@code allowed_ips} cover a prefix that the host has on the link. */
        private List<Leg> onLink(Prefix prefix) {
            return own.owner(prefix.address())
                    .map(peer -> List.of(leg(peer, 1)))
                    .orElse(List.of());
        }

        private static Leg leg(Peer peer, int weight) {
            return new Leg(peer.name(), peer.index(), weight);
        }

        private List<String> findings() {
            List<String> findings = new ArrayList<>();
            lost.entrySet().stream()
                    .limit(MOST_FINDINGS)
                    .forEach(entry -> findings.add(finding(entry.getKey(), entry.getValue())));
            if (followed.otherTos() > 0) {
                findings.add(Finding.ROUTES_OF_ONE_TOS.sentence(Map.of(
                        "count", followed.otherTos(), "device", config.device().name())));
            }
            return List.copyOf(findings);
        }

        private String finding(InetAddress hop, List<Prefix> prefixes) {
            String others = prefixes.size() == 1 ? "" : " and " + (prefixes.size() - 1) + " more";
            return whyNot.get(hop)
                    .sentence(Map.of(
                            "hop", NetUtil.toAddressString(hop),
                            "prefixes", prefixes.get(0) + others,
                            "device", config.device().name()));
        }
    }
}
