package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import net.fougateway.admin.StatusSchema;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two gateways carry IPv4 and IPv6 over an IPv4 and over an IPv6 underlay. */
class TwoGatewaysIT {

    private static final long TWENTY_MEGABYTES = 20_000_000;

    @ParameterizedTest
    @EnumSource
    void carryPingTcpAndUdp(Underlay underlay) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            pingUpToTheMtu(hosts, underlay.innerMtu());
            for (String far : new String[] {TwoHosts.INNER4 + 2, TwoHosts.INNER6 + 2}) {
                TrafficClient client = new TrafficClient(far, TwoHosts.SERVICE);
                hosts.a().call(() -> client.transfer(TWENTY_MEGABYTES));
                assertThat(hosts.a().call(() -> client.echo(TwoHosts.udpSizes(underlay.innerMtu()))))
                        .as("UDP echoes lost; a: %s b: %s", a.metrics(), b.metrics())
                        .isEmpty();
            }
            assertThat(a.assertSumsClose().forwarded(Metrics.TUN_TO_UDP)).isPositive();
            assertThat(b.assertSumsClose().forwarded(Metrics.UDP_TO_TUN)).isPositive();
            assertThat(StatusSchema.differences(a.status())).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void sendEachFlowFromItsOwnPort(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            lab.gateway(hosts.a(), TwoHosts.config(underlay, 1));
            lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            OuterCapture capture = OuterCapture.start(hosts.a(), "eth0");
            try (capture) {
                hosts.a().call(() -> new TrafficClient(TwoHosts.INNER4 + 2, TwoHosts.SERVICE).flows(32));
            }
            for (boolean fromA : new boolean[] {true, false}) {
                assertThat(capture.flows(fromA))
                        .hasSizeGreaterThan(8)
                        .allMatch(flow -> flow.destination() == 5555)
                        .allMatch(flow -> flow.source() >= 32768 && flow.source() <= 60999)
                        .allMatch(OuterCapture.Flow::checksum);
            }
        }
    }

    private static void pingUpToTheMtu(TwoHosts hosts, int innerMtu) throws Exception {
        hosts.a().ping(TwoHosts.INNER4 + 2, innerMtu - 28).ok();
        hosts.b().ping(TwoHosts.INNER4 + 1, innerMtu - 28).ok();
        hosts.a().ping(TwoHosts.INNER6 + 2, innerMtu - 48).ok();
        hosts.b().ping(TwoHosts.INNER6 + 1, innerMtu - 48).ok();
        hosts.a().ping(TwoHosts.INNER4 + 2, innerMtu - 27).failed();
        hosts.a().ping(TwoHosts.INNER6 + 2, innerMtu - 47).failed();
    }
}
