package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.fougateway.host.HostFacts.Conntrack;
import net.fougateway.host.HostFacts.Family;
import net.fougateway.host.HostFacts.PeerWay;
import net.fougateway.host.HostFacts.PrefixWay;
import net.fougateway.linux.Route;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostRulesTest {

    private int mtuBytes = 1452;
    private int reversePathFilter = 1;
    private Conntrack conntrack = new Conntrack(0, 0, Set.of());
    private final List<Family> families = new ArrayList<>();
    private final List<PrefixWay> prefixes = new ArrayList<>();
    private final List<PeerWay> peers = new ArrayList<>();

    private List<String> findings() {
        return HostRules.findings(
                new HostFacts("fou0", mtuBytes, reversePathFilter, families, prefixes, peers, conntrack));
    }

    private void assertFinds(String... sentences) {
        assertThat(findings()).containsExactly(sentences);
    }

    @Test
    void nothingIsFoundWhereAllIsWell() {
        families.add(new Family(true, false, Optional.empty(), 0));
        families.add(new Family(false, false, Optional.empty(), 0));
        prefix("10.42.2.0/24", "fou0");
        prefix("fd00:42::/64", "fou0");
        underlay("198.51.100.7", "eth0", 1500);
        underlay("2001:db8::7", "eth0", 1500);
        conntrack = new Conntrack(79, 100, Set.of(5555));
        assertFinds();
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.7, 198.51.100.7/32, 192.0.2.254",
        "2001:db8::7, 2001:db8::7/128, fe80::fe",
    })
    void peerInTheTunnelIsRoutedToTheUnderlay(String remote, String host, String gateway) {
        Optional<InetAddress> via = Optional.of(Addresses.address(gateway));
        underlay(remote, "fou0", 1452, Optional.of(route(host, "eth0", via)));
        assertFinds(
                "the outer address " + remote + " of peer peer0 is routed into fou0, so packets for this peer go in a"
                        + " circle and are dropped: ip route replace " + host + " via " + gateway + " dev eth0 onlink");
    }

    @Test
    void withoutAnotherWayTheGatewayIsForTheOperatorToFillIn() {
        underlay("198.51.100.7", "fou0", 1452, Optional.empty());
        assertThat(findings())
                .singleElement()
                .asString()
                .endsWith(": ip route replace 198.51.100.7/32 via GATEWAY dev DEVICE");
    }

    @Test
    void strictReversePathFilterIsOneFindingForAPrefix() {
        prefix("10.42.2.0/24", "eth0");
        assertFinds(
                "packets from 10.42.2.0/24 of peer k2 are dropped by the kernel behind the tunnel, because the way back"
                        + " leads through eth0 and rp_filter of fou0 is 1 (strict; the larger of conf.all and its own counts);"
                        + " route 10.42.2.0/24 into fou0, or, if the other way is meant, allow it:"
                        + " sysctl -w net.ipv4.conf.fou0.rp_filter=2");
    }

    @ParameterizedTest
    @CsvSource({
        "10.42.2.0/24, 0, 10.42.2.0/24 dev fou0",
        "10.42.2.0/24, 2, 10.42.2.0/24 dev fou0",
        "fd00:42::/64, 1, fd00:42::/64 dev fou0 metric 1",
    })
    void prefixRoutedElsewhere(String prefix, int filter, String route) {
        reversePathFilter = filter;
        prefix(prefix, "eth0");
        assertFinds(
                "packets to " + prefix + " of peer k2 leave through eth0 instead of fou0, so the tunnel never carries"
                        + " them: ip route replace " + route);
    }

    @ParameterizedTest
    @CsvSource({"10.42.2.0/24, 10.42.2.0/24 dev fou0", "fd00:42::/64, fd00:42::/64 dev fou0 metric 1"})
    void prefixWithoutRoute(String prefix, String route) {
        prefixes.add(new PrefixWay(Addresses.prefix(prefix), "k2", Optional.empty()));
        assertFinds("the host has no route to " + prefix + " of peer k2, so the tunnel never carries packets to it, and"
                + " with rp_filter on none from it: ip route replace " + route);
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.0/24, 198.51.100.7, 198.51.100.7/32, 198.51.100.0/24 dev fou0",
        "2001:db8::/32, 2001:db8::7, 2001:db8::7/128, 2001:db8::/32 dev fou0 metric 1",
    })
    void routeThatWouldCaptureAPeerKeepsItOnTheUnderlay(String prefix, String remote, String host, String route) {
        reversePathFilter = 0;
        prefix(prefix, "eth1");
        underlay(remote, "eth0", 1500);
        underlay("203.0.113.7", "eth0", 1500);
        assertThat(findings())
                .singleElement()
                .asString()
                .endsWith(": ip route replace " + host + " dev eth0 && ip route replace " + route);
    }

    @Test
    void prefixesDoNotDrownTheRest() {
        IntStream.range(0, 100).forEach(i -> prefix("10.42." + i + ".0/24", "eth0"));
        assertThat(findings())
                .hasSize(HostRules.MOST_PREFIXES + 1)
                .last()
                .isEqualTo("prefixes of peers that are not routed into fou0 either, beside those above: 92");
    }

    @ParameterizedTest
    @CsvSource({
        "true, net/ipv4/ip_forward, IPv4, net.ipv4.ip_forward",
        "true, net/ipv4/conf/fou0/forwarding, IPv4, net.ipv4.conf.fou0.forwarding",
        "false, net/ipv6/conf/all/forwarding, IPv6, net.ipv6.conf.all.forwarding",
    })
    void forwardingOffIsFoundWhereOnlyForwardedPacketsUseTheTunnel(
            boolean ipv4, String path, String family, String key) {
        families.add(new Family(ipv4, false, Optional.of(path), 0));
        assertFinds(
                "forwarding of %1$s is off (%2$s is 0) and fou0 has no %1$s address, so %1$s packets that are not for"
                                .formatted(family, key)
                        + " another address of this machine are dropped: sysctl -w " + key + "=1");
        families.set(0, new Family(ipv4, true, Optional.of(path), 0));
        assertFinds();
        families.set(0, new Family(ipv4, true, Optional.of(path), 12));
        assertFinds("forwarding of %s is off (%s is 0), and packets for others than this machine were dropped for it"
                        .formatted(family, key)
                + " (12 since the gateway began): sysctl -w " + key + "=1");
    }

    @Test
    void below1280BytesIpv6IsTheOnlyFindingOfIpv6() {
        mtuBytes = 1279;
        families.add(new Family(false, false, Optional.of("net/ipv6/conf/all/forwarding"), 0));
        prefixes.add(new PrefixWay(Addresses.prefix("fd00:42::/64"), "k2", Optional.empty()));
        assertFinds(
                "fou0 has an MTU of 1279 bytes and peers have IPv6 prefixes, but below 1280 bytes the kernel carries no"
                        + " IPv6: ip link set fou0 mtu 1280");
    }

    @Test
    void below1280BytesNothingIsWrongWithIpv4() {
        mtuBytes = 576;
        families.add(new Family(true, true, Optional.empty(), 0));
        prefix("10.42.2.0/24", "fou0");
        assertFinds();
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 100})
    void fullConntrackNamesAllPortsOnce(int entries) {
        conntrack = new Conntrack(entries, 100, Set.of(6080, 5555));
        assertThat(findings())
                .singleElement()
                .asString()
                .startsWith(entries + " of 100 conntrack entries are in use")
                .contains(": nft add table inet fou '{ chain in { type filter hook prerouting priority raw;"
                        + " udp dport { 5555, 6080 } notrack; }")
                .contains("hook output priority raw; udp dport { 5555, 6080 } notrack;");
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.7, 1500, '1472 (1500 − 20 − 8)', 1472",
        "2001:db8::7, 1400, '1352 (1400 − 40 − 8)', 1352",
    })
    void mtuBeyondTheNarrowestRoute(String remote, int routeMtuBytes, String sum, int fit) {
        mtuBytes = 1500;
        underlay("203.0.113.7", "eth0", 9000);
        underlay(remote, "eth0", routeMtuBytes);
        assertFinds("fou0 takes packets of 1500 bytes, but the route to peer peer1 only " + sum + ", so every full-size"
                + " packet is first refused, or fragmented; set device.mtu: auto, and now: ip link set fou0 mtu "
                + fit);
    }

    @Test
    void whatIpv6NeedsIsNotTooLarge() {
        families.add(new Family(false, true, Optional.empty(), 0));
        mtuBytes = 1280;
        underlay("198.51.100.7", "eth0", 1280);
        assertFinds();
        mtuBytes = 1281;
        assertThat(findings()).singleElement().asString().endsWith(": ip link set fou0 mtu 1280");
    }

    private void prefix(String prefix, String device) {
        prefixes.add(new PrefixWay(Addresses.prefix(prefix), "k2", Optional.of(device)));
    }

    private void underlay(String remote, String device, int routeMtuBytes) {
        String host = remote + (remote.contains(":") ? "/128" : "/32");
        underlay(remote, device, routeMtuBytes, Optional.of(route(host, device, Optional.empty())));
    }

    private void underlay(String remote, String device, int routeMtuBytes, Optional<Route> underlay) {
        Peer peer = Peers.peer(peers.size(), remote);
        peers.add(new PeerWay(peer, device, routeMtuBytes, underlay));
    }

    private static Route route(String destination, String device, Optional<InetAddress> gateway) {
        return new Route(Addresses.prefix(destination), device, gateway);
    }
}
