package net.fougateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.fougateway.config.ConfigException;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.DeviceRoute;
import net.fougateway.linux.DeviceRoute.Hop;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.plan.FakeHost;
import net.fougateway.plan.Followed;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import net.fougateway.plan.StartException;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.route.Prefix;
import net.fougateway.route.RouteTable;
import net.fougateway.route.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetTest {

    private static final int BIRD = 12;
    private static final String CONFIG = """
            routes: {from_kernel: main}
            peers:
            - {name: k, remote: 192.0.2.7, allowed_ips: [10.7.0.0/16, 10.10.10.7/32]}
            - {name: fleet, type: next_hop, remote: [172.16.0.0/12, "2001:db8:1::/48"], limit: 3}
            """;

    private final List<DeviceRoute> routes = new ArrayList<>();
    private long nanos;
    private final Fleet fleet = new Fleet(new Host(), () -> nanos);

    /** 172.16.0.1 is an address of this host, and 172.16.0.2 is routed into the tunnel. */
    private static final class Host extends FakeHost {
        Host() {
            super(1500);
        }

        @Override
        public RouteInfo route(InetAddress to, Underlay from) throws LinuxException {
            RouteInfo way = super.route(to, from);
            boolean inTunnel = to.equals(Peers.address("172.16.0.2"));
            return new RouteInfo(
                    way.interfaceIndex(),
                    inTunnel ? "fou0" : way.device(),
                    way.mtuBytes(),
                    way.pathMtuBytes(),
                    way.preferredSource(),
                    way.gateway(),
                    to.equals(Peers.address("172.16.0.1")),
                    false);
        }
    }

    private static GatewayConfig config(String yaml) {
        try {
            return ConfigLoader.load("gateway.yaml", yaml, Map.of(), Map.of());
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Prefix prefix(String text) {
        int slash = text.indexOf('/');
        return new Prefix(Peers.address(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    private void route(String prefix, String... gateways) {
        route(0, 0, prefix, gateways);
    }

    private void route(int tos, int metric, String prefix, String... gateways) {
        List<Hop> hops = List.of(gateways).stream()
                .map(gateway -> new Hop(Peers.address(gateway), 1))
                .toList();
        routes.add(new DeviceRoute(prefix(prefix), BIRD, tos, metric, hops));
    }

    private Peering peering() {
        return peering(CONFIG);
    }

    private Peering peering(String yaml) {
        GatewayConfig config = config(yaml);
        try {
            Plan plan = Plan.of(config, new FakeHost(1500));
            return fleet.peering(config, plan.peering(), FollowedRoutes.NONE.then(routes, Instant.EPOCH));
        } catch (StartException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String takes(Peering peering, String address) {
        InetAddress inner = Peers.address(address);
        int target = peering.routes()
                .lookup(inner.getAddress().length == 4, AddressBits.high(inner), AddressBits.low(inner));
        if (RouteTable.isGroup(target)) {
            return "group of " + peering.routes().legs(target);
        }
        return target == RouteTable.NONE
                ? "nobody"
                : peering.peers().get(target).name();
    }

    @ParameterizedTest
    @CsvSource({
        "172.16.2.10, fleet/172.16.2.10",
        "2001:db8:1::7, fleet/2001:db8:1::7",
        "::172.16.2.10, fleet/172.16.2.10",
        "::ffff:172.16.2.10, fleet/172.16.2.10",
        "fe80::5efe:172.16.2.10, fleet/172.16.2.10",
        "192.0.2.7, k",
        "10.10.10.7, k",
        "10.10.10.2, fleet/172.16.2.10",
        "10.10.10.3, fleet/172.16.2.10",
        "10.10.10.4, nobody",
        "198.51.100.1, nobody",
        "172.16.0.1, nobody",
        "172.16.0.2, nobody"
    })
    void aNextHopIsAnOuterAddressOrLeadsToOne(String nextHop, String who) {
        route("10.10.10.2/32", "172.16.2.10");
        route("10.10.10.3/32", "10.10.10.2");
        route("10.10.10.4/32", "10.10.10.4");
        route("10.42.2.0/24", nextHop);
        assertThat(takes(peering(), "10.42.2.1")).isEqualTo(who);
    }

    @Test
    void anIpv6RouteMayHaveAnIpv4Machine() {
        route("fd00:42::/64", "::172.16.2.10");
        assertThat(takes(peering(), "fd00:42::1")).isEqualTo("fleet/172.16.2.10");
    }

    @Test
    void aRouteWithoutNextHopLeavesItToAllowedIps() {
        route("10.42.0.0/16", "172.16.2.10");
        route("10.42.3.0/24");
        route("10.7.0.0/16");
        Peering peering = peering();
        assertThat(takes(peering, "10.42.2.1")).isEqualTo("fleet/172.16.2.10");
        assertThat(takes(peering, "10.42.3.1")).isEqualTo("nobody");
        assertThat(takes(peering, "10.7.1.1")).isEqualTo("k");
    }

    @Test
    void aRouteWithNextHopGoesBeforeAllowedIps() {
        route("10.7.0.0/16", "172.16.2.10");
        assertThat(takes(peering(), "10.7.1.1")).isEqualTo("fleet/172.16.2.10");
    }

    @Test
    void aLostPrefixIsNotGivenToAShorterOne() {
        route("10.42.0.0/16", "172.16.2.10");
        route("10.42.9.0/24", "198.51.100.1");
        Peering peering = peering();
        assertThat(takes(peering, "10.42.9.1")).isEqualTo("nobody");
        assertThat(peering.followed().findings())
                .singleElement()
                .asString()
                .startsWith("next hop 198.51.100.1 of the route to 10.42.9.0/24 is no peer");
    }

    @Test
    void leastMetricThenFirstAndNoTos() {
        route(0, 20, "10.42.2.0/24", "172.16.2.1");
        route(0, 10, "10.42.2.0/24", "172.16.2.2");
        route(0, 10, "10.42.2.0/24", "172.16.2.3");
        route(8, 0, "10.42.2.0/24", "172.16.2.4");
        Peering peering = peering();
        assertThat(takes(peering, "10.42.2.1")).isEqualTo("fleet/172.16.2.2");
        assertThat(peering.followed().otherTos()).isOne();
        assertThat(peering.followed().findings()).singleElement().asString().startsWith("1 routes through fou0");
    }

    @Test
    void severalNextHopsShare() {
        route("10.42.2.0/24", "172.16.2.1", "172.16.2.2", "192.0.2.7");
        route("10.42.3.0/24", "172.16.2.1", "::172.16.2.1");
        route("10.42.4.0/24", "172.16.2.1", "198.51.100.1");
        Peering peering = peering();
        assertThat(takes(peering, "10.42.2.1")).isEqualTo("group of 3");
        assertThat(takes(peering, "10.42.3.1")).isEqualTo("fleet/172.16.2.1");
        assertThat(takes(peering, "10.42.4.1")).isEqualTo("fleet/172.16.2.1");
        assertThat(peering.followed().routes())
                .filteredOn(route -> route.prefix().equals(prefix("10.42.3.0/24")))
                .singleElement()
                .extracting(Followed.Route::legs)
                .asString()
                .contains("weight=2");
    }

    @Test
    void membersStayForAMinuteAndKeepTheirPlace() {
        route("10.42.2.0/24", "172.16.2.1");
        route("10.42.3.0/24", "172.16.2.2");
        Peering before = peering();
        assertThat(before.followed().members()).containsExactly(Map.entry("fleet", 2));
        assertThat(before.peers()).extracting(Peer::index).containsExactly(0, 1, 2);
        routes.removeIf(route -> route.destination().equals(prefix("10.42.2.0/24")));
        nanos = Members.GRACE_NANOS - 1;
        assertThat(peering().peers()).hasSize(3);
        nanos = Members.GRACE_NANOS;
        assertThat(fleet.isAnyOverdue()).isTrue();
        Peering after = peering();
        assertThat(after.peers()).extracting(Peer::name).containsExactly("k", "fleet/172.16.2.2");
        assertThat(after.peers()).extracting(Peer::index).containsExactly(0, 1);
        assertThat(takes(after, "10.42.3.1")).isEqualTo("fleet/172.16.2.2");
    }

    @Test
    void noMoreMembersThanTheLimit() {
        for (int i = 1; i <= 5; i++) {
            route("10.42." + i + ".0/24", "172.16.2." + i);
        }
        Peering peering = peering();
        assertThat(peering.followed().members()).containsExactly(Map.entry("fleet", 3));
        assertThat(peering.followed().findings()).hasSize(2).allMatch(finding -> finding.contains("raise limit"));
    }

    @Test
    void aChangedTemplateMakesMembersAnew() {
        route("10.42.2.0/24", "172.16.2.1");
        assertThat(peering().peers().get(1).ttl()).isEqualTo(64);
        assertThat(peering(CONFIG.replace("limit: 3", "limit: 3, ttl: 9"))
                        .peers()
                        .get(1)
                        .ttl())
                .isEqualTo(9);
    }

    @Test
    void nothingIsFollowedUnlessAskedFor() {
        route("10.7.0.0/16", "172.16.2.10");
        String off = "peers: [{name: k, remote: 192.0.2.7, allowed_ips: [10.7.0.0/16]}]\n";
        assertThat(takes(peering(off), "10.7.1.1")).isEqualTo("k");
    }

    @Test
    void theSameRoutesAreTheSameObject() {
        route("10.42.2.0/24", "172.16.2.1");
        FollowedRoutes first = FollowedRoutes.NONE.then(routes, Instant.EPOCH);
        assertThat(first.then(List.copyOf(routes), Instant.MAX)).isSameAs(first);
        route("10.42.3.0/24", "172.16.2.1");
        FollowedRoutes second = first.then(routes, Instant.MAX);
        assertThat(second.routes().get(prefix("10.42.2.0/24")).instant()).isEqualTo(Instant.EPOCH);
        assertThat(second.routes().get(prefix("10.42.3.0/24")).instant()).isEqualTo(Instant.MAX);
    }
}
