package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.fougateway.linux.Routes;
import net.fougateway.route.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules keep marked packets out of the device; what the host has lost comes back; what an earlier gateway left goes. */
final class DetourIT extends HostWithTun {

    private static final Detour RULES = new Detour(5555, List.of(5555));
    private static final Detour HOST_ROUTES = new Detour(0, List.of(5555));

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 198.51.100.7, 203.0.113.1, 192.0.2.9",
        "198.51.0.0/16 0.0.0.0/0, 198.51.100.7, 198.51.9.9, 192.0.2.9",
        "0.0.0.0/1 128.0.0.0/1, 198.51.100.7, 203.0.113.1, 192.0.2.9",
        "::/0, 2001:db8:1::7, 2001:db8:2::1, 2001:db8::9",
        "2001:db8:1::/48, 2001:db8:1::7, 2001:db8:1::8, 2001:db8::9",
    })
    void onlyMarkedPacketsStayOnTheUnderlay(String allowed, String outer, String inner, String onLink)
            throws Exception {
        String before = hostState();
        try (LinkSetup setup = LinkSetup.apply(netlink, LinkSetupIT.settings(allowed, outer, RULES))) {
            assertThat(setup.missing()).isEmpty();
            assertThat(deviceFor(outer, 5555)).isEqualTo("eth0");
            assertThat(deviceFor(inner, 5555)).isEqualTo("eth0");
            assertThat(deviceFor(outer, 0)).isEqualTo("fou0");
            assertThat(deviceFor(inner, 0)).isEqualTo("fou0");
            assertThat(deviceFor(onLink, 0)).isEqualTo("eth0");
            assertThat(namespace.ip("route show proto 155 dev eth0")).isEmpty();
        }
        assertThat(hostState()).isEqualTo(before);
    }

    @Test
    void theUnderlaysRouteMayComeLaterAndChange() throws Exception {
        namespace.ip("route del default");
        try (LinkSetup setup = LinkSetup.apply(netlink, LinkSetupIT.settings("0.0.0.0/0", "198.51.100.7", RULES))) {
            assertThat(setup.reasonsToWait()).isEmpty();
            namespace.ip("route add default via 192.0.2.253 dev eth0 src 192.0.2.1 mtu 1400");
            assertThat(new Routes(netlink)
                            .routeTo(Addresses.address("198.51.100.7"), Underlay.ANY.marked(5555))
                            .mtuBytes())
                    .isEqualTo(1400);
            assertThat(deviceFor("198.51.100.7", 0)).isEqualTo("fou0");
        }
    }

    @Test
    void anAddressOfTheDeviceMayCoverAPeer() throws Exception {
        String before = hostState();
        try (LinkSetup setup =
                LinkSetup.apply(netlink, LinkSetupIT.settings("10.42.2.0/24", "10.10.10.7 fd00:10::7", RULES))) {
            assertThat(setup.missing()).isEmpty();
            assertThat(deviceFor("10.10.10.7", 5555)).isEqualTo("eth0");
            assertThat(deviceFor("fd00:10::7", 5555)).isEqualTo("eth0");
            assertThat(deviceFor("10.10.10.8", 0)).isEqualTo("fou0");
            assertThat(deviceFor("fd00:10::8", 0)).isEqualTo("fou0");
        }
        assertThat(hostState()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whatGotLostComesBack(boolean byRules) throws Exception {
        namespace.ip("link set fou0 up");
        LinkSettings settings = LinkSetupIT.settings(
                "0.0.0.0/0 ::/0 10.42.2.0/24 fd00:42::/64",
                "198.51.100.7 2001:db8:1::7",
                byRules ? RULES : HOST_ROUTES);
        try (LinkSetup setup = LinkSetup.apply(netlink, settings)) {
            String full = everything();
            assertThat(setup.keep(netlink)).isEmpty();
            for (String loss : List.of(
                    "link set fou0 down",
                    "route flush proto 155",
                    "-6 route flush proto 155",
                    "addr flush dev fou0",
                    "rule flush",
                    "link set fou0 mtu 1000")) {
                namespace.ip(loss);
                if (loss.equals("rule flush")) {
                    namespace.ip("rule add priority 32766 lookup main");
                    namespace.ip("rule add priority 32767 lookup default");
                }
                namespace.ip("link set fou0 up");
                namespace.ip("link set fou0 mtu 1472");
                setup.keep(netlink);
                assertThat(setup.missing()).as(loss).isEmpty();
                assertThat(everything()).as(loss).isEqualTo(full);
            }
        }
    }

    @Test
    void aDeviceThatIsDownIsLeftAlone() throws Exception {
        try (LinkSetup setup = LinkSetup.apply(netlink, LinkSetupIT.settings("10.42.2.0/24", "", RULES))) {
            namespace.ip("link set fou0 down");
            assertThat(setup.keep(netlink)).isEmpty();
            assertThat(namespace.ip("link show dev fou0")).doesNotContain(",UP");
            setup.update(LinkSetupIT.settings("10.42.2.0/24", "", RULES));
            assertThat(namespace.ip("link show dev fou0")).contains(",UP");
        }
    }

    @Test
    void hostRoutesFollowTheHostsOwn() throws Exception {
        try (LinkSetup setup =
                LinkSetup.apply(netlink, LinkSetupIT.settings("0.0.0.0/0", "198.51.100.7", HOST_ROUTES))) {
            namespace.ip("route replace default via 192.0.2.253 dev eth0 src 192.0.2.1 mtu 1400");
            setup.keep(netlink);
            assertThat(namespace.ip("route show 198.51.100.7"))
                    .contains("via 192.0.2.253", "src 192.0.2.1", "mtu 1400");
            namespace.ip("link set eth0 down");
            setup.keep(netlink);
            assertThat(setup.missing()).singleElement().asString().contains("198.51.100.7 is routed into fou0");
            namespace.ip("link set eth0 up");
            namespace.ip("route replace default via 192.0.2.254 dev eth0");
            setup.keep(netlink);
            assertThat(setup.missing()).isEmpty();
            assertThat(namespace.ip("route show 198.51.100.7")).contains("via 192.0.2.254");
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whatAKilledGatewayLeftGoesAndThatOfAnotherStays(boolean byRules) throws Exception {
        String clean = hostState();
        LinkSettings another = new LinkSettings(
                "lo",
                65536,
                false,
                false,
                1000,
                TunnelRoutes.of(
                        List.of(),
                        List.of(Addresses.prefix("203.0.113.0/24")),
                        List.of(Addresses.prefix("203.0.113.7"))),
                new Detour(byRules ? 7777 : 0, List.of(7777)),
                Optional.empty());
        try (LinkSetup neighbour = LinkSetup.apply(netlink, another)) {
            String before = everything();
            LinkSetup.apply(
                    netlink,
                    LinkSetupIT.settings(
                            "0.0.0.0/0 ::/0", "198.51.100.7 2001:db8:1::7", byRules ? RULES : HOST_ROUTES));
            namespace.ip("link del fou0");
            namespace.makeTun("fou0");
            Leftovers.remove(netlink, LinkSetupIT.settings("10.42.2.0/24", "198.51.100.7", HOST_ROUTES));
            assertThat(everything()).isEqualTo(before);
            assertThat(neighbour.missing()).isEmpty();
        }
        assertThat(hostState()).isEqualTo(clean);
    }

    @Test
    void commandsDoTheSame() throws Exception {
        LinkSettings settings = LinkSetupIT.settings("0.0.0.0/0 fd00:42::/64", "198.51.100.7 10.10.10.7", RULES);
        List<String> commands = LinkSetup.commands(netlink, settings);
        assertThat(commands)
                .contains(
                        "ip addr add 10.10.10.1/24 dev fou0 noprefixroute",
                        "ip route add 10.10.10.0/24 dev fou0 table 2405555",
                        "ip route add 0.0.0.0/0 dev fou0 table 5555",
                        "ip rule add priority 32657 not fwmark 5555 lookup 5555");
        try (LinkSetup setup = LinkSetup.apply(netlink, settings)) {
            assertThat(setup.missing()).isEmpty();
        }
        for (String command : commands) {
            namespace.ip(command.substring("ip ".length()));
        }
        String byCommands = everything().replace(" proto 155", "");
        LinkSetup.apply(netlink, settings).close();
        assertThat(everything().replace(" proto 155", "")).isEqualTo(byCommands);
    }

    private String hostState() throws IOException {
        return everything().replaceAll("(?m)^.*fou0.*mtu.*$", "");
    }

    private String everything() throws IOException {
        return namespace.ip("-o addr show scope global").replaceAll("(?m)^[0-9]+: ", "")
                + sorted(namespace.ip("route show table all"))
                + sorted(namespace.ip("-6 route show table all"))
                + namespace.ip("rule show")
                + namespace.ip("-6 rule show");
    }

    /** Without what the kernel does for itself, some of it seconds later. */
    private static String sorted(String lines) {
        return lines.lines()
                .filter(line -> !line.contains("fe80::") && !line.contains("ff00::") && !line.startsWith("local "))
                .map(line -> line.replace("linkdown ", ""))
                .sorted()
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private String deviceFor(String address, int mark) throws Exception {
        return new Routes(netlink)
                .routeTo(Addresses.address(address), Underlay.ANY.marked(mark))
                .device();
    }
}
