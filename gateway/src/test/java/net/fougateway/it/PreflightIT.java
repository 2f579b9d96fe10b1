package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is wrong with a host is found, and the line that the finding ends with mends it. */
class PreflightIT {

    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;

    @BeforeAll
    static void requirePrograms() throws IOException {
        Requires.program("sysctl", "procps");
        Requires.program("ping", "iputils-ping");
    }

    @Test
    void forwardingIsSwitchedOn() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace a = TwoHosts.build(lab).a();
            a.sysctl("ipv4/ip_forward", "0");
            a.sysctl("ipv6/conf/all/forwarding", "0");
            GatewayProcess gateway = lab.gateway(a, """
                device: {name: fou0}
                listen: [{port: 5555}]
                peers: [{name: b, remote: 10.77.0.2, allowed_ips: [10.42.2.0/24, "fd00:42::/64"]}]
                """);
            assertThat(mend(a, gateway))
                    .hasSize(2)
                    .anyMatch(finding -> finding.endsWith(": sysctl -w net.ipv4.ip_forward=1"))
                    .anyMatch(finding -> finding.endsWith(": sysctl -w net.ipv6.conf.all.forwarding=1"));
            assertThat(gateway.log())
                    .contains("WARN")
                    .contains("forwarding of IPv4 is off", "forwarding of IPv6 is off");
        }
    }

    @Test
    void prefixesAreRoutedIntoTheTunnelAndTheirPacketsPassTheReversePathFilter() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            prepareAsymmetricWay(hosts);
            GatewayProcess gateway = lab.gateway(hosts.a(), """
                device: {name: fou0, address: [10.10.10.1/24, "fd00:10::1/64"]}
                listen: [{port: 5555}]
                routes: {install: false}
                peers:
                  - {name: b, remote: 10.77.0.2, allowed_ips: [10.42.2.0/24, 10.42.3.0/24, "fd00:42::/64"]}
                """);
            lab.gateway(hosts.b(), """
                device: {name: fou0, address: [10.10.10.2/24]}
                listen: [{port: 5555}]
                peers: [{name: a, remote: 10.77.0.1, allowed_ips: [10.10.10.1/32]}]
                """);
            String[] ping = {"ping", "-n", "-c1", "-W2", "-I", "10.42.2.1", "10.10.10.1"};
            hosts.b().run(Duration.ofSeconds(10), ping).failed();
            String strict = findings(gateway).get(0);
            assertThat(strict).contains("packets from 10.42.2.0/24").contains("through eth0");
            type(strict, hosts.a());
            hosts.b().ok(ping);
            assertThat(mend(hosts.a(), gateway))
                    .anyMatch(finding -> finding.contains("packets to 10.42.2.0/24 of peer b leave through eth0"))
                    .anyMatch(finding -> finding.contains("no route to 10.42.3.0/24 of peer b"))
                    .anyMatch(finding -> finding.contains("packets to fd00:42::/64 of peer b leave through eth0"));
            assertThat(hosts.a().ok("ip", "route", "get", "10.42.2.1").output()).contains("dev fou0");
            assertThat(hosts.a().ok("ip", "route", "get", "fd00:42::1").output())
                    .contains("dev fou0");
            hosts.b().ok(ping);
        }
    }

    /** A reaches what lies behind B past the tunnel, and filters strictly. */
    private static void prepareAsymmetricWay(TwoHosts hosts) throws Exception {
        hosts.a().ok("ip", "route", "add", "10.42.2.0/24", "via", "10.77.0.2");
        hosts.a().ok("ip", "route", "add", "fd00:42::/64", "via", "fd77::2");
        hosts.b().address("lo", "10.42.2.1/32");
        hosts.a().sysctl("ipv4/conf/all/rp_filter", "1");
        hosts.a().sysctl("ipv4/conf/default/rp_filter", "0");
        hosts.b().sysctl("ipv4/conf/all/rp_filter", "0");
        hosts.b().sysctl("ipv4/conf/eth0/rp_filter", "0");
    }

    @Test
    void peersAreRoutedOutOfTheTunnelAndTheMtuFits() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess gateway = lab.gateway(hosts.a(), twoUnderlays(1));
            lab.gateway(hosts.b(), twoUnderlays(2));
            assertThat(findings(gateway)).isEmpty();
            mendLoopsAndLargeMtu(hosts.a(), gateway);
            mendSmallMtu(hosts.a(), gateway);
        }
    }

    /** IPv4 inside and outside, IPv6 inside and outside. */
    private static String twoUnderlays(int host) {
        return """
            device: {name: fou0, address: [10.10.10.%1$d/24, "fd00:10::%1$d/64"]}
            listen: [{port: 5555}]
            peers:
              - {name: ipv4, remote: 10.77.0.%2$d, allowed_ips: [10.10.10.%2$d/32]}
              - {name: ipv6, remote: "fd77::%2$d", allowed_ips: ["fd00:10::%2$d/128"]}
            """.formatted(host, 3 - host);
    }

    private static void mendLoopsAndLargeMtu(Namespace host, GatewayProcess gateway) throws Exception {
        host.ok("ip", "route", "add", "10.77.0.2/32", "dev", "fou0");
        host.ok("ip", "route", "add", "fd77::2/128", "dev", "fou0");
        host.ok("ip", "link", "set", "fou0", "mtu", "1500");
        host.ping("10.10.10.2", 56).failed();
        host.ping("fd00:10::2", 56).failed();
        assertThat(mend(host, gateway))
                .hasSize(3)
                .anyMatch(finding -> finding.endsWith(": ip route replace 10.77.0.2/32 dev eth0 src 10.77.0.1"))
                .anyMatch(finding -> finding.endsWith(": ip route replace fd77::2/128 dev eth0"))
                .anyMatch(finding -> finding.contains("the route to peer ipv6 only 1452 (1500 − 40 − 8)"));
        host.ping("10.10.10.2", 56, 1452 - 28).ok();
        host.ping("fd00:10::2", 56, 1452 - 48).ok();
    }

    private static void mendSmallMtu(Namespace host, GatewayProcess gateway) throws Exception {
        host.ok("ip", "link", "set", "fou0", "mtu", "1279");
        assertThat(mend(host, gateway)).anyMatch(finding -> finding.endsWith(": ip link set fou0 mtu 1280"));
        await().until(() -> host.ping("fd00:10::2", 56).exit() == 0);
    }

    /** Nobody has the port; then a gateway has it that does not know us; then one that does not forward. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatBecomesOfUnansweredPacketsIsTold(boolean ipv4) throws Exception {
        String beyond = ipv4 ? "10.42.2.1" : "fd00:42::1";
        String config = """
            device: {name: fou0, address: [10.10.10.%1$d/24, "fd00:10::%1$d/64"]}
            peers: [{name: peer, remote: "%2$s", allowed_ips: [%3$s]}]
            """;
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.b().sysctl("ipv4/ip_forward", "0");
            hosts.b().sysctl("ipv6/conf/all/forwarding", "0");
            String outer = ipv4 ? "10.77.0." : "fd77::";
            GatewayProcess a = lab.gateway(hosts.a(), config.formatted(1, outer + 2, "10.42.2.0/24, \"fd00:42::/64\""));
            hosts.a().ping(beyond, 56).failed();
            assertFound(a, "peer peer answers port unreachable: no gateway runs there");

            String back = "10.10.10.1/32, \"fd00:10::1/128\"";
            GatewayProcess stranger = lab.gateway(hosts.b(), config.formatted(2, outer + 9, back));
            hosts.a()
                    .run(Duration.ofSeconds(10), "ping", "-n", "-c12", "-i0.02", "-W1", beyond)
                    .failed();
            assertFound(a, "packets were sent to peer peer and none came back: UDP port 5555 is dropped on the way");
            stranger.close();
            hosts.b().ok("ip", "route", "add", beyond, "via", outer + 77);
            GatewayProcess b = lab.gateway(hosts.b(), config.formatted(2, outer + 1, back));
            hosts.a().ping(beyond, 56).failed();
            assertFound(
                    b, "forwarding of " + (ipv4 ? "IPv4" : "IPv6") + " is off", "since the gateway began): sysctl -w ");
        }
    }

    private static void assertFound(GatewayProcess gateway, String... parts) {
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(findings(gateway))
                        .anySatisfy(finding -> assertThat(finding).contains(parts)));
    }

    @Test
    void buffersThatAreCutAreFound() throws Exception {
        Requires.program("setpriv", "util-linux");
        long limit = Long.parseLong(
                Files.readString(Path.of("/proc/sys/net/core/rmem_max")).strip());
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            host.ok("ip", "tuntap", "add", "dev", "fou0", "mode", "tun", "multi_queue");
            host.ok("ip", "link", "set", "fou0", "mtu", "1472", "txqueuelen", "1000", "up");
            List<String> wrapper = List.of("setpriv", "--bounding-set", "-net_admin");
            GatewayProcess gateway = lab.own(GatewayProcess.start(host, wrapper, "routes: {install: false}\n"))
                    .awaitReady();
            assertThat(findings(gateway).stream()
                            .anyMatch(finding -> finding.endsWith(": sysctl -w net.core.rmem_max=8388608")))
                    .isEqualTo(limit < RECEIVE_BUFFER_BYTES);
        }
    }

    /** Types the line of every finding when it comes up, until nothing is found; all that was found. */
    private static Set<String> mend(Namespace host, GatewayProcess gateway) {
        Set<String> found = new LinkedHashSet<>();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    List<String> now = findings(gateway);
                    for (String finding : now) {
                        if (found.add(finding)) {
                            type(finding, host);
                        }
                    }
                    return now.isEmpty() && !found.isEmpty();
                });
        return found;
    }

    private static void type(String finding, Namespace host) throws IOException {
        host.ok("sh", "-c", finding.substring(finding.lastIndexOf(": ") + 2));
    }

    private static List<String> findings(GatewayProcess gateway) throws Exception {
        Map<?, ?> status = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(gateway.status());
        return ((List<?>) status.get("findings")).stream().map(Object::toString).toList();
    }
}
