package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sockets that somebody takes from the gateway, as {@code ss -K} does. */
class LostSocketIT {

    private static String ports(Namespace host) throws Exception {
        return host.ok("sh", "-c", "ss -uanH | awk '{print $4}' | sort").output();
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 'ss -K -u -a sport = :5555', ttl: 64",
        "IPV6, 'ss -K -u -a sport = :5555', ttl: 64",
        "IPV4, 'ss -K -u -a sport != :5555', ttl: 64",
        "IPV6, 'ss -K -u -a sport != :5555', ttl: 64",
        "IPV4, 'ss -K -u -a', 'source_port: 5555'",
        "IPV6, 'ss -K -u -a', 'source_port: 4444'",
        "IPV4, 'ss -K -w -a', ttl: 64",
        "IPV6, 'ss -K -w -a', ttl: 64",
    })
    void trafficGoesOn(Underlay underlay, String kill, String peerKeys) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, "mtu: auto", peerKeys));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            String sockets = ports(hosts.a());

            assertThat(hosts.a()
                            .run(Duration.ofSeconds(10), kill.split(" ", -1))
                            .output())
                    .as("sockets that the kernel destroyed")
                    .contains("UNCONN");

            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            hosts.b().ping(TwoHosts.INNER6 + 1, 56).ok();
            hosts.a().call(() -> new TrafficClient(TwoHosts.INNER4 + 2, TwoHosts.SERVICE).flows(64));
            a.assertSumsClose();
            b.assertSumsClose();
            assertThat(ports(hosts.a())).isEqualTo(sockets);
            assertThat(a.ready()).isTrue();
            assertThat(a.metrics().dropped(Metrics.TUN_TO_UDP)).isZero();
        }
    }
}
