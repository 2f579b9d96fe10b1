package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routers on the way that take less than the hosts: senders learn what fits, and everything arrives. */
class PathMtuIT {

    private static final long BYTES = 5_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @ParameterizedTest
    @CsvSource({
        "true, 'encapsulation: fou', 3972",
        "false, 'encapsulation: fou', 3952",
        "true, 'encapsulation: gue, port: 6080', 3968",
        "false, 'encapsulation: gue, port: 6080', 3948",
        "true, 'protocol: gre', 3968",
        "false, 'protocol: gre', 3948"
    })
    void afterOneOversizedPacketTheSenderKnowsTheMtu(boolean ipv4Underlay, String keys, int mtu) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 4000);
            GatewayProcess a = hosts.gateways(lab, keys);
            assertThat(a.metrics().sum("fou_path_mtu_bytes")).isEqualTo(9000);
            for (boolean ipv4 : new boolean[] {true, false}) {
                String target = RoutedHosts.innerAddress(ipv4, 2);
                String said = hosts.a()
                        .run(LIMIT, "ping", "-n", "-c1", "-W2", "-M", "do", "-s", "5000", target)
                        .output();
                assertThat(said).containsPattern("mtu ?= ?" + mtu);
                assertThat(RoutedHosts.knownMtu(hosts.a(), ipv4)).isEqualTo("" + mtu);
                int largest = mtu - (ipv4 ? 28 : 48);
                hosts.a().ping(target, largest - 1, largest).ok();
            }
            Metrics metrics = a.assertSumsClose();
            assertThat(metrics.sum("fou_path_mtu_bytes")).isEqualTo(4000);
            assertThat(metrics.sum("fou_icmp_errors_sent_total", "kind=\"too_big\""))
                    .isGreaterThanOrEqualTo(2);
            assertThat(a.status()).contains("4000");
        }
    }

    /** The kernel still knows what was learned before, but the gateway is not to take that for the route's MTU. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void newStartBeginsWithTheMtuOfTheRoute(boolean ipv4Underlay) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 4000);
            GatewayProcess before = hosts.gateways(lab, "ttl: 64");
            pingTooBig(hosts);
            assertThat(before.metrics().sum("fou_path_mtu_bytes")).isEqualTo(4000);
            before.terminate();
            GatewayProcess again = hosts.gatewayOnA(lab, List.of(), "ttl: 64");
            assertThat(again.metrics().sum("fou_path_mtu_bytes")).isEqualTo(9000);
            pingTooBig(hosts);
            assertThat(again.metrics().sum("fou_path_mtu_bytes")).isEqualTo(4000);
            hosts.a().ping(RoutedHosts.innerAddress(true, 2), 3900).ok();
        }
    }

    private static void pingTooBig(RoutedHosts hosts) throws Exception {
        String target = RoutedHosts.innerAddress(true, 2);
        hosts.a().run(LIMIT, "ping", "-n", "-c3", "-i0.5", "-W1", "-M", "do", "-s", "5000", target);
    }

    @ParameterizedTest
    @CsvSource({"true, 3972", "false, 3952"})
    void hostBehindTheGatewayLearnsItToo(boolean ipv4Underlay, int mtu) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 4000);
            hosts.gateways(lab, "ttl: 64");
            for (boolean ipv4 : new boolean[] {true, false}) {
                String target = RoutedHosts.innerAddress(ipv4, 2);
                hosts.c().ping(target, 56).ok();
                String said = hosts.c()
                        .run(LIMIT, "ping", "-n", "-c1", "-W2", "-M", "do", "-s", "5000", target)
                        .output();
                assertThat(said).containsPattern("mtu ?= ?" + mtu);
                assertThat(RoutedHosts.knownMtu(hosts.c(), ipv4)).isEqualTo("" + mtu);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, auto, ip", "true, off, ip", "false, auto, ip", "false, off, ip", "true, off, gre"})
    void tcpThroughANarrowMiddleDoesNotStall(boolean ipv4Underlay, String mssClamp, String protocol) throws Exception {
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 1400);
            GatewayProcess a = hosts.gateways(lab, "mss_clamp: %s, protocol: %s".formatted(mssClamp, protocol));
            transferBothFamilies(lab, hosts);
            assertThat(a.assertSumsClose().sum("fou_path_mtu_bytes")).isEqualTo(1400);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutTheRightToHearIcmpTcpDoesNotStallEither(boolean ipv4Underlay) throws Exception {
        Requires.program("setpriv", "util-linux");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 1400);
            List<String> wrapper = List.of("setpriv", "--bounding-set", "-net_raw");
            GatewayProcess a = hosts.gateways(lab, wrapper, "mss_clamp: off");
            assertThat(a.log()).contains("NET_RAW");
            assertThat(a.status()).contains("NET_RAW");
            transferBothFamilies(lab, hosts);
            assertThat(a.assertSumsClose().sum("fou_path_mtu_bytes")).isEqualTo(1400);
        }
    }

    private static void transferBothFamilies(Lab lab, RoutedHosts hosts) throws Exception {
        lab.server(hosts.b(), TwoHosts.SERVICE);
        for (boolean ipv4 : new boolean[] {true, false}) {
            String far = RoutedHosts.innerAddress(ipv4, 2);
            hosts.a().call(() -> new TrafficClient(far, TwoHosts.SERVICE).transfer(BYTES));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatMayBeFragmentedArrives(boolean ipv4Underlay) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 1400);
            GatewayProcess a = hosts.gateways(lab, "ttl: 64");
            String target = RoutedHosts.innerAddress(true, 2);
            String[] ping = {"ping", "-n", "-c", "2", "-i", "0.3", "-W", "1", "-M", "dont", "-s", "8000", target};
            hosts.a().run(LIMIT, ping);
            hosts.a().ok(ping);
            assertThat(a.assertSumsClose().sum("fou_path_mtu_bytes")).isEqualTo(1400);
        }
    }

    /** A path of 1280 bytes leaves 1252 or 1232 inside, and the senders of IPv6 cannot go below 1280. */
    @ParameterizedTest
    @CsvSource({"true, 1280", "true, 1000", "false, 1280"})
    void ipv6PassesAPathThatIsTooNarrowForIt(boolean ipv4Underlay, int middleMtu) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, middleMtu);
            hosts.gateways(lab, "ttl: 64");
            String target = RoutedHosts.innerAddress(false, 2);
            for (int i = 0; i < 3; i++) {
                hosts.a().run(LIMIT, "ping", "-n", "-c1", "-W1", "-M", "do", "-s", "5000", target);
                hosts.b()
                        .run(
                                LIMIT,
                                "ping",
                                "-n",
                                "-c1",
                                "-W1",
                                "-M",
                                "do",
                                "-s",
                                "5000",
                                RoutedHosts.innerAddress(false, 1));
            }
            assertThat(RoutedHosts.knownMtu(hosts.a(), false)).isEqualTo("1280");
            hosts.a().ping(target, 56, 800, 1150, 1280 - 48).ok();
            lab.server(hosts.b(), TwoHosts.SERVICE);
            hosts.a().call(() -> new TrafficClient(target, TwoHosts.SERVICE).transfer(BYTES));
        }
    }
}
