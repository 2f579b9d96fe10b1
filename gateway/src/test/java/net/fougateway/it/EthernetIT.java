package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.fougateway.codec.Frames;
import net.fougateway.codec.Naive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bridges joined by VXLAN: gateways, and the kernel's own device, which must not tell them apart. */
class EthernetIT {

    private static final int BYTES = 5_000_000;
    private static final int SMALL = 56;
    private static final int LONGEST = 2000;
    private static final String MARK = "88b5c0ffee";
    /** In a second, of three causes, and what a slow machine may count of the second before. */
    private static final long MOST_FLOODED = 2 * 3 * 1000L;

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @ParameterizedTest
    @EnumSource
    void bridgesAreJoinedWithTheKernelsOwn(TwoHosts.Underlay underlay) throws Exception {
        Requires.program("ethtool", "ethtool");
        try (Lab lab = Lab.create()) {
            SwitchedSites sites = SwitchedSites.build(lab, underlay, 3);
            sites.joinByKernel(2, 1, 3);
            sites.joinByKernel(3, 1, 2);
            GatewayProcess gateway = lab.gateway(sites.machine(1), sites.config(1, 2, 3));
            lab.server(sites.host(2), TwoHosts.SERVICE);
            lab.server(sites.host(1), TwoHosts.SERVICE);
            PacketCapture capture = PacketCapture.start(sites.machine(2), "eth0");
            try (capture) {
                for (boolean ipv4 : new boolean[] {true, false}) {
                    int[] sizes = {SMALL, sites.largestPing(ipv4)};
                    sites.host(1).ping(SwitchedSites.inner(ipv4, 2), sizes).ok();
                    sites.host(1).ping(SwitchedSites.inner(ipv4, 3), sizes).ok();
                    sites.host(2).ping(SwitchedSites.inner(ipv4, 1), sizes).ok();
                }
                broadcast(sites.host(1), 1);
                broadcast(sites.host(2), 2);
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(capture.udp().stream()
                                        .map(packet -> packet.payload(LONGEST))
                                        .filter(payload -> payload.contains(MARK)))
                                .hasSizeGreaterThanOrEqualTo(3));
            }
            assertHeadersAreAlike(capture.udp());
            assertThat(sites.machine(2)
                            .ok("bridge", "fdb", "show", "dev", "vx0")
                            .output())
                    .contains(SwitchedSites.mac(1) + " dst " + underlay.address(1));
            carry(sites.host(1), SwitchedSites.inner(true, 2));
            carry(sites.host(2), SwitchedSites.inner(false, 1));

            Metrics metrics = gateway.assertSumsClose();
            assertThat(metrics.sum("fou_macs", "peer=\"s2\"")).isPositive();
            assertThat(metrics.sum("fou_flooded_packets_total", "cause=\"broadcast\""))
                    .isPositive();
            assertThat(metrics.dropped(Metrics.UDP_TO_TUN)).isZero();
            assertThat(gateway.document("/macs")).contains(SwitchedSites.mac(2), SwitchedSites.mac(3));
        }
    }

    /** A frame for everybody in VLAN 7. */
    private static void broadcast(Namespace host, int site) throws Exception {
        byte[] frame = Frames.other(Frames.ALL, SwitchedSites.mac(site), "81000007" + MARK, new byte[60]);
        host.call(() -> {
            try (PacketSocket socket = PacketSocket.writer("eth0", 0)) {
                socket.send(frame);
            }
            return null;
        });
    }

    /** Behind the UDP header everything is determined, but for the addresses inside. */
    private static void assertHeadersAreAlike(List<OuterPacket> packets) {
        List<OuterPacket> tunnelled =
                packets.stream().filter(packet -> packet.port() == 4789).toList();
        assertThat(tunnelled).allSatisfy(packet -> assertThat(packet.payload(8)).isEqualTo(SwitchedSites.HEADER));
        assertThat(tunnelled)
                .allSatisfy(packet -> assertThat(packet.hasChecksum()).isTrue());
        List<String> marked = tunnelled.stream()
                .map(packet -> packet.payload(LONGEST))
                .filter(payload -> payload.contains(MARK))
                .toList();
        String frame = SwitchedSites.HEADER + "ffffffffffff%s81000007" + MARK + "00".repeat(60);
        assertThat(marked)
                .contains(
                        frame.formatted(SwitchedSites.mac(1).replace(":", "")),
                        frame.formatted(SwitchedSites.mac(2).replace(":", "")));
    }

    /** Both ways, over connections whose hosts know of no tunnel: their MTU is 1500. */
    private static void carry(Namespace from, String to) throws Exception {
        TrafficClient client = new TrafficClient(to, TwoHosts.SERVICE);
        from.call(() -> {
            client.transfer(BYTES, BYTES);
            return null;
        });
    }

    @Test
    void eachOtherSiteGetsOneCopyOfABroadcast() throws Exception {
        try (Lab lab = Lab.create()) {
            SwitchedSites sites = SwitchedSites.build(lab, TwoHosts.Underlay.IPV4, 3);
            List<GatewayProcess> gateways = new ArrayList<>();
            gateways.add(lab.gateway(sites.machine(1), sites.config(1, 2, 3)));
            gateways.add(lab.gateway(sites.machine(2), sites.config(2, 1, 3)));
            gateways.add(lab.gateway(sites.machine(3), sites.config(3, 1, 2)));
            sites.host(1).ping(SwitchedSites.inner(true, 2), SMALL).ok();
            sites.host(1).ping(SwitchedSites.inner(true, 3), SMALL).ok();

            try (PacketSocket atTwo = sites.host(2).call(() -> PacketSocket.frames("eth0"));
                    PacketSocket atThree = sites.host(3).call(() -> PacketSocket.frames("eth0"))) {
                broadcast(sites.host(1), 1);
                Thread.sleep(500);
                assertThat(copies(atTwo)).isEqualTo(1);
                assertThat(copies(atThree)).isEqualTo(1);
            }
            for (GatewayProcess gateway : gateways) {
                gateway.assertSumsClose();
            }
        }
    }

    private static int copies(PacketSocket socket) {
        int copies = 0;
        for (byte[] frame = socket.poll(); frame.length > 0; frame = socket.poll()) {
            copies += HexFormat.of().formatHex(frame).contains(MARK) ? 1 : 0;
        }
        return copies;
    }

    /** Sites 1 and 2 are one network, 3 and 4 another one, and two gateways on each side join them a second time. */
    @Test
    void loopIsNoticedAndDoesNotGrow() throws Exception {
        try (Lab lab = Lab.create()) {
            SwitchedSites sites = SwitchedSites.build(lab, TwoHosts.Underlay.IPV4, 4);
            join(lab, sites.machine(1), sites.machine(2));
            join(lab, sites.machine(3), sites.machine(4));
            List<GatewayProcess> gateways = new ArrayList<>();
            int[] peers = {3, 4, 1, 2};
            for (int site = 1; site <= 4; site++) {
                gateways.add(lab.gateway(sites.machine(site), sites.config(site, peers[site - 1])));
            }

            broadcast(sites.host(1), 1);
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(
                                    gateways.get(0).status() + gateways.get(1).status())
                            .contains("MAC addresses flap between tap0 and peer"));
            Thread.sleep(1000);
            long before = carried(gateways);
            Thread.sleep(1000);
            assertThat(carried(gateways) - before).isLessThan(gateways.size() * MOST_FLOODED);
            assertThat(gateways.get(0).metrics().sum("fou_packets_dropped_total", "reason=\"mac_loop\"")
                            + gateways.get(1).metrics().sum("fou_packets_dropped_total", "reason=\"mac_loop\""))
                    .isPositive();
        }
    }

    private static void join(Lab lab, Namespace one, Namespace other) throws Exception {
        lab.link(one, "lan", other, "lan");
        one.ok("ip", "link", "set", "lan", "master", "br0", "up");
        other.ok("ip", "link", "set", "lan", "master", "br0", "up");
    }

    private static long carried(List<GatewayProcess> gateways) throws Exception {
        long packets = 0;
        for (GatewayProcess gateway : gateways) {
            packets += gateway.metrics().forwarded(Metrics.TUN_TO_UDP);
        }
        return packets;
    }

    /** The device takes what the hosts send, so that the gateway and not the bridge decides what is too large. */
    @ParameterizedTest
    @EnumSource
    void hostsWithALargerMtuAreTold(TwoHosts.Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            SwitchedSites sites = SwitchedSites.build(lab, underlay, 2);
            lab.gateway(sites.machine(1), sites.config(1, ", mtu: 1500}", 2));
            GatewayProcess other = lab.gateway(sites.machine(2), sites.config(2, ", mtu: 1500}", 1));
            for (boolean ipv4 : new boolean[] {true, false}) {
                String target = SwitchedSites.inner(ipv4, 2);
                sites.host(1).ping(target, sites.largestPing(ipv4)).ok();
                String answer = sites.host(1)
                        .run(
                                LIMIT,
                                "ping",
                                "-n",
                                "-c",
                                "1",
                                "-W",
                                "2",
                                "-M",
                                "do",
                                "-s",
                                Integer.toString(sites.largestPing(ipv4) + 1),
                                target)
                        .output();
                assertThat(answer).containsPattern("mtu ?= ?" + sites.mtuBytes());
            }
            lab.server(sites.host(2), TwoHosts.SERVICE);
            carry(sites.host(1), SwitchedSites.inner(true, 2));
            other.assertSumsClose();
        }
    }

    /** What no host sends: each counted under its reason, and nothing of it delivered. */
    @Test
    void rubbishIsCountedAndNotDelivered() throws Exception {
        try (Lab lab = Lab.create()) {
            SwitchedSites sites = SwitchedSites.build(lab, TwoHosts.Underlay.IPV4, 2);
            GatewayProcess gateway = lab.gateway(sites.machine(1), sites.config(1, 2));
            byte[] frame = Frames.other(SwitchedSites.mac(1), SwitchedSites.mac(2), MARK, new byte[40]);
            byte[] fromGroup = Frames.other(SwitchedSites.mac(1), Frames.ALL, MARK, new byte[40]);
            byte[] header = Frames.bytes(SwitchedSites.HEADER);
            List<byte[]> datagrams = List.of(
                    Naive.join(Frames.bytes("8800000000002a00"), frame),
                    Naive.join(Frames.bytes("0800000000002b00"), frame),
                    Naive.join(header, fromGroup),
                    Naive.join(header, new byte[13]),
                    new byte[3]);
            try (PacketSocket atHost = sites.host(1).call(() -> PacketSocket.frames("eth0"))) {
                sites.machine(2).call(() -> {
                    try (DatagramSocket socket = new DatagramSocket()) {
                        for (byte[] datagram : datagrams) {
                            socket.send(new DatagramPacket(
                                    datagram, datagram.length, new InetSocketAddress("10.77.0.1", 4789)));
                        }
                    }
                    return null;
                });
                await().atMost(LIMIT).untilAsserted(() -> {
                    Metrics metrics = gateway.metrics();
                    for (String reason : List.of("vxlan_flags", "vni_unknown", "mac_source_invalid")) {
                        assertThat(metrics.sum("fou_packets_dropped_total", "reason=\"" + reason + "\""))
                                .as(reason)
                                .isEqualTo(1);
                    }
                    assertThat(metrics.sum("fou_packets_dropped_total", "udp_to_tun", "reason=\"pkt_too_small\""))
                            .isEqualTo(2);
                });
                assertThat(copies(atHost)).isZero();
            }
            gateway.assertSumsClose();
        }
    }
}
