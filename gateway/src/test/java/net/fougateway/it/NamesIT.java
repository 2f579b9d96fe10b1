package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers at host names whose addresses change, and a name server that comes after the gateway. */
class NamesIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Less than the minute after which every name is looked up again, and than the 30 s that the JVM would remember an answer. */
    private static final Duration AT_ONCE = Duration.ofSeconds(20);

    private static final String MOVING = "  - {name: moving, remote: moving.example, allowed_ips: [%s]}\n";
    /** The other end of a peer that takes the default route. */
    private static final String END =
            "{device: {address: [10.99.0.1/24]}, peers: [{name: a, remote: %s, allowed_ips: [10.99.0.2/32]}]}\n";

    @BeforeEach
    void requirePing() throws Exception {
        Requires.program("ping", "iputils-ping");
    }

    @Test
    void aPeerThatIsOutOfReachMovesAtOnceAndTheOthersGoOn() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            NameServer.use(lab, hosts.a(), "10.77.0.2");
            GatewayProcess a =
                    lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1) + MOVING.formatted("10.99.0.0/16"));
            lab.gateway(hosts.b(), behind(TwoHosts.config(Underlay.IPV4, 2)));
            assertThat(a.status()).contains("moving.example does not resolve");
            AtomicBoolean enough = new AtomicBoolean();
            Future<Void> others =
                    hosts.a().start(() -> Pings.sendUntil(enough, hosts.a(), TwoHosts.INNER4 + 2, "0.01"));

            NameServer names = lab.own(NameServer.start(hosts.b()));
            names.put("moving.example", "10.77.0.9");

            await().atMost(LIMIT).until(() -> a.status().contains("\"10.77.0.9\""));
            hosts.a().ping("10.99.0.1", 56).failed();
            Metrics before = a.metrics();
            names.put("moving.example", "10.77.0.2");
            await().atMost(AT_ONCE).until(() -> hosts.a().ping("10.99.0.1", 56).exit() == 0);
            assertThat(a.log())
                    .contains(
                            "peer moving: the name moving.example resolves to 10.77.0.2 now, no longer to 10.77.0.9",
                            "over: peer moving: the name moving.example does not resolve");
            assertThat(a.status()).doesNotContain("does not resolve");

            names.close();
            hosts.a().ping("10.99.0.1", 56).ok();
            enough.set(true);
            others.get();
            assertThat(a.log().lines().filter(line -> line.contains("resolves to")))
                    .hasSize(1);
            assertCountersGoOn(before, a.assertSumsClose());
        }
    }

    private static void assertCountersGoOn(Metrics before, Metrics after) {
        for (String peer : List.of("peer=\"moving\"", "peer=\"other\"")) {
            long sent = before.sum("fou_packets_total", peer, Metrics.TUN_TO_UDP);
            assertThat(sent).isPositive();
            assertThat(after.sum("fou_packets_total", peer, Metrics.TUN_TO_UDP)).isGreaterThan(sent);
        }
        assertThat(after.sum("fou_packets_total", "peer=\"(removed)\"")).isZero();
    }

    private static String behind(String config) {
        return config.replace("10.10.10.2/24", "10.10.10.2/24, 10.99.0.1/16");
    }

    /** The tunnel takes all of IPv4, so that there is a route to the wrong address, but through the tunnel. */
    @Test
    void onAHostWithIpv6OnlyAPeerMovesWithinThatFamily() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                host.ok("ip", "-4", "address", "flush", "dev", "eth0");
            }
            NameServer.use(lab, hosts.a(), "fd77::2");
            NameServer names = lab.own(NameServer.start(hosts.b()));
            names.put("moving.example", "10.77.0.2", "fd77::9");
            GatewayProcess a = lab.gateway(
                    hosts.a(), "device: {address: [10.99.0.2/24]}\npeers:\n" + MOVING.formatted("0.0.0.0/0"));
            lab.gateway(hosts.b(), END.formatted("\"fd77::1\""));
            assertThat(a.status()).contains("\"fd77::9\"");
            hosts.a().ping("10.99.0.1", 56).failed();

            names.put("moving.example", "10.77.0.2", "fd77::2");

            await().atMost(AT_ONCE).until(() -> hosts.a().ping("10.99.0.1", 56).exit() == 0);
            assertThat(a.log()).contains("resolves to fd77::2 now, no longer to fd77::9");
        }
    }

    /** Neither the way to the name server nor that to the peer leads into the tunnel. */
    @Test
    void aPeerThatTakesTheDefaultRouteComesUpAndMoves() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().ok("ip", "route", "add", "default", "via", "10.77.0.2");
            hosts.b().ok("ip", "address", "add", "198.51.100.2/32", "dev", "lo");
            hosts.b().ok("ip", "address", "add", "198.51.100.53/32", "dev", "lo");
            hosts.b().ok("ip", "route", "add", "unreachable", "198.51.100.9/32");
            hosts.b().forward();
            NameServer.use(lab, hosts.a(), "10.77.0.2");
            GatewayProcess a = lab.gateway(
                    hosts.a(), "device: {address: [10.99.0.2/24]}\npeers:\n" + MOVING.formatted("0.0.0.0/0"));
            lab.gateway(hosts.b(), END.formatted("10.77.0.1, local: 198.51.100.2"));
            assertThat(device(hosts.a(), "198.51.100.53")).isEqualTo("eth0");

            NameServer names = lab.own(NameServer.start(hosts.b()));
            names.put("moving.example", "198.51.100.9");

            await().atMost(LIMIT).until(() -> device(hosts.a(), "198.51.100.53").equals("fou0"));
            assertThat(device(hosts.a(), "198.51.100.9", "mark", "5555")).isEqualTo("eth0");
            hosts.a().ping("10.99.0.1", 56).failed();
            names.put("moving.example", "198.51.100.2");
            await().atMost(AT_ONCE).until(() -> hosts.a().ping("10.99.0.1", 56).exit() == 0);
            assertThat(device(hosts.a(), "198.51.100.9")).isEqualTo("fou0");
            assertThat(a.log()).contains("resolves to 198.51.100.2 now, no longer to 198.51.100.9");
        }
    }

    private static String device(Namespace host, String... packet) throws Exception {
        return host.ok(Stream.concat(Stream.of("ip", "route", "get"), Stream.of(packet))
                        .toArray(String[]::new))
                .output()
                .replaceAll("(?s).* dev (\\S+).*", "$1");
    }
}
