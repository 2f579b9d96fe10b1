package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts and devices that have no IPv6, and paths too narrow for it. */
class WithoutIpv6IT {

    private static final String IPV4_ONLY = """
            device: {address: [10.10.10.%d/24], mtu: %s}
            peers: [{name: other, remote: 10.77.0.%d, allowed_ips: [10.10.10.%d/32]}]
            """;

    private static String ipv4Only(int host, String mtu) {
        int other = 3 - host;
        return IPV4_ONLY.formatted(host, mtu, other, other);
    }

    private static void disableIpv6(Namespace host) throws Exception {
        host.sysctl("ipv6/conf/all/disable_ipv6", "1");
        host.sysctl("ipv6/conf/default/disable_ipv6", "1");
    }

    @ParameterizedTest
    @CsvSource({"1200, false", "68, false", "auto, true", "1200, true"})
    void deviceWithoutIpv6Carries(String mtu, boolean disabled) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            if (disabled) {
                disableIpv6(hosts.a());
                disableIpv6(hosts.b());
            }
            GatewayProcess a = lab.gateway(hosts.a(), ipv4Only(1, mtu));
            GatewayProcess b = lab.gateway(hosts.b(), ipv4Only(2, mtu));
            hosts.a().ping("10.10.10.2", 16).ok();
            a.assertSumsClose();
            b.assertSumsClose();
            assertThat(a.metrics().received(Metrics.TUN_TO_UDP)).isLessThan(3);
        }
    }

    @ParameterizedTest
    @CsvSource({"1307", "1280"})
    void pathBelow1308CarriesBothFamilies(int linkMtu) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().ok("ip", "link", "set", "eth0", "mtu", Integer.toString(linkMtu));
            hosts.b().ok("ip", "link", "set", "eth0", "mtu", Integer.toString(linkMtu));
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            hosts.a().ping(TwoHosts.INNER6 + 2, 56, 1280 - 48).ok();
            hosts.b().ping(TwoHosts.INNER4 + 1, 56, linkMtu - 56).ok();
            a.assertSumsClose();
            b.assertSumsClose();
            String config = TwoHosts.config(Underlay.IPV4, 1);
            assertThat(GatewayProcess.attempt(hosts.a(), config, List.of(), "check")
                            .output())
                    .contains("MTU 1280, which IPv6 needs, although the path takes %d".formatted(linkMtu - 28));
        }
    }

    @Test
    void ipv6SwitchedOffWhileRunningHindersNeitherReloadNorEnd() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            hosts.a().sysctl("ipv6/conf/fou0/disable_ipv6", "1");
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            a.reconfigure(TwoHosts.config(Underlay.IPV4, 1, "mtu: auto", "ttl: 9"), true);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> a.metrics().sum("fou_config_reloads_total", "result=\"success\"") == 1);
            hosts.a().ok("ip", "link", "set", "fou0", "mtu", "1200");
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            a.terminate();
            assertThat(a.log()).doesNotContain("while stopping");
        }
    }

    @Test
    void ipv6PrefixWithoutIpv6SaysWhatToDo() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            disableIpv6(hosts.a());
            Command.Result result =
                    GatewayProcess.attempt(hosts.a(), TwoHosts.config(Underlay.IPV4, 1), List.of(), "run");
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.output()).contains("disable_ipv6=0");
            assertThat(hosts.a()
                            .run(Duration.ofSeconds(5), "ip", "link", "show", "fou0")
                            .output())
                    .doesNotContain("mtu");
        }
    }
}
