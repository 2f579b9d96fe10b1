package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TCP through two gateways with every offload in use: every byte arrives, and it was super-packets that carried it. */
class OffloadIT {

    private static final long MEGABYTE = 1_000_000;
    private static final int STREAMS = 16;
    /** Packets that one system call must bring in on average. */
    private static final int BATCH = 4;

    /** What the two ends of the wire do. */
    private enum Card {
        VETH,
        /** No segmentation when sending, joining when receiving, as most network cards. */
        ORDINARY
    }

    @ParameterizedTest
    @CsvSource({"VETH, IPV4, 100", "VETH, IPV6, 10", "ORDINARY, IPV4, 10", "ORDINARY, IPV6, 10"})
    void carriesTcp(Card card, Underlay underlay, int megabytes) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            setUp(card, hosts);
            Gateways gateways = Gateways.start(lab, hosts, underlay, "mtu: auto", "mtu: auto");
            gateways.transfer(TwoHosts.INNER4, 1, megabytes * MEGABYTE);
            gateways.transfer(TwoHosts.INNER6, STREAMS, megabytes * MEGABYTE);
            gateways.transfer(TwoHosts.INNER4, STREAMS, 10 * MEGABYTE);
            gateways.transfer(TwoHosts.INNER6, 1, 10 * MEGABYTE);
            gateways.check();
        }
    }

    @Test
    void carriesTcpBetweenDevicesOfDifferentMtu() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            Gateways gateways = Gateways.start(lab, hosts, Underlay.IPV4, "mtu: 1472", "mtu: 1300");
            assertThat(gateways.a.metrics().sum("fou_device_mtu_bytes")).isEqualTo(1472);
            assertThat(gateways.b.metrics().sum("fou_device_mtu_bytes")).isEqualTo(1300);
            gateways.transferAll();
            gateways.check();
        }
    }

    @ParameterizedTest
    @CsvSource({"IPV4, 8972", "IPV6, 8952"})
    void carriesTcpOverJumboFrames(Underlay underlay, int deviceMtu) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                host.ok("ip", "link", "set", "eth0", "mtu", "9000");
            }
            Gateways gateways = Gateways.start(lab, hosts, underlay, "mtu: auto", "mtu: auto");
            assertThat(gateways.a.metrics().sum("fou_device_mtu_bytes")).isEqualTo(deviceMtu);
            gateways.transferAll();
            gateways.check();
        }
    }

    private static void setUp(Card card, TwoHosts hosts) throws Exception {
        if (card == Card.ORDINARY) {
            Requires.program("ethtool", "ethtool");
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                String features = "tso off tx-udp-segmentation off gro on rx-udp-gro-forwarding on";
                host.ok(("ethtool -K eth0 " + features).split(" "));
            }
        }
    }

    /** Both hosts with their gateways, and a traffic server behind the second. */
    private record Gateways(TwoHosts hosts, GatewayProcess a, GatewayProcess b) {

        static Gateways start(Lab lab, TwoHosts hosts, Underlay underlay, String deviceA, String deviceB)
                throws Exception {
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, deviceA, "ttl: 64"));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2, deviceB, "ttl: 64"));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            return new Gateways(hosts, a, b);
        }

        void transferAll() throws Exception {
            for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
                transfer(prefix, 1, 10 * MEGABYTE);
                transfer(prefix, STREAMS, 10 * MEGABYTE);
            }
        }

        /** {@code bytes} each way, divided among parallel streams. */
        void transfer(String prefix, int streams, long bytes) throws Exception {
            List<Future<Void>> transfers = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                TrafficClient client = new TrafficClient(prefix + 2, TwoHosts.SERVICE);
                transfers.add(hosts.a().start(() -> client.transfer(bytes / streams)));
            }
            for (Future<Void> transfer : transfers) {
                transfer.get();
            }
        }

        void check() throws Exception {
            for (GatewayProcess gateway : List.of(a, b)) {
                Metrics metrics = gateway.assertSumsClose();
                for (String feature : List.of("tun_tso4", "tun_tso6", "tun_uso", "udp_gso", "udp_gro")) {
                    assertThat(metrics.sum("fou_offload_active", "feature=\"" + feature + "\""))
                            .as("%s: %s", feature, gateway.log())
                            .isOne();
                }
                for (String direction : List.of(Metrics.TUN_TO_UDP, Metrics.UDP_TO_TUN)) {
                    assertThat(metrics.batchPackets(direction))
                            .as("packets in batches, %s: %s", direction, metrics)
                            .isGreaterThan(BATCH * metrics.batches(direction));
                }
            }
        }
    }
}
