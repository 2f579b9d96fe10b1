package net.fougateway.it;

import static net.fougateway.it.EbpfEngineIT.BOTH;
import static net.fougateway.it.EbpfEngineIT.IN_KERNEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code device.offload.ebpf} on hosts that give more or less rights to it, or have other programs and rules. */
class EbpfHostIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @BeforeAll
    static void requirements() {
        EbpfEngineIT.needPrograms();
    }

    /** Then user space carries all, and one sentence says why. */
    @Test
    void withoutTheRightItRunsAsBefore() throws Exception {
        Requires.program("setpriv", "util-linux");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            List<String> wrapper = List.of("setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin");
            GatewayProcess a = lab.own(GatewayProcess.start(
                            hosts.a(), wrapper, TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL)))
                    .awaitReady();
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            hosts.a().ping(TwoHosts.INNER4 + 2, 500).ok();
            assertThat(a.log())
                    .contains(
                            "user space carries all packets: this process may not load BPF programs: it lacks CAP_PERFMON,"
                                    + " CAP_BPF");
            assertThat(a.metrics().series()).containsEntry("fou_offload_active{feature=\"ebpf_receive\"}", 0.0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nft", "iptables"})
    void rulesForThePortThatDoNotApplyAreNamed(String firewall) throws Exception {
        Requires.program(firewall, firewall.equals("nft") ? "nftables" : "iptables");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            List<String> rules = firewall.equals("nft")
                    ? List.of(
                            "nft add table inet filter",
                            "nft add chain inet filter input { type filter hook input priority 0 ; }",
                            "nft add rule inet filter input udp dport 5555 drop")
                    : List.of("iptables -A INPUT -p udp --dport 5555 -j DROP");
            for (String rule : rules) {
                hosts.a().ok(rule.split(" ", -1));
            }
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL));
            assertThat(a.status())
                    .contains("rules of nftables for the UDP port of the tunnel ("
                            + (firewall.equals("nft") ? "inet filter input" : "ip filter INPUT"));
        }
    }

    /** Those of deploy/systemd/ebpf.conf, and no others. */
    @Test
    void fourCapabilitiesAreEnough() throws Exception {
        Requires.program("setpriv", "util-linux");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            List<String> wrapper = List.of("setpriv", "--bounding-set", "-all,+net_admin,+net_raw,+bpf,+perfmon");
            GatewayProcess a = lab.own(GatewayProcess.start(
                            hosts.a(), wrapper, TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL)))
                    .awaitReady();
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2, BOTH, IN_KERNEL));
            hosts.a().ping(TwoHosts.INNER4 + 2, 500).ok();
            assertThat(EbpfEngineIT.taken(a, Metrics.TUN_TO_UDP)).as(a.log()).isPositive();
        }
    }

    /** They could receive for the wrong address, so that they receive for none until they know all. */
    @Test
    void withMoreAddressesThanTheyHoldTheyCarryNothing() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2, BOTH, IN_KERNEL));
            hosts.a()
                    .ok(
                            "sh",
                            "-c",
                            "seq 0 16999 | awk '{ printf \"address add 10.99.%d.%d/32 dev lo\\n\", $1 / 200, $1 % 200 }'"
                                    + " | ip -batch -");
            await().atMost(LIMIT).until(() -> a.status().contains("eBPF carries nothing, user space does"));
            hosts.a().ping(TwoHosts.INNER4 + 2, 500).ok();
            assertThat(a.metrics().sum("fou_ebpf_programs")).isZero();

            hosts.a().ok("ip", "address", "flush", "dev", "lo", "to", "10.99.0.0/16");
            await().atMost(LIMIT).until(() -> a.metrics().sum("fou_ebpf_programs") > 0);
            assertThat(a.status()).doesNotContain("eBPF carries nothing");
            long before = EbpfEngineIT.taken(a, Metrics.TUN_TO_UDP);
            hosts.a().ping(TwoHosts.INNER4 + 2, 500).ok();
            assertThat(EbpfEngineIT.taken(a, Metrics.TUN_TO_UDP)).isGreaterThan(before);
        }
    }

    /** One XDP program can be at a device; then tcx alone receives, and datagrams are left as they are. */
    @Test
    void givesWayToAnotherXdpProgram() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                host.ok("ethtool", "-K", "eth0", "gro", "on");
            }
            GatewayProcess first = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL));
            String second = TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL)
                            .replace("fou0", "fou1")
                            .replace("5555", "5556")
                            .replace("10.10.10.1/24", "10.11.10.1/24")
                            .replace("fd00:10::1/64", "fd00:11::1/64")
                            .replace("allowed_ips: [10.10.10.2/32, \"fd00:10::2/128\"]", "allowed_ips: [10.11.0.0/16]")
                    + "admin: {listen: 127.0.0.1:15556}\n";
            GatewayProcess other = lab.own(GatewayProcess.start(hosts.a(), second));
            await().atMost(LIMIT).until(() -> other.log().contains("fou1 is up"));
            assertThat(other.log()).contains("eBPF receives at eth0 without XDP", "eBPF receives at eth0 by tcx");
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2, BOTH, IN_KERNEL));
            hosts.a().ping(TwoHosts.INNER4 + 2, 500).ok();
            assertThat(EbpfEngineIT.taken(first, Metrics.UDP_TO_TUN)).isPositive();
        }
    }
}
