package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import net.fougateway.bpf.BpfFeatures;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bulk from a kernel peer, with and without UDP checksum: without it nothing can be joined, and the operator is told. */
class KernelPeerOffloadIT {

    private static final long THERE = 20_000_000;
    private static final long BACK = 40_000_000;
    private static final long BULK_PACKETS = 10_000;
    private static final String ADVICE = "encap-csum";

    @Test
    void withoutChecksumTheStatusSaysWhatToDo() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = hostBesideKernel(lab, "");
            GatewayProcess gateway = gateway(lab, host);
            assertThat(gateway.status()).as("before the transfer").doesNotContain(ADVICE);
            transfer(host, gateway);
            assertThat(gateway.status()).as("%s", gateway.metrics()).contains(ADVICE);
        }
    }

    @Test
    void withChecksumTheStatusIsContent() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = hostBesideKernel(lab, ADVICE);
            GatewayProcess gateway = gateway(lab, host);
            transfer(host, gateway);
            assertThat(gateway.status()).as("%s", gateway.metrics()).doesNotContain(ADVICE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ADVICE})
    void programsCarryBothWays(String options) throws Exception {
        String missing = BpfFeatures.missingPermission().orElse("");
        Requires.need(missing.isEmpty(), "BPF programs: " + missing);
        try (Lab lab = Lab.create()) {
            Namespace host = hostBesideKernel(lab, options);
            GatewayProcess gateway = lab.gateway(
                    host, TwoHosts.config(Underlay.IPV4, 1, "mtu: auto, offload: {ebpf: both}", "in_kernel: true"));
            transfer(host, gateway);
            Metrics metrics = gateway.assertSumsClose();
            for (String direction : new String[] {Metrics.UDP_TO_TUN, Metrics.TUN_TO_UDP}) {
                assertThat(metrics.sum("fou_ebpf_peer_packets_total", direction) * 10)
                        .as("most of what went %s, of %s", direction, metrics)
                        .isGreaterThan(metrics.forwarded(direction) * 9);
            }
        }
    }

    /**
     * A host whose card gathers packets for a moment and joins them; on its wire a kernel with an IPv4 tunnel.
     *
     * @param options of the kernel's encapsulation
     */
    private static Namespace hostBesideKernel(Lab lab, String options) throws Exception {
        Requires.program("ethtool", "ethtool");
        Namespace host = lab.namespace("gw");
        Namespace wire = lab.namespace("wire");
        lab.link(wire, "port", host, "eth0");
        wire.ok("ethtool", "-K", "port", "tso", "off");
        host.ok("ethtool", "-K", "eth0", "gro", "on");
        host.ok("sh", "-c", "echo 200000 >/sys/class/net/eth0/gro_flush_timeout");
        host.address("eth0", "10.77.0.1/24");
        KernelPeer kernel = KernelPeer.start(lab, wire, "tap0", "10.77.0.254/24", "10.77.0.2/24");
        wire.bridge("br0", "tap0", "port");
        kernel.run("""
                set -e
                ip fou add port 5555 ipproto 4
                ip link add tun type ipip remote 10.77.0.1 local 10.77.0.2 ttl 255 \
                    encap fou encap-sport auto encap-dport 5555 %s
                ip address add 10.10.10.2/24 dev tun
                ip link set tun up
                """.formatted(options)).ok();
        kernel.server(TwoHosts.SERVICE);
        return host;
    }

    private static GatewayProcess gateway(Lab lab, Namespace host) throws Exception {
        return lab.gateway(host, TwoHosts.config(Underlay.IPV4, 1));
    }

    /** TCP each way, more of it from the kernel. */
    private static void transfer(Namespace host, GatewayProcess gateway) throws Exception {
        TrafficClient client = new TrafficClient(TwoHosts.INNER4 + 2, TwoHosts.SERVICE);
        host.call(() -> client.transfer(THERE, BACK));
        assertThat(gateway.assertSumsClose().forwarded(Metrics.UDP_TO_TUN)).isGreaterThan(BULK_PACKETS);
    }
}
