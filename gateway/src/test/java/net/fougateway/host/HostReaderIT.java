package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.fougateway.host.HostFacts.Family;
import net.fougateway.host.HostFacts.PeerWay;
import net.fougateway.host.HostFacts.PrefixWay;
import net.fougateway.linux.Route;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostReaderIT extends HostWithTun {

    @BeforeEach
    void switchOn() throws Exception {
        namespace.ip("link set fou0 mtu 1400 up");
    }

    private HostFacts read(Peer... peers) throws Exception {
        HostReader reader = new HostReader(netlink, new Sysctl(Path.of("/proc/sys")), "fou0", List.of(6080));
        return namespace.call(() -> reader.read(List.of(peers))).orElseThrow();
    }

    private void sysctl(String path, int value) throws Exception {
        namespace.call(() -> Files.writeString(Path.of("/proc/sys", path), Integer.toString(value)));
    }

    @Test
    void nothingIsKnownWhileTheDeviceIsDown() throws Exception {
        namespace.ip("link set fou0 down");
        HostReader reader = new HostReader(netlink, new Sysctl(Path.of("/proc/sys")), "fou0", List.of());
        assertThat(reader.read(List.of())).isEmpty();
    }

    @Test
    void largerReversePathFilterCounts() throws Exception {
        sysctl("net/ipv4/conf/all/rp_filter", 1);
        sysctl("net/ipv4/conf/fou0/rp_filter", 0);
        assertThat(read().reversePathFilter()).isEqualTo(1);
        sysctl("net/ipv4/conf/fou0/rp_filter", 2);
        assertThat(read().reversePathFilter()).isEqualTo(2);
    }

    @Test
    void forwardingOfBothFamilies() throws Exception {
        Peer peer = Peers.peer(0, "198.51.100.7", "10.42.2.0/24", "fd00:42::/64");
        sysctl("net/ipv4/ip_forward", 0);
        sysctl("net/ipv6/conf/all/forwarding", 0);
        assertThat(read(peer).families())
                .containsExactly(
                        new Family(true, false, Optional.of("net/ipv4/ip_forward"), 0),
                        new Family(false, false, Optional.of("net/ipv6/conf/all/forwarding"), 0));
        sysctl("net/ipv4/ip_forward", 1);
        sysctl("net/ipv6/conf/all/forwarding", 1);
        sysctl("net/ipv4/conf/fou0/forwarding", 0);
        namespace.ip("addr add 10.10.10.1/24 dev fou0");
        namespace.ip("addr add fe80::1/64 dev fou0 nodad");
        assertThat(read(peer).families())
                .containsExactly(
                        new Family(true, true, Optional.of("net/ipv4/conf/fou0/forwarding"), 0),
                        new Family(false, false, Optional.empty(), 0));
    }

    @ParameterizedTest
    @CsvSource({
        "10.42.0.0/16, fou0",
        "10.43.0.0/16, eth0",
        "10.44.0.0/16, none",
        "10.42.7.7/32, fou0",
        "fd00:42::/64, fou0",
        "fd00:43::/64, eth0",
        "fd00:44::/64, none",
        "fd00:42::7/128, fou0",
    })
    void findsTheWayOfAPrefix(String prefix, String device) throws Exception {
        namespace.ip("route add 10.42.0.0/16 dev fou0");
        namespace.ip("route add fd00:42::/64 dev fou0");
        namespace.ip("route add blackhole 10.44.0.0/16");
        if (device.equals("none")) {
            namespace.ip("-6 route del default");
        }
        assertThat(read(Peers.peer(0, "198.51.100.7", prefix)).prefixes())
                .containsExactly(new PrefixWay(
                        Addresses.prefix(prefix), "peer0", Optional.of(device).filter(name -> !name.equals("none"))));
    }

    @ParameterizedTest
    @CsvSource({
        "10.42.0.0/16, 10.42.128.0/24",
        "fd00:42::/32, fd00:42:8000::/48",
        "192.0.2.0/31, 203.0.113.0/24",
        "2001:db8::/127, 2001:db8:9::/48",
        "0.0.0.0/0, 203.0.113.0/24",
        "::/0, 2001:db8:9::/48",
        "198.51.100.7/32, 203.0.113.0/24",
    })
    void whatIsElsewhereOnPurposeIsLeftOut(String prefix, String otherRoute) throws Exception {
        namespace.ip("route add " + otherRoute + " dev eth0");
        assertThat(read(Peers.peer(0, "198.51.100.7", prefix)).prefixes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.7, 198.51.100.7/32, 192.0.2.254",
        "2001:db8:1::7, 2001:db8:1::7/128, fe80::fe",
    })
    void knowsTheUnderlayWithAndWithoutALoop(String remote, String host, String gateway) throws Exception {
        Optional<Route> underlay =
                Optional.of(new Route(Addresses.prefix(host), "eth0", Optional.of(Addresses.address(gateway))));
        Peer peer = Peers.peer(0, remote);
        assertThat(read(peer).peers()).containsExactly(new PeerWay(peer, "eth0", 1500, underlay));
        namespace.ip("route add " + host + " dev fou0");
        assertThat(read(peer).peers()).containsExactly(new PeerWay(peer, "fou0", 1400, underlay));
    }

    @Test
    void lookupsAreBounded() throws Exception {
        Peer[] peers = IntStream.range(0, 200)
                .mapToObj(i -> Peers.peer(i, "198.51.100." + i, "10.42." + i + ".0/24"))
                .toArray(Peer[]::new);
        HostFacts facts = read(peers);
        assertThat(facts.prefixes()).hasSize(RouteLookups.MOST_LOOKUPS);
        assertThat(facts.peers()).hasSize(RouteLookups.MOST_LOOKUPS);
        assertThat(Arrays.asList(5555, 6080))
                .hasSameElementsAs(facts.conntrack().ports());
    }
}
