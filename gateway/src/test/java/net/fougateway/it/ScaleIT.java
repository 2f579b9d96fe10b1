package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many peers, many prefixes, many routes of others. What a lab of two hosts would never show takes minutes, or all memory, here. */
class ScaleIT {

    private static final int PEERS = 2000;
    private static final int PREFIXES = 10;
    private static final int FOREIGN_ROUTES = 200_000;

    private static String config(int ttlOfLast) {
        return IntStream.range(0, PEERS)
                .mapToObj(peer -> "  - {name: p%d, remote: 10.77.%d.%d, ttl: %d, allowed_ips: [%s]}"
                        .formatted(
                                peer,
                                1 + peer / 250,
                                1 + peer % 250,
                                peer == PEERS - 1 ? ttlOfLast : 64,
                                prefixes(peer * PREFIXES)))
                .collect(Collectors.joining("\n", "device: {address: [10.10.10.1/32]}\npeers:\n", "\n"));
    }

    private static String prefixes(int from) {
        return IntStream.range(from, from + PREFIXES)
                .mapToObj(i -> "10.%d.%d.0/24".formatted(128 + (i >> 8), i & 255))
                .collect(Collectors.joining(", "));
    }

    private static Namespace host(Lab lab) throws Exception {
        Namespace host = lab.namespace("many");
        host.ok("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
        host.address("eth0", "10.77.0.1/16");
        host.up("eth1");
        return host;
    }

    private static long routesThroughDevice(Namespace host) throws Exception {
        return host.ok("ip", "route", "show", "dev", "fou0").output().lines().count();
    }

    @Test
    void thousandsOfPeersStartAndChange() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = host(lab);
            GatewayProcess gateway = lab.gateway(host, config(64));
            assertThat(routesThroughDevice(host)).isEqualTo(PEERS * PREFIXES);

            gateway.reconfigure(config(65), true);

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> gateway.metrics().sum("fou_config_reloads_total", "result=\"success\"") == 1);
            assertThat(gateway.log()).contains("peers[p1999].ttl");
            assertThat(routesThroughDevice(host)).isEqualTo(PEERS * PREFIXES);
            gateway.terminate();
            assertThat(host.run(Duration.ofSeconds(5), "ip", "link", "show", "fou0")
                            .output())
                    .doesNotContain("mtu");
        }
    }

    @Test
    void routesOfOthersAreNotHeldInMemory() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = host(lab);
            host.ok(
                    "sh",
                    "-c",
                    ("awk 'BEGIN {for (i = 0; i < %d; i++) printf \"route add %%d.%%d.%%d.0/24 dev eth0\\n\","
                                    + " 11 + int(i / 65536), int(i / 256) %% 256, i %% 256}' | ip -batch -")
                            .formatted(FOREIGN_ROUTES));
            String prefixes = prefixes(0);
            GatewayProcess gateway =
                    lab.gateway(host, "peers: [{name: p, remote: 10.77.1.1, allowed_ips: [" + prefixes + "]}]\n");
            assertThat(routesThroughDevice(host)).isEqualTo(PREFIXES);
            gateway.terminate();
            assertThat(host.ok("ip", "route", "show", "match", "10.128.0.1").output())
                    .doesNotContain("fou0");
        }
    }
}
