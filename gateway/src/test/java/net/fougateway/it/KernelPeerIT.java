package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A plain Linux kernel is the other end. Underlay: the gateway is 10.77.0.1 and fd77::1, the kernel 10.77.0.2 and fd77::2.
 * Inside: the gateway is 10.10.10.1 and fd00:10::1, the kernel 10.10.10.2 and fd00:10::2.
 */
class KernelPeerIT {

    private static final long TWENTY_MEGABYTES = 20_000_000;
    private static final int FLOWS = 24;

    private static final String ADDRESS4 = "ip address add 10.10.10.2/24 dev tun\nip link set tun up\n";
    private static final String ADDRESS6 = "ip address add fd00:10::2/64 dev tun nodad\nip link set tun up\n";

    @Test
    void ipip() throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, TwoHosts.Underlay.IPV4, 1472, "checksum: true", ipip("") + ADDRESS4);
            pair.check(TwoHosts.INNER4, 1472 - 28);
            pair.checkOuter(TwoHosts.INNER4, true, false);
        }
    }

    @Test
    void ipipWithChecksumFromTheKernelAndNoneFromUs() throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, TwoHosts.Underlay.IPV4, 1472, "checksum: false", ipip("encap-csum") + ADDRESS4);
            pair.check(TwoHosts.INNER4, 1472 - 28);
            pair.checkOuter(TwoHosts.INNER4, false, true);
        }
    }

    @Test
    void sit() throws Exception {
        String kernel = """
            ip fou add port 5555 ipproto 41
            ip link add tun type sit remote 10.77.0.1 local 10.77.0.2 ttl 255 encap fou encap-sport auto encap-dport 5555
            """;
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, TwoHosts.Underlay.IPV4, 1472, "checksum: true", kernel + ADDRESS6);
            pair.check(TwoHosts.INNER6, 1472 - 48);
            pair.checkOuter(TwoHosts.INNER6, true, false);
        }
    }

    @Test
    void ip6tnlWithoutEncapsulationLimitAndChecksumBothWays() throws Exception {
        ip6tnl("encaplimit none", "", 1452, true);
    }

    @Test
    void ip6tnlWithEncapsulationLimitAndNoChecksumEitherWay() throws Exception {
        ip6tnl("", "noencap-udp6-csum", 1444, false);
    }

    /** Of {@code ip6tnl} the default is to compute the UDP checksum, other than of {@code ipip} and {@code sit}. */
    private static void ip6tnl(String limit, String encap, int mtu, boolean checksum) throws Exception {
        String kernel = """
            ip fou add -6 port 5555 ipproto 4
            ip fou add -6 port 5556 ipproto 41
            ip link add tun type ip6tnl mode any remote fd77::1 local fd77::2 %s \
            encap fou encap-sport auto encap-dport 5555 %s
            """.formatted(limit, encap);
        String keys = "checksum: " + checksum + ", port: {4: 5555, 41: 5556}";
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, TwoHosts.Underlay.IPV6, mtu, keys, kernel + ADDRESS4 + ADDRESS6);
            pair.check(TwoHosts.INNER4, mtu - 28);
            pair.check(TwoHosts.INNER6, mtu - 48);
            pair.checkOuter(TwoHosts.INNER4, checksum, checksum);
        }
    }

    private static String ipip(String options) {
        return """
            ip fou add port 5555 ipproto 4
            ip link add tun type ipip remote 10.77.0.1 local 10.77.0.2 ttl 255 \
            encap fou encap-sport auto encap-dport 5555 %s
            """.formatted(options);
    }

    /** The gateway in {@code host}, and the kernel. */
    private record Pair(Namespace host, GatewayProcess gateway, KernelPeer kernel) {

        static Pair start(Lab lab, TwoHosts.Underlay underlay, int mtu, String peerKeys, String setUp)
                throws Exception {
            Namespace host = lab.namespace("gw");
            KernelPeer kernel =
                    KernelPeer.start(lab, host, "tap0", "10.77.0.1/24", "10.77.0.2/24", "fd77::1/64", "fd77::2/64");
            kernel.run("set -e\n" + setUp).ok();
            assertThat(kernel.run("ip link show tun").ok().output()).contains("mtu " + mtu);
            kernel.server(TwoHosts.SERVICE);
            GatewayProcess gateway = lab.gateway(host, TwoHosts.config(underlay, 1, "mtu: " + mtu, peerKeys));
            return new Pair(host, gateway, kernel);
        }

        /** Ping of every size both ways, and a file each way. */
        void check(String prefix, int largest) throws Exception {
            int[] sizes = {0, 1, 7, 8, 9, 64, 512, 1024, 1280, 1350, largest - 1, largest};
            host.ping(prefix + 2, sizes).ok();
            kernel.ping(prefix + 1, sizes).ok();
            host.ping(prefix + 2, largest + 1).failed();
            kernel.ping(prefix + 1, largest + 1).failed();
            TrafficClient client = new TrafficClient(prefix + 2, TwoHosts.SERVICE);
            host.call(() -> client.transfer(TWENTY_MEGABYTES));
            Metrics metrics = gateway.assertSumsClose();
            assertThat(metrics.forwarded(Metrics.UDP_TO_TUN)).isGreaterThan(TWENTY_MEGABYTES / 1500);
            assertThat(metrics.forwarded(Metrics.TUN_TO_UDP)).isGreaterThan(TWENTY_MEGABYTES / 1500);
        }

        /** Many inner flows: destination port 5555, several source ports, checksums as configured. */
        void checkOuter(String prefix, boolean ourChecksum, boolean kernelChecksum) throws Exception {
            OuterCapture capture = OuterCapture.start(host, "tap0");
            try (capture) {
                TrafficClient client = new TrafficClient(prefix + 2, TwoHosts.SERVICE);
                assertThat(host.call(() -> client.flows(FLOWS)))
                        .as("flows without echo")
                        .isZero();
            }
            gateway.assertSumsClose();
            checkFlows(capture.flows(true), ourChecksum);
            checkFlows(capture.flows(false), kernelChecksum);
        }

        private static void checkFlows(Set<OuterCapture.Flow> flows, boolean checksum) {
            assertThat(flows)
                    .hasSizeGreaterThan(FLOWS / 4)
                    .allMatch(flow -> flow.destination() == 5555)
                    .allMatch(flow -> flow.checksum() == checksum);
        }
    }
}
