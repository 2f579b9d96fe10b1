package net.fougateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.Errno;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.route.Underlay;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of peers, and which of their addresses is taken, also later. */
class NamedPeersTest {

    private static final InetAddress A = Peers.address("192.0.2.7");
    private static final InetAddress A2 = Peers.address("192.0.2.8");
    private static final InetAddress AAAA = Peers.address("2001:db8::7");
    private static final String PEER = "{name: p, remote: %s, allowed_ips: [10.1.0.0/16]%s}";
    private static final String BOTH = PEER.formatted("both", "");

    private final Map<String, List<InetAddress>> zone = new HashMap<>();
    private final Map<InetAddress, Optional<InetAddress>> sources = new HashMap<>();
    private boolean ipv4Routed = true;
    private boolean ipv6Routed = true;
    private String ipv4Device = "eth0";
    private OptionalInt mtuAround = OptionalInt.empty();

    private final FakeHost host = new FakeHost(1500) {
        @Override
        public List<InetAddress> addresses(String name) {
            return zone.getOrDefault(name, List.of());
        }

        @Override
        public RouteInfo route(InetAddress to, Underlay from) throws LinuxException {
            boolean ipv4 = to instanceof Inet4Address;
            if (ipv4 ? !ipv4Routed : !ipv6Routed) {
                throw Errno.failure(Errno.ENETUNREACH.number(), "find a route");
            }
            RouteInfo way = super.route(to, from);
            return new RouteInfo(
                    2,
                    ipv4 ? ipv4Device : "eth0",
                    1500,
                    1500,
                    sources.getOrDefault(to, way.preferredSource()),
                    Optional.empty(),
                    false,
                    false);
        }

        @Override
        public OptionalInt mtuAround(InetAddress to, String device) {
            return mtuAround;
        }
    };

    @BeforeEach
    void fillZone() {
        zone.put("both", List.of(A, AAAA));
        zone.put("a", List.of(A));
        zone.put("aaaa", List.of(AAAA));
    }

    private static GatewayConfig config(String listen, String... peers) throws Exception {
        String yaml = "listen: [%s]\npeers: [%s]\n".formatted(listen, String.join(", ", peers));
        return ConfigLoader.load("test", yaml, Map.of(), Map.of());
    }

    private Plan planListening(String listen, String... peers) throws Exception {
        return Plan.of(config(listen, peers), host);
    }

    private Plan plan(String... peers) throws Exception {
        return planListening("{port: 5555}", peers);
    }

    private Plan next(Plan plan) throws Exception {
        return plan.next(plan.config(), host);
    }

    private static InetAddress remote(Plan plan) {
        return plan.peers().get(0).remote();
    }

    @Test
    void ofTwoAddressesTheFirstOneWithARouteIsTaken() throws Exception {
        assertThat(remote(plan(BOTH))).isEqualTo(A);

        ipv4Routed = false;
        assertThat(remote(plan(BOTH))).isEqualTo(AAAA);

        ipv6Routed = false;
        assertThat(remote(plan(BOTH))).isEqualTo(A);
        assertThat(plan(BOTH).peering().problems()).isEmpty();
    }

    @Test
    void theFamilyIsThatOfLocalOrOneThatIsListenedOn() throws Exception {
        assertThat(remote(plan(PEER.formatted("both", ", local: \"2001:db8::1\""))))
                .isEqualTo(AAAA);
        assertThat(remote(planListening("{port: 5555, local: \"::\"}", BOTH))).isEqualTo(AAAA);
        assertThat(remote(planListening("{port: 5555, local: 0.0.0.0}", BOTH))).isEqualTo(A);

        ipv6Routed = false;
        assertThat(remote(plan(PEER.formatted("both", ", local: \"2001:db8::1\""))))
                .isEqualTo(AAAA);
    }

    /** The kernel sends from such an address, or from none, where a route has outlived the host's own addresses. */
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"127.0.0.1", "169.254.7.7"})
    void aRouteThatNoAddressCanBeSentFromIsNone(String source) throws Exception {
        sources.put(A, Optional.ofNullable(source).map(Peers::address));

        assertThat(remote(plan(BOTH))).isEqualTo(AAAA);
        assertThat(remote(plan(PEER.formatted("both", ", local: 192.0.2.1")))).isEqualTo(A);
    }

    /** An IPv4 default route into the tunnel is no way to the other end of the tunnel. */
    @Test
    void theTunnelIsNoWayToItsOwnEnd() throws Exception {
        ipv4Device = "fou0";
        assertThat(remote(plan(BOTH))).isEqualTo(AAAA);

        mtuAround = OptionalInt.of(9000);
        assertThat(remote(plan(BOTH))).isEqualTo(A);
        assertThat(plan(BOTH).mtu().bytes()).isEqualTo(9000 - 28);
    }

    @Test
    void aNameThatDoesNotResolveLeavesOnlyItsPeerUnresolved() throws Exception {
        Plan plan = plan(
                "{name: one, remote: a, allowed_ips: [10.1.0.0/16]}",
                "{name: two, remote: nowhere, allowed_ips: [10.2.0.0/16, 0.0.0.0/0]}",
                "{name: three, remote: nowhere.either, local: \"2001:db8::1\", allowed_ips: [10.3.0.0/16]}",
                "{name: four, remote: 192.0.2.4, allowed_ips: [10.4.0.0/16]}");

        assertThat(plan.peers()).extracting(Peer::name).containsExactly("one", "two", "three", "four");
        assertThat(plan.peers()).extracting(Peer::isResolved).containsExactly(true, false, false, true);
        assertThat(plan.peers()).extracting(Peer::isIpv4Underlay).containsExactly(true, true, false, true);
        assertThat(plan.peering().problems()).hasSize(2);
        assertThat(plan.peering().problems().get(0)).contains("two", "nowhere", "does not resolve");
        assertThat(plan.tunnel().toAdd())
                .extracting(Object::toString)
                .containsExactly("10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16");
    }

    @Test
    void aNameWithoutAnAddressOfTheRightFamilyIsUnresolvedToo() throws Exception {
        Plan plan = planListening("{port: 5555, local: 0.0.0.0}", PEER.formatted("aaaa", ""));

        assertThat(plan.peering().problems()).singleElement().asString().contains("aaaa", "2001:db8::7", "listen");
    }

    @Test
    void anAddressThatIsStillAmongThoseOfTheNameStays() throws Exception {
        Plan before = plan(BOTH);
        zone.put("both", List.of(A2, AAAA, A));

        assertThat(before.isOutdated(host)).isFalse();
        assertThat(remote(next(before))).isEqualTo(A);
        assertThat(remote(plan(BOTH))).isEqualTo(A2);
    }

    @Test
    void aPeerMovesWhenItsAddressIsGone() throws Exception {
        Plan before = plan(BOTH, "{name: other, remote: aaaa, allowed_ips: [10.2.0.0/16]}");
        zone.put("both", List.of(A2, AAAA));

        assertThat(before.isOutdated(host)).isTrue();
        Plan after = next(before);
        assertThat(remote(after)).isEqualTo(A2);
        assertThat(after.peers().get(1)).isEqualTo(before.peers().get(1));
        assertThat(after.named().movedFrom(before.named(), host))
                .containsExactly("peer p: the name both resolves to 192.0.2.8 now, no longer to 192.0.2.7");
        assertThat(after.isOutdated(host)).isFalse();
    }

    @Test
    void aPeerMovesWhenTheRouteToItIsGoneAndDoesNotComeBack() throws Exception {
        Plan before = plan(BOTH);
        ipv4Routed = false;

        Plan after = next(before);
        assertThat(remote(after)).isEqualTo(AAAA);
        assertThat(after.named().movedFrom(before.named(), host))
                .containsExactly(
                        "peer p: of the addresses of the name both it is at 2001:db8::7 now, since it cannot be reached at 192.0.2.7");
        ipv4Routed = true;
        assertThat(after.isOutdated(host)).isFalse();
    }

    /** Also when a name server answers for one family and not for the other. */
    @Test
    void aPeerDoesNotMoveToWhereItCannotBeReached() throws Exception {
        Plan before = plan(BOTH);
        ipv6Routed = false;
        zone.put("both", List.of(AAAA));

        assertThat(before.isOutdated(host)).isFalse();
    }

    @Test
    void aPeerThatResolvesAtLastIsNoMove() throws Exception {
        Plan before = plan(PEER.formatted("late", ""));
        assertThat(before.isOutdated(host)).isFalse();
        zone.put("late", List.of(A));

        assertThat(before.isOutdated(host)).isTrue();
        Plan after = next(before);
        assertThat(remote(after)).isEqualTo(A);
        assertThat(after.named().movedFrom(before.named(), host)).isEmpty();
    }

    @Test
    void anotherNameBeginsAnew() throws Exception {
        zone.put("new", List.of(A2, A));
        Plan before = plan(BOTH);

        Plan after = before.next(config("{port: 5555}", PEER.formatted("new", "")), host);

        assertThat(remote(after)).isEqualTo(A2);
        assertThat(after.named().movedFrom(before.named(), host)).isEmpty();
    }
}
