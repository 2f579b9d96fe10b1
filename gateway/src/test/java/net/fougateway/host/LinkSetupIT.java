package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.fougateway.linux.Routes;
import net.fougateway.route.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LinkSetupIT extends HostWithTun {

    private static final List<String> ADDRESSES = List.of("10.10.10.1/24", "fd00:10::1/64");

    private static final Detour HOST_ROUTES = new Detour(0, List.of(5555));

    @Test
    void setsUpTheDevice() throws Exception {
        try (LinkSetup setup = LinkSetup.apply(netlink, settings("10.42.2.0/24 10.10.10.0/24 fd00:42::/64", ""))) {
            assertThat(setup).isNotNull();
            assertThat(namespace.ip("link show dev fou0")).contains("mtu 1472", "qlen 600", ",UP");
            assertThat(namespace.ip("addr show dev fou0")).contains("inet 10.10.10.1/24", "inet6 fd00:10::1/64");
            assertThat(namespace.ip("route show dev fou0")).contains("10.42.2.0/24", "10.10.10.0/24 proto kernel");
            assertThat(namespace.ip("-6 route show dev fou0")).contains("fd00:42::/64");
        }
    }

    @Test
    void closeLeavesNothing() throws Exception {
        namespace.ip("link set fou0 up");
        String before = hostState();
        LinkSetup setup = LinkSetup.apply(
                netlink,
                settings("0.0.0.0/0 ::/0 198.51.100.0/24 fd00:42::/64", "198.51.100.7 192.0.2.9 2001:db8:1::7"));
        assertThat(hostState()).isNotEqualTo(before);
        setup.close();
        assertThat(hostState()).isEqualTo(before);
        setup.close();
    }

    @Test
    void keepsWhatWasThereBefore() throws Exception {
        namespace.ip("link set fou0 up");
        namespace.ip("addr add 10.10.10.1/24 dev fou0");
        namespace.ip("-6 addr add fd00:10::1/64 dev fou0 nodad");
        namespace.ip("route add 10.42.2.0/24 dev fou0");
        namespace.ip("-6 route add fd00:42::/64 dev fou0");
        String before = hostState();
        LinkSetup.apply(netlink, settings("10.42.2.0/24 fd00:42::/64", "")).close();
        assertThat(hostState()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 198.51.100.7, 192.0.2.254, 203.0.113.1",
        "198.51.100.0/24, 198.51.100.7, 192.0.2.254, 198.51.100.8",
        "::/0, 2001:db8:1::7, fe80::fe, 2001:db8:2::1",
        "2001:db8:1::/48, 2001:db8:1::7, fe80::fe, 2001:db8:1::8",
    })
    void peerStaysOnTheUnderlay(String allowed, String outer, String gateway, String inner) throws Exception {
        try (LinkSetup setup = LinkSetup.apply(netlink, settings(allowed, outer))) {
            assertThat(setup).isNotNull();
            assertThat(deviceFor(outer)).isEqualTo("eth0");
            assertThat(namespace.ip("route get " + outer)).contains("via " + gateway);
            assertThat(deviceFor(inner)).isEqualTo("fou0");
            assertThat(namespace.ip("route show default")).contains("via 192.0.2.254 dev eth0");
            assertThat(namespace.ip("-6 route show default")).contains("via fe80::fe dev eth0");
        }
        assertThat(namespace.ip("route show root 198.51.100.0/24")).isEmpty();
        assertThat(deviceFor(inner)).isEqualTo("eth0");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 198.51.100.7, 203.0.113.7, 192.0.2.254",
        "::/0, 2001:db8:1::7, 2001:db8:2::7, fe80::fe",
    })
    void peerThatMovesStaysOnTheUnderlay(String allowed, String from, String to, String gateway) throws Exception {
        try (LinkSetup setup = LinkSetup.apply(netlink, settings(allowed, from))) {
            assertThat(deviceFor(to)).isEqualTo("fou0");
            setup.check(settings(allowed, to));
            setup.update(settings(allowed, to));
            assertThat(deviceFor(to)).isEqualTo("eth0");
            assertThat(namespace.ip("route get " + to)).contains("via " + gateway);
            assertThat(deviceFor(from)).isEqualTo("fou0");
        }
    }

    @Test
    void peerThatOnlyTheTunnelLeadsToIsAProblem() throws Exception {
        try (LinkSetup setup = LinkSetup.apply(netlink, settings("0.0.0.0/0", "192.0.2.9"))) {
            namespace.ip("route del default");
            assertThatThrownBy(() -> setup.update(settings("0.0.0.0/0", "198.51.100.7")))
                    .hasMessageContaining("198.51.100.7 is routed into fou0");
            assertThat(deviceFor("192.0.2.9")).isEqualTo("eth0");
        }
    }

    @Test
    void neighbourOnTheUnderlayIsKeptToo() throws Exception {
        try (LinkSetup setup =
                LinkSetup.apply(netlink, settings("192.0.2.0/25 2001:db8::/96", "192.0.2.9 2001:db8::9"))) {
            assertThat(setup).isNotNull();
            assertThat(deviceFor("192.0.2.9")).isEqualTo("eth0");
            assertThat(deviceFor("2001:db8::9")).isEqualTo("eth0");
            assertThat(deviceFor("192.0.2.10")).isEqualTo("fou0");
            assertThat(deviceFor("2001:db8::10")).isEqualTo("fou0");
        }
    }

    @Test
    void ownAddressAsPeerNeedsNoHostRoute() throws Exception {
        LinkSettings settings = settings("0.0.0.0/0 ::/0", "192.0.2.1 127.0.0.1 2001:db8::1");
        assertThat(LinkSetup.commands(netlink, settings)).noneMatch(command -> command.contains("eth0"));
        LinkSetup.apply(netlink, settings).close();
    }

    @Test
    void deviceMayBeGoneAtClose() throws Exception {
        String before = namespace.ip("route show dev eth0") + namespace.ip("-6 route show dev eth0");
        LinkSetup setup = LinkSetup.apply(netlink, settings("0.0.0.0/0 ::/0", "198.51.100.7 2001:db8:1::7"));
        namespace.ip("link del fou0");
        setup.close();
        assertThat(namespace.ip("route show dev eth0") + namespace.ip("-6 route show dev eth0"))
                .isEqualTo(before);
    }

    @Test
    void reportsAllProblemsAndLeavesNothing() throws Exception {
        namespace.ip("link set fou0 up");
        namespace.ip("route add 10.42.2.0/24 dev eth0 metric 50");
        namespace.ip("-6 route add fd00:42::/64 dev eth0");
        String before = hostState();
        assertThatThrownBy(() -> LinkSetup.apply(netlink, settings("10.42.2.0/24 10.42.3.0/24 fd00:42::/64", "")))
                .isInstanceOfSatisfying(
                        LinkSetupException.class, e -> assertThat(e.problems()).hasSize(2))
                .hasMessageContaining("cannot add route 10.42.2.0/24 dev fou0 (it goes to eth0 now): File exists")
                .hasMessageContaining("allowed_ips")
                .hasMessageContaining("cannot add route fd00:42::/64 dev fou0 (it goes to eth0 now)");
        assertThat(hostState()).isEqualTo(before);
    }

    @Test
    void mtuBelowIpv6MinimumIsReportedWithRemedy() {
        LinkSettings settings = new LinkSettings(
                "fou0",
                1200,
                true,
                false,
                500,
                TunnelRoutes.of(List.of(Addresses.prefix("fd00:10::1/64")), List.of(), List.of()),
                HOST_ROUTES,
                Optional.empty());
        assertThatThrownBy(() -> LinkSetup.apply(netlink, settings))
                .hasMessageContaining("cannot add address fd00:10::1/64 dev fou0")
                .hasMessageContaining("1280");
    }

    @Test
    void switchedOffIpv6IsReportedWithRemedy() throws Exception {
        namespace.ip("link set fou0 mtu 1400");
        Path switchOff = Path.of("/proc/sys/net/ipv6/conf/fou0/disable_ipv6");
        namespace.call(() -> Files.writeString(switchOff, "1"));
        assertThatThrownBy(() -> LinkSetup.apply(netlink, settings("10.42.2.0/24", "")))
                .hasMessageContaining("disable_ipv6=0");
    }

    @Test
    void tellsWhatIsMissing() throws Exception {
        namespace.ip("link del fou0");
        namespace.ip("route del default");
        assertThatThrownBy(() -> LinkSetup.apply(netlink, settings("0.0.0.0/0", "198.51.100.7")))
                .hasMessageContaining("there is no device fou0")
                .hasMessageContaining("cannot find a route to 198.51.100.7: Network is unreachable");
    }

    @Test
    void commandsDoTheSame() throws Exception {
        LinkSettings settings = settings("0.0.0.0/0 fd00:42::/64", "198.51.100.7");
        List<String> commands = LinkSetup.commands(netlink, settings);
        assertThat(commands)
                .containsExactly(
                        "ip link set fou0 mtu 1472",
                        "ip link set fou0 multicast off addrgenmode none",
                        "ip route add 198.51.100.7/32 via 192.0.2.254 dev eth0 onlink metric 5555",
                        "ip addr add 10.10.10.1/24 dev fou0",
                        "ip addr add fd00:10::1/64 dev fou0 nodad",
                        "ip link set fou0 txqueuelen 600",
                        "ip link set fou0 up",
                        "ip route add 0.0.0.0/1 dev fou0",
                        "ip route add 128.0.0.0/1 dev fou0",
                        "ip route add fd00:42::/64 dev fou0");
        for (String command : commands) {
            namespace.ip(command.substring("ip ".length()));
        }
        String byCommands = hostState();
        LinkSetup.apply(netlink, settings).close();
        assertThat(hostState()).isEqualTo(byCommands);
    }

    private String hostState() throws IOException {
        return namespace.ip("-o addr show scope global") + namespace.ip("route show") + namespace.ip("-6 route show");
    }

    private String deviceFor(String address) throws Exception {
        return new Routes(netlink)
                .routeTo(Addresses.address(address), Underlay.ANY)
                .device();
    }

    private static LinkSettings settings(String routes, String outerAddresses) {
        return settings(routes, outerAddresses, HOST_ROUTES);
    }

    static LinkSettings settings(String routes, String outerAddresses, Detour detour) {
        return new LinkSettings(
                "fou0",
                1472,
                true,
                false,
                600,
                TunnelRoutes.of(
                        ADDRESSES.stream().map(Addresses::prefix).toList(),
                        Arrays.stream(routes.split(" ")).map(Addresses::prefix).toList(),
                        Arrays.stream(outerAddresses.split(" "))
                                .filter(text -> !text.isEmpty())
                                .map(Addresses::prefix)
                                .toList()),
                detour,
                Optional.empty());
    }
}
