package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Segments that the kernel does not take as others: above the path, and behind a routing header. */
class SegmentsIT {

    private static final int PAIRS = 500;
    private static final int SHORT_BYTES = 200;
    private static final int REQUEST_BYTES = 3000;
    private static final int REQUESTS = 30;
    private static final String TOO_BIG = "reason=\"pkt_too_big\"";
    private static final String BEHIND_B = "fd42:2::2";

    @ParameterizedTest
    @CsvSource({"IPV4, true", "IPV4, false", "IPV6, true", "IPV6, false"})
    void shortDatagramBehindOneThatExceedsThePathArrives(Underlay underlay, boolean ipv4) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String peerKeys = "pmtu_discovery: false, mss_clamp: off";
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, "mtu: 1500", peerKeys));
            lab.gateway(hosts.b(), TwoHosts.config(underlay, 2, "mtu: 1500", peerKeys));
            String far = (ipv4 ? TwoHosts.INNER4 : TwoHosts.INNER6) + 2;
            int fullBytes = 1500 - (ipv4 ? 28 : 48);
            try (SegmentSocket receiver = hosts.b().call(() -> SegmentSocket.receiver(far, TwoHosts.SERVICE, false))) {
                hosts.a().call(() -> sendPairs(far, fullBytes));
                int[] arrived = {0};
                await().atMost(Duration.ofSeconds(20)).until(() -> {
                    List<byte[]> message = receiver.poll();
                    while (!message.isEmpty()) {
                        arrived[0] += message.size();
                        message = receiver.poll();
                    }
                    return arrived[0] == 2 * PAIRS;
                });
            }
            Metrics metrics = a.assertSumsClose();
            assertThat(metrics.dropped(Metrics.TUN_TO_UDP)).as("%s", metrics).isZero();
        }
    }

    /** Not faster than the queue of the device takes them. */
    private static Void sendPairs(String far, int fullBytes) throws IOException, InterruptedException {
        try (DatagramSocket socket = new DatagramSocket()) {
            InetSocketAddress to = new InetSocketAddress(far, TwoHosts.SERVICE);
            for (int i = 0; i < PAIRS; i++) {
                socket.send(new DatagramPacket(new byte[fullBytes], fullBytes, to));
                socket.send(new DatagramPacket(new byte[SHORT_BYTES], SHORT_BYTES, to));
                if (i % 20 == 0) {
                    Thread.sleep(5);
                }
            }
        }
        return null;
    }

    /** Its segments are as large as IPv6 wants them at least, which is more than the path takes; the last one is not. */
    @ParameterizedTest
    @EnumSource
    void tcpOverIpv6LosesNothingOnAPathOf1280Bytes(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                host.ok("ip", "link", "set", "eth0", "mtu", "1280");
            }
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, "mtu: 1280", "mss_clamp: off"));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2, "mtu: 1280", "mss_clamp: off"));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            hosts.a().call(() -> {
                for (int i = 0; i < REQUESTS; i++) {
                    new TrafficClient(TwoHosts.INNER6 + 2, TwoHosts.SERVICE).transfer(REQUEST_BYTES);
                }
                return null;
            });
            for (GatewayProcess gateway : List.of(a, b)) {
                Metrics metrics = gateway.assertSumsClose();
                assertThat(metrics.sum("fou_packets_dropped_total", TOO_BIG))
                        .as("%s", metrics)
                        .isZero();
            }
        }
    }

    /** The checksum behind a routing header covers the last destination, which the IP header does not show. */
    @Test
    void tcpBehindASegmentRoutingHeaderHasRightChecksums() throws Exception {
        Requires.need(
                Files.exists(Path.of("/proc/sys/net/ipv6/conf/all/seg6_enabled")),
                "segment routing: a kernel with CONFIG_IPV6_SEG6_LWTUNNEL");
        Requires.program("nstat", "iproute2");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), withNetworkBehindB(1));
            lab.gateway(hosts.b(), withNetworkBehindB(2));
            hosts.b().address("lo", BEHIND_B + "/128");
            hosts.b().sysctl("ipv6/conf/all/seg6_enabled", "1");
            hosts.b().sysctl("ipv6/conf/fou0/seg6_enabled", "1");
            String segments = "fd42:2::/64 encap seg6 mode inline segs " + TwoHosts.INNER6 + "2 dev fou0";
            hosts.a().ok(("ip -6 route replace " + segments).split(" "));
            lab.server(hosts.b(), TwoHosts.SERVICE);

            hosts.a().call(() -> new TrafficClient(BEHIND_B, TwoHosts.SERVICE).transfer(20_000_000, 1000));

            assertThat(hosts.b().ok("nstat", "-asz", "TcpInCsumErrors").output())
                    .containsPattern("TcpInCsumErrors +0 ");
            Metrics metrics = a.assertSumsClose();
            assertThat(metrics.batchPackets(Metrics.TUN_TO_UDP))
                    .as("packets in super-packets: %s", metrics)
                    .isGreaterThan(2 * metrics.batches(Metrics.TUN_TO_UDP));
        }
    }

    private static String withNetworkBehindB(int host) {
        String config = TwoHosts.config(Underlay.IPV4, host);
        return host == 1 ? config.replace("fd00:10::2/128", "fd00:10::2/128\", \"fd42:2::/64") : config;
    }
}
