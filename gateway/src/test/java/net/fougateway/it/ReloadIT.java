package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;

/** Peers that come, change and go while packets of another peer pass. */
class ReloadIT {

    private static final int RELOADS = Integer.getInteger("reload.times", 20);
    private static final int SECONDS = Integer.getInteger("reload.seconds", 10);
    private static final Duration TRAFFIC_LIMIT = Duration.ofSeconds(SECONDS + 60);
    private static final String EXTRA = "  - {name: extra, remote: 10.77.0.77, allowed_ips: [%s], %s}\n";

    @Test
    void theUntouchedPeerLosesNothing() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            AtomicBoolean enough = new AtomicBoolean();
            Future<?> traffic = Executors.newSingleThreadExecutor().submit(() -> transferUntil(enough, hosts));
            for (int i = 0; i < RELOADS; i++) {
                reload(a, b, i);
            }
            enough.set(true);
            traffic.get(1, TimeUnit.MINUTES);
            assertNothingLost(a, b);
            assertThat(hosts.a().ok("ip", "route").output().lines().filter(line -> line.contains("10.99.")))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    /** Every peer but one comes, changes and goes. */
    private static void reload(GatewayProcess a, GatewayProcess b, int i) throws Exception {
        String extra = EXTRA.formatted("10.99." + i % 250 + ".0/24", i % 2 == 0 ? "ttl: 9" : "checksum: false");
        long before = reloads(a);
        a.reconfigure(TwoHosts.config(Underlay.IPV4, 1) + (i % 3 == 2 ? "" : extra), true);
        b.reconfigure(TwoHosts.config(Underlay.IPV4, 2) + (i % 3 == 1 ? "" : extra), true);
        await().atMost(Duration.ofSeconds(10)).until(() -> reloads(a) > before);
    }

    /** At 50,000 packets a second; where the machine cannot, the kernel says how many it dropped in front of us. */
    @Test
    void nothingIsLostAtFullSpeedAndNothingLeaks() throws Exception {
        Requires.program("iperf3", "iperf3");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            Future<Command.Result> server =
                    hosts.b().start(() -> hosts.b().run(TRAFFIC_LIMIT, "iperf3", "--server", "--one-off"));
            Future<Command.Result> client = hosts.a().start(() -> hosts.a().run(TRAFFIC_LIMIT, iperf()));
            reload(a, b, 0);
            reload(a, b, 1);
            long descriptors = a.openDescriptors();
            int reloads = 2;
            for (; !client.isDone(); reloads++) {
                reload(a, b, reloads);
            }
            String report = client.get().ok().output();
            server.get().ok();
            reload(a, b, 0);
            reload(a, b, 1);
            assertNothingLost(a, b);
            long inKernel = a.metrics().tunQueueDrops() + receiveBufferErrors(hosts.b());
            System.out.printf(
                    "%d reloads, %d packets, %d lost, %d dropped by the kernel%n",
                    reloads, last(report, "packets"), last(report, "lost_packets"), inKernel);
            assertThat(last(report, "packets")).isPositive();
            assertThat(last(report, "lost_packets")).as(report).isLessThanOrEqualTo(inKernel);
            await().atMost(Duration.ofSeconds(30)).until(() -> a.openDescriptors() <= descriptors);
        }
    }

    /** Of all UDP sockets there, the gateway's and the receiving program's. */
    private static long receiveBufferErrors(Namespace host) throws Exception {
        List<List<String>> udp = host.ok("cat", "/proc/net/snmp")
                .output()
                .lines()
                .filter(line -> line.startsWith("Udp: "))
                .map(line -> List.of(line.split(" ")))
                .toList();
        return Long.parseLong(udp.get(1).get(udp.get(0).indexOf("RcvbufErrors")));
    }

    private static String[] iperf() {
        String server = TwoHosts.INNER4 + 2;
        String bitRate = Integer.toString(50_000 * 64 * 8);
        return new String[] {
            "sh",
            "-c",
            "until iperf3 --client %s --udp --length 64 --bitrate %s --time %d --json; do sleep 0.2; done"
                    .formatted(server, bitRate, SECONDS)
        };
    }

    private static long last(String json, String key) {
        return Pattern.compile('"' + key + "\":\\s*(\\d+)")
                .matcher(json)
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .reduce((one, two) -> two)
                .orElseThrow();
    }

    private static long reloads(GatewayProcess gateway) throws Exception {
        return gateway.metrics().sum("fou_config_reloads_total", "result=\"success\"");
    }

    private static Void transferUntil(AtomicBoolean enough, TwoHosts hosts) throws Exception {
        TrafficClient client = new TrafficClient(TwoHosts.INNER4 + 2, TwoHosts.SERVICE);
        while (!enough.get()) {
            hosts.a().call(() -> client.transfer(20_000_000));
        }
        return null;
    }

    private static void assertNothingLost(GatewayProcess a, GatewayProcess b) throws Exception {
        await().atMost(Duration.ofSeconds(10))
                .until(() -> a.metrics().forwarded(Metrics.TUN_TO_UDP)
                        == b.metrics().received(Metrics.UDP_TO_TUN)
                                + b.metrics().udpReceiveBufferDrops());
        Metrics sender = a.assertSumsClose();
        Metrics receiver = b.assertSumsClose();
        assertThat(sender.forwarded(Metrics.TUN_TO_UDP)).as("%s", sender).isGreaterThan(10_000);
        assertThat(sender.forwarded(Metrics.TUN_TO_UDP) - receiver.received(Metrics.UDP_TO_TUN))
                .as("%s %s", sender, receiver)
                .isBetween(0L, receiver.udpReceiveBufferDrops());
        for (Metrics metrics : new Metrics[] {sender, receiver}) {
            assertThat(metrics.dropped(Metrics.TUN_TO_UDP) + metrics.dropped(Metrics.UDP_TO_TUN))
                    .as("%s", metrics)
                    .isZero();
        }
    }

    @Test
    void aNewPeerIsReachedWithoutARestart() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String alone = "device: {address: [10.10.10.1/24]}\n";
            GatewayProcess a = lab.gateway(hosts.a(), alone);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).failed();

            a.reconfigure(alone + "peers: [{name: other, remote: 10.77.0.2, allowed_ips: [10.10.10.2/32]}]\n", false);

            await().atMost(Duration.ofSeconds(10)).until(() -> a.log().contains("peers[other]: added"));
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            assertThat(a.status()).contains("\"succeeded\":1", "peers[other]: added");
        }
    }

    @Test
    void aBadFileChangesNothingAndIsSeen() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String good = TwoHosts.config(Underlay.IPV4, 1);
            GatewayProcess a = lab.gateway(hosts.a(), good);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));

            a.reconfigure(good.replace("ttl: 64", "ttl: 999, nonsense: 1"), true);

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> a.metrics().sum("fou_config_last_reload_successful") == 0);
            assertThat(a.log()).contains("stays as it was", "peers[0].ttl", "unknown key \"nonsense\"");
            assertThat(a.status()).contains("\"failed\":1", "was refused", "unknown key");
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();

            a.reconfigure(good, true);

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> a.metrics().sum("fou_config_last_reload_successful") == 1);

            a.reconfigure(good.replace("ttl: 64", "ttl: 65").replace("mtu: auto", "mtu: 1400"), true);

            await().atMost(Duration.ofSeconds(10)).until(() -> reloads(a) == 2);
            assertThat(a.status())
                    .contains("peers[other].ttl: 64 \\u2192 65", "device.mtu: auto \\u2192 1400: needs a restart");
            hosts.a().ping(TwoHosts.INNER4 + 2, 1472 - 28).ok();

            a.reconfigure(good.replace("ttl: 64", "ttl: 65"), true);

            await().atMost(Duration.ofSeconds(10)).until(() -> a.log().contains("read again, nothing has changed"));
            assertThat(a.status()).doesNotContain("needs a restart");
        }
    }

    @Test
    void whatTheHostRefusesChangesNothing() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String good = TwoHosts.config(Underlay.IPV4, 1);
            GatewayProcess a = lab.gateway(hosts.a(), good);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            hosts.a().ok("ip", "route", "add", "10.99.5.0/24", "dev", "eth0");

            a.reconfigure(good + EXTRA.formatted("10.99.4.0/24, 10.99.5.0/24", "ttl: 64"), true);

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> a.metrics().sum("fou_config_last_reload_successful") == 0);
            assertThat(a.status()).contains("10.99.5.0/24").doesNotContain("\"name\":\"extra\"");
            assertThat(hosts.a().ok("ip", "route").output()).doesNotContain("10.99.4.0/24");
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
        }
    }
}
