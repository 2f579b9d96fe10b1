package net.fougateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.Test;

/** Names of peers, and which of their addresses is taken. */
class PeerResolverTest {

    private static final int ENETUNREACH = 101;
    private static final InetAddress A = Peers.address("192.0.2.7");
    private static final InetAddress AAAA = Peers.address("2001:db8::7");
    private static final String BOTH_HEARD = "listen: [{port: 5555}]\n";
    private static final String PEER = "peers: [{name: p, remote: %s, allowed_ips: [10.1.0.0/16]%s}]\n";

    private boolean ipv4Routed = true;
    private boolean ipv6Routed = true;

    private static InetAddress[] zone(String name) throws UnknownHostException {
        return switch (name) {
            case "both" -> new InetAddress[] {A, AAAA};
            case "a" -> new InetAddress[] {A};
            case "aaaa" -> new InetAddress[] {AAAA};
            default -> throw new UnknownHostException(name);
        };
    }

    private void requireRoute(InetAddress remote) throws LinuxException {
        boolean routed = remote instanceof Inet4Address ? ipv4Routed : ipv6Routed;
        if (!routed) {
            throw new LinuxException(ENETUNREACH, "no way");
        }
    }

    private ResolvedPeers resolve(String yaml) throws Exception {
        GatewayConfig config = ConfigLoader.load("test", yaml, Map.of(), Map.of());
        HostNames names = new HostNames(PeerResolverTest::zone, 10_000);
        names.lookUp(PeerResolver.names(config.peers()));
        return PeerResolver.resolve(config, new FakeHost(1500) {
            @Override
            public List<InetAddress> addresses(String name) {
                return names.addresses(name);
            }

            @Override
            public RouteInfo route(InetAddress to, Optional<InetAddress> from) throws LinuxException {
                requireRoute(to);
                return super.route(to, from);
            }
        });
    }

    private InetAddress remote(String listen, String name, String keys) throws Exception {
        ResolvedPeers resolved = resolve(listen + PEER.formatted(name, keys));
        assertThat(resolved.problems()).isEmpty();
        return resolved.peers().get(0).remote();
    }

    @Test
    void ofTwoAddressesTheFirstOneWithARouteIsTaken() throws Exception {
        assertThat(remote(BOTH_HEARD, "both", "")).isEqualTo(A);

        ipv4Routed = false;
        assertThat(remote(BOTH_HEARD, "both", "")).isEqualTo(AAAA);

        ipv6Routed = false;
        assertThat(remote(BOTH_HEARD, "both", "")).isEqualTo(A);
    }

    @Test
    void theFamilyIsThatOfLocalOrOneThatIsListenedOn() throws Exception {
        assertThat(remote(BOTH_HEARD, "both", ", local: \"2001:db8::1\"")).isEqualTo(AAAA);
        assertThat(remote("listen: [{port: 5555, local: \"::\"}]\n", "both", ""))
                .isEqualTo(AAAA);
        assertThat(remote("listen: [{port: 5555, local: 0.0.0.0}]\n", "both", ""))
                .isEqualTo(A);
    }

    @Test
    void aNameThatDoesNotResolveLeavesOnlyItsPeerUnresolved() throws Exception {
        ResolvedPeers resolved = resolve("""
                peers:
                  - {name: one, remote: a, allowed_ips: [10.1.0.0/16]}
                  - {name: two, remote: nowhere, allowed_ips: [10.2.0.0/16]}
                  - {name: three, remote: nowhere.either, local: "2001:db8::1", allowed_ips: [10.3.0.0/16]}
                  - {name: four, remote: 192.0.2.4, allowed_ips: [10.4.0.0/16]}
                """);

        assertThat(resolved.peers()).extracting(Peer::name).containsExactly("one", "two", "three", "four");
        assertThat(resolved.peers()).extracting(Peer::isResolved).containsExactly(true, false, false, true);
        assertThat(resolved.peers()).extracting(Peer::isIpv4Underlay).containsExactly(true, true, false, true);
        assertThat(resolved.problems()).hasSize(2);
        assertThat(resolved.problems().get(0)).contains("two", "nowhere", "does not resolve");
    }

    @Test
    void aNameWithoutAnAddressOfTheRightFamilyIsUnresolvedToo() throws Exception {
        String ipv4Only = "listen: [{port: 5555, local: 0.0.0.0}]\n";

        List<String> problems = resolve(ipv4Only + PEER.formatted("aaaa", "")).problems();

        assertThat(problems).singleElement().asString().contains("aaaa", "2001:db8::7", "listen");
    }
}
