package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a peer's options do to the outer header, and that traffic passes with them. */
class PeerOptionsIT {

    private static final long BYTES = 3_000_000;

    @BeforeEach
    void requirePing() throws Exception {
        Requires.program("ping", "iputils-ping");
    }

    @ParameterizedTest
    @EnumSource
    void fixedValuesStandInTheOuterHeader(Underlay underlay) throws Exception {
        Set<OuterCapture.Flow> flows = flowsWith(
                underlay, "checksum: false, ttl: 7, tos: 72, pmtu_discovery: false, source_port: 5555", 33, 0);
        assertThat(flows).isNotEmpty().allSatisfy(flow -> {
            assertThat(flow.source()).isEqualTo(5555);
            assertThat(flow.checksum()).isFalse();
            assertThat(flow.ttl()).isEqualTo(7);
            assertThat(flow.tos() & 0xfc).isEqualTo(72);
            assertThat(flow.dontFragment()).isEqualTo(underlay == Underlay.IPV6);
        });
    }

    @ParameterizedTest
    @EnumSource
    void inheritedValuesComeFromTheInnerPacket(Underlay underlay) throws Exception {
        Set<OuterCapture.Flow> flows = flowsWith(underlay, "ttl: inherit, tos: inherit, source_port: 40000", 33, 40);
        assertThat(flows).isNotEmpty().allMatch(flow -> flow.source() == 40000 && flow.dontFragment());
        assertThat(flows).anyMatch(flow -> flow.ttl() == 33 && flow.tos() == 40);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"off", "{tun_uso: off}", "{tun_tso4: off, udp_gso: off}", "{udp_gro: off}", "{tun_checksum: off}"})
    void trafficPassesWithoutOffload(String offload) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = start(lab, hosts, Underlay.IPV4, "offload: " + offload, "ttl: 64");
            transferBothFamilies(lab, hosts);
            assertThat(a.assertSumsClose().forwarded(Metrics.TUN_TO_UDP)).isPositive();
        }
    }

    private static Set<OuterCapture.Flow> flowsWith(Underlay underlay, String peerKeys, int ttl, int tos)
            throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            start(lab, hosts, underlay, "mtu: auto", peerKeys);
            OuterCapture capture = OuterCapture.start(hosts.a(), "eth0");
            try (capture) {
                hosts.a().ok("ping", "-c", "3", "-i", "0.2", "-t", "" + ttl, "-Q", "" + tos, TwoHosts.INNER4 + 2);
                transferBothFamilies(lab, hosts);
            }
            return capture.flows(true);
        }
    }

    private static GatewayProcess start(Lab lab, TwoHosts hosts, Underlay underlay, String deviceKeys, String peerKeys)
            throws Exception {
        GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, deviceKeys, peerKeys));
        lab.gateway(hosts.b(), TwoHosts.config(underlay, 2, deviceKeys, peerKeys));
        return a;
    }

    private static void transferBothFamilies(Lab lab, TwoHosts hosts) throws Exception {
        lab.server(hosts.b(), TwoHosts.SERVICE);
        for (String far : new String[] {TwoHosts.INNER4 + 2, TwoHosts.INNER6 + 2}) {
            hosts.a().call(() -> new TrafficClient(far, TwoHosts.SERVICE).transfer(BYTES));
        }
    }
}
