package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host does not have yet when the gateway starts: names (a file of hosts stands in for DNS), routes, addresses. */
class BootIT {

    private static final String LATE = "  - {name: late, remote: late.example, allowed_ips: [10.99.0.0/16]}\n";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Path zone;

    @BeforeEach
    void writeZone() throws IOException {
        zone = Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n");
    }

    private List<String> resolver() {
        return List.of("env", "JAVA_TOOL_OPTIONS=-Djdk.net.hosts.file=" + zone);
    }

    @Test
    void onePeerIsDownUntilItsNameResolvesAndTheOthersWork() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String config = TwoHosts.config(Underlay.IPV4, 1) + LATE;
            GatewayProcess a =
                    lab.own(GatewayProcess.start(hosts.a(), resolver(), config)).awaitReady();
            lab.gateway(
                    hosts.b(),
                    TwoHosts.config(Underlay.IPV4, 2).replace("10.10.10.2/24", "10.10.10.2/24, 10.99.0.1/16"));
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            hosts.a().ping("10.99.0.1", 56).failed();
            assertThat(a.log()).contains("late.example does not resolve");
            assertThat(a.status()).contains("late.example does not resolve");
            assertThat(a.metrics().sum("fou_packets_dropped_total", "reason=\"peer_unresolved\""))
                    .isPositive();

            Files.writeString(zone, "10.77.0.2 late.example\n");

            await().atMost(LIMIT).until(() -> !a.status().contains("does not resolve"));
            hosts.a().ping("10.99.0.1", 56).ok();
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            a.assertSumsClose();
        }
    }

    @Test
    void withoutAnyNameItStartsAllTheSame() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String config = "peers:\n" + LATE;
            GatewayProcess a =
                    lab.own(GatewayProcess.start(hosts.a(), resolver(), config)).awaitReady();

            assertThat(hosts.a().ok("ip", "route").output()).contains("10.99.0.0/16 dev fou0");
            Command.Result check = GatewayProcess.attempt(hosts.a(), config, resolver(), "check");
            assertThat(check.exit()).as("%s", check).isZero();
            assertThat(check.output()).contains("warning", "late.example does not resolve");
            Files.writeString(zone, "10.77.0.2 late.example\n");
            await().atMost(LIMIT).until(() -> a.status().contains("10.77.0.2"));
        }
    }

    @Test
    void onAHostWithIpv6OnlyTheAddressOfThatFamilyIsTaken() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                host.ok("ip", "-4", "address", "flush", "dev", "eth0");
            }
            Files.writeString(zone, "10.77.0.2 other.example\nfd77::2 other.example\n");
            String config = TwoHosts.config(Underlay.IPV4, 1)
                    .replace(", local: \"0.0.0.0\"", "")
                    .replace("remote: \"10.77.0.2\"", "remote: other.example");
            lab.own(GatewayProcess.start(hosts.a(), resolver(), config)).awaitReady();
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV6, 2));

            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
        }
    }

    /** An address of IPv6 is tentative for a second or two. */
    @Test
    void anAddressThatIsStillTentativeIsWaitedFor() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            String config = TwoHosts.config(Underlay.IPV6, 1).replace("local: \"::\"", "local: \"fd77::9\"")
                    + "admin: {listen: \"[fd77::9]:15555\"}\n";
            host.sysctl("ipv6/conf/eth0/dad_transmits", "2");
            host.ok("ip", "address", "add", "fd77::9/64", "dev", "eth0");

            GatewayProcess gateway = lab.own(GatewayProcess.start(host, config));

            await().atMost(LIMIT).until(() -> gateway.log().contains("is up"));
        }
    }

    @Test
    void aRouteToAPeerMayComeLater() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            String config = """
                device: {fwmark: off}
                peers:
                  - {name: all, remote: 10.99.9.9, allowed_ips: [0.0.0.0/0, 10.98.0.0/16]}
                  - {name: other, remote: 10.77.0.2, allowed_ips: [10.97.0.0/16]}
                """;
            GatewayProcess gateway = lab.gateway(host, config);
            assertThat(host.ok("ip", "route").output())
                    .contains("10.98.0.0/16 dev fou0", "10.97.0.0/16 dev fou0")
                    .doesNotContain("0.0.0.0/1");
            assertThat(gateway.status()).contains("cannot find a route to 10.99.9.9");

            host.ok("ip", "route", "add", "default", "via", "10.77.0.2");

            await().atMost(LIMIT).until(() -> !gateway.status().contains("cannot find a route to 10.99.9.9"));
            assertThat(host.ok("ip", "route").output())
                    .contains("0.0.0.0/1 dev fou0", "128.0.0.0/1 dev fou0", "10.99.9.9 via 10.77.0.2 dev eth0");
            gateway.terminate();
            assertThat(host.ok("ip", "route").output()).doesNotContain("10.99.9.9");
        }
    }
}
