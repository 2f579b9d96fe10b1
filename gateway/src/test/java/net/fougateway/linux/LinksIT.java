package net.fougateway.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.route.Prefix;
import net.fougateway.route.Underlay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LinksIT {

    private TestNamespace namespace;
    private Netlink netlink;
    private Links links;
    private Routes routes;

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = new TestNamespace();
        namespace.makeUnderlay();
        namespace.makeTun("fou0");
        netlink = namespace.netlink();
        links = new Links(netlink);
        routes = new Routes(netlink);
    }

    @AfterEach
    void removeNamespace() throws Exception {
        if (netlink != null) {
            netlink.close();
            namespace.close();
        }
    }

    @Test
    void whatALinkIsUponIsOfTheSameNamespace() throws Exception {
        namespace.ip("link add v0 type veth peer name v1");
        assertThat(links.find("v0").orElseThrow().lowerIndex())
                .isEqualTo(links.find("v1").orElseThrow().index());

        try (TestNamespace other = new TestNamespace()) {
            namespace.ip("link set v1 netns " + other.name());
            assertThat(links.find("v0").orElseThrow().lowerIndex()).isZero();
        }
    }

    @Test
    void changesTheLink() throws Exception {
        links.setMtu("fou0", 1472);
        links.setTxQueueLength("fou0", 2000);
        links.setUp("fou0");

        Link link = links.find("fou0").orElseThrow();
        assertThat(link.mtuBytes()).isEqualTo(1472);
        assertThat(link.txQueueLengthPackets()).isEqualTo(2000);
        assertThat(link.up()).isTrue();
        assertThat(link.carrier()).isFalse();
        assertThat(link.kind()).isEqualTo("tun");
        assertThat(link.hardwareType()).isEqualTo(65534);
        assertThat(link.txDropped()).isZero();
        assertThat(links.find("eth0").orElseThrow().carrier()).isTrue();
        assertThat(links.find("none0")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.10.10.1/24", "fd00:10::1/64"})
    void addsAnAddressOnce(String text) throws Exception {
        Prefix address = prefix(text);
        links.setUp("fou0");
        assertThat(links.addAddress("fou0", address, true)).isTrue();
        assertThat(links.addAddress("fou0", address, true)).isFalse();
        assertThat(links.addresses("fou0")).contains(address);
        assertThat(namespace.ip("addr show dev fou0")).doesNotContain("tentative");
        assertThat(links.removeAddress("fou0", address)).isTrue();
        assertThat(links.removeAddress("fou0", address)).isFalse();
        assertThat(links.removeAddress("none0", address)).isFalse();
    }

    @Test
    void sameIpv6AddressWithOtherLengthIsRefused() throws Exception {
        links.addAddress("fou0", prefix("fd00:10::1/64"), true);
        assertThatThrownBy(() -> links.addAddress("fou0", prefix("fd00:10::1/48"), true))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("cannot add address fd00:10::1/48 dev fou0: ");
    }

    @Test
    void errorsCarryTheKernelsWords() {
        assertThatThrownBy(() -> links.setMtu("fou0", 10))
                .hasMessage("cannot set MTU 10 on fou0: mtu less than device minimum");
        assertThatThrownBy(() -> links.setMtu("none0", 1400))
                .hasMessage("cannot set MTU 1400 on none0: No such device");
        assertThatThrownBy(() -> add(new Route(prefix("10.42.2.0/24"), "fou0")))
                .hasMessage("cannot add route 10.42.2.0/24 dev fou0: Device for nexthop is not up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.42.2.0/24", "fd00:42::/64", "0.0.0.0/1", "8000::/1"})
    void addsAndRemovesARoute(String text) throws Exception {
        links.setUp("fou0");
        Route route = new Route(prefix(text), "fou0");
        add(route);
        assertThatThrownBy(() -> add(route)).hasMessage("cannot add route " + route + ": File exists");
        assertThat(through("fou0")).contains(route);
        assertThat(routes.own()).extracting(Route::destination).containsExactly(route.destination());
        assertThat(routes.remove(route)).isTrue();
        assertThat(routes.remove(route)).isFalse();
        assertThat(through("fou0")).doesNotContain(route);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.%d.%d.0/24", "fd00:%x:%x::/64"})
    void addsThousandsOfRoutesAndTellsWhichWereRefused(String form) throws Exception {
        links.setUp("fou0");
        List<Route> all = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            all.add(new Route(prefix(form.formatted(1 + i / 250, i % 250)), "fou0").in(7000 + i % 2));
        }
        add(all.get(1234));
        assertThat(routes.add(all)).containsOnlyKeys(all.get(1234));
        assertThat(routes.through(links.find("fou0").orElseThrow()))
                .extracting(Route::destination)
                .containsAll(all.stream().map(Route::destination).toList());
        assertThat(routes.own()).hasSize(3000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void addsAndRemovesRules(boolean ipv4) throws Exception {
        Rules rules = new Rules(netlink);
        Rule suppressing = new Rule(ipv4, 32000, 0xca6c, 0, Route.MAIN, 1);
        Rule marked = new Rule(ipv4, 32001, 0xca6c, 0, 2405555, 0);
        Rule port = new Rule(ipv4, 31999, 0, 5555, Route.MAIN, 0);
        for (Rule rule : List.of(suppressing, marked, port)) {
            assertThat(rules.add(rule)).isTrue();
            assertThat(rules.add(rule)).isFalse();
        }
        assertThat(rules.isSupported()).isTrue();
        assertThat(rules.own()).containsExactlyInAnyOrder(suppressing, marked, port);
        assertThat(namespace.ip((ipv4 ? "" : "-6 ") + "rule show"))
                .contains("32000:\tnot from all fwmark 0xca6c lookup main suppress_prefixlength 0")
                .contains("32001:\tnot from all fwmark 0xca6c lookup 2405555")
                .contains("31999:\tfrom all ipproto udp sport 5555 lookup main");
        for (Rule rule : List.of(suppressing, marked, port)) {
            assertThat(rules.remove(rule)).isTrue();
            assertThat(rules.remove(rule)).isFalse();
        }
        assertThat(rules.own()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.7/32, 192.0.2.254",
        "198.51.100.7/32, 2001:db8::fe",
        "2001:db8:1::7/128, fe80::fe",
    })
    void routesOverAGateway(String text, String gateway) throws Exception {
        Prefix destination = prefix(text);
        Route route = new Route(destination, "eth0", Optional.of(InetAddress.getByName(gateway)));
        add(route);
        assertThat(through("eth0")).extracting(LinksIT::withoutMetric).contains(route);
        assertThat(routes.routeTo(destination.address(), Underlay.ANY).gateway())
                .isEqualTo(route.gateway());
        assertThat(routes.remove(route)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.7, 192.0.2.1, 192.0.2.254",
        "2001:db8:1::7, 2001:db8::1, fe80::fe",
    })
    void findsTheWay(String destination, String source, String gateway) throws Exception {
        InetAddress address = InetAddress.getByName(destination);
        RouteInfo way = routes.routeTo(address, Underlay.from(InetAddress.getByName(source)));
        assertThat(way.device()).isEqualTo("eth0");
        assertThat(way.interfaceIndex())
                .isEqualTo(links.find("eth0").orElseThrow().index());
        assertThat(way.mtuBytes()).isEqualTo(1500);
        assertThat(way.gateway()).contains(InetAddress.getByName(gateway));
        assertThat(way.local()).isFalse();
        assertThat(routes.routeTo(address, Underlay.ANY).preferredSource()).contains(InetAddress.getByName(source));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.7", "2001:db8:1::7"})
    void mtuOfTheRouteCounts(String destination) throws Exception {
        namespace.ip("route add " + destination + " dev eth0 mtu 1400");
        assertThat(routes.routeTo(InetAddress.getByName(destination), Underlay.ANY)
                        .mtuBytes())
                .isEqualTo(1400);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.9, 24",
        "198.51.100.7, 25",
        "203.0.113.7, 0",
        "192.0.2.1, 32",
        "2001:db8::9, 64",
        "2001:db8:1::7, 49",
        "2001:db8:2::7, 0",
    })
    void knowsHowSpecificARouteIs(String destination, int bits) throws Exception {
        namespace.ip("route add 198.51.100.0/25 dev eth0");
        namespace.ip("route add 2001:db8:1::/49 dev eth0");
        assertThat(routes.matchedBits(InetAddress.getByName(destination))).isEqualTo(bits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "2001:db8::1", "127.0.0.1", "::1"})
    void knowsOwnAddresses(String own) throws Exception {
        assertThat(routes.routeTo(InetAddress.getByName(own), Underlay.ANY).local())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.7", "2001:db8:1::7"})
    void noWayIsAnError(String destination) throws Exception {
        namespace.ip("route del default");
        namespace.ip("-6 route del default");
        assertThatThrownBy(() -> routes.routeTo(InetAddress.getByName(destination), Underlay.ANY))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENETUNREACH.number()))
                .hasMessageEndingWith("Network is unreachable");
    }

    @Test
    void namespaceIsThatOfTheThreadOnly() throws Exception {
        Path self = Path.of("/proc/thread-self/ns/net");
        Path outside = Files.readSymbolicLink(self);
        assertThat(namespace.call(() -> Files.readSymbolicLink(self))).isNotEqualTo(outside);
        assertThat(Files.readSymbolicLink(self)).isEqualTo(outside);
        assertThatThrownBy(() -> NetworkNamespace.call("no-such", () -> null))
                .hasMessage("cannot enter network namespace no-such: No such file or directory");
    }

    @Test
    void closedSocketRefuses() {
        netlink.close();
        assertThatThrownBy(() -> links.all()).hasMessage("cannot list interfaces: Bad file descriptor");
    }

    private static Prefix prefix(String text) throws Exception {
        String[] parts = text.split("/", 2);
        return new Prefix(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1]));
    }

    private void add(Route route) throws Exception {
        LinuxException refused = routes.add(List.of(route)).get(route);
        if (refused != null) {
            throw refused;
        }
    }

    /** The kernel gives IPv6 routes one. */
    private static Route withoutMetric(Route route) {
        return new Route(
                route.destination(), route.device(), route.gateway(), route.preferredSource(), 0, 0, route.table());
    }

    private List<Route> through(String device) throws Exception {
        return routes.main(destination -> true).stream()
                .filter(route -> route.device().equals(device))
                .map(LinksIT::withoutMetric)
                .toList();
    }
}
