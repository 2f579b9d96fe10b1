package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The next hops of the host's routes name the peers. */
class FollowedRoutesIT {

    private static final int PINGS_PER_SECOND = 100;

    @Test
    void oneToManyByRoutesAlone() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 3, "");
            for (int from = 1; from <= 3; from++) {
                for (int to = 1; to <= 3; to++) {
                    if (from != to) {
                        fleet.route(from, to);
                    }
                }
            }
            for (int from = 1; from <= 3; from++) {
                for (int to = 1; to <= 3; to++) {
                    if (from != to) {
                        fleet.awaitNextHops(from, "10.42." + to + ".0/24", "10.77.0." + to);
                        fleet.host(from).ping("10.42." + to + ".1", 56, 1424).ok();
                        fleet.host(from).ping("fd00:42:" + to + "::1", 56, 1404).ok();
                    }
                }
                Metrics metrics = fleet.gateway(from).assertSumsClose();
                assertThat(metrics.sum("fou_peer_members", "fleet")).isEqualTo(2);
                assertThat(metrics.sum("fou_packets_total", "peer=\"fleet/10.77.0." + (from % 3 + 1) + "\""))
                        .isPositive();
            }
        }
    }

    @Test
    void everyChangeIsFollowed() throws Exception {
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 1, "");
            String prefix = "10.42.9.0/24";
            String route = " 10.42.9.0/24 via 10.77.0.";
            fleet.ip(1, "route add" + route + "2 dev tunl0 onlink");
            fleet.awaitNextHops(1, prefix, "10.77.0.2");
            fleet.ip(1, "route replace" + route + "3 dev tunl0 onlink");
            fleet.awaitNextHops(1, prefix, "10.77.0.3");
            fleet.ip(1, "route append" + route + "4 dev tunl0 onlink");
            fleet.ip(1, "route prepend" + route + "5 dev tunl0 onlink");
            fleet.awaitNextHops(1, prefix, "10.77.0.5");
            fleet.ip(1, "route del" + route + "5 dev tunl0 onlink");
            fleet.awaitNextHops(1, prefix, "10.77.0.3");
            fleet.ip(1, "route flush 10.42.9.0/24");
            fleet.awaitNextHops(1, prefix, "absent");
            fleet.ip(1, "route add" + route + "6 dev tunl0 onlink metric 20");
            fleet.ip(1, "route add" + route + "7 dev tunl0 onlink metric 10");
            fleet.awaitNextHops(1, prefix, "10.77.0.7");
            fleet.ip(1, "route replace 10.42.9.0/24 dev eth0 metric 10");
            fleet.awaitNextHops(1, prefix, "10.77.0.6");
            fleet.ip(1, "route flush 10.42.9.0/24");
            fleet.ip(
                    1,
                    "route add 10.42.9.0/24 nexthop via 10.77.0.2 dev tunl0 onlink weight 3 nexthop via 10.77.0.3 dev tunl0 onlink");
            fleet.awaitNextHops(1, prefix, "10.77.0.2,10.77.0.3");
            fleet.ip(1, "route replace unreachable 10.42.9.0/24");
            fleet.awaitNextHops(1, prefix, "absent");
        }
    }

    @Test
    void nothingStaleIsLeft() throws Exception {
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 1, "");
            fleet.host(1).sysctl("ipv4/nexthop_compat_mode", "0");
            fleet.ip(1, "nexthop add id 7 via 10.77.0.2 dev tunl0 onlink");
            fleet.ip(1, "nexthop add id 8 via 10.77.0.3 dev tunl0 onlink");
            fleet.ip(1, "nexthop add id 20 group 7,3/8");
            fleet.ip(1, "route add 10.42.9.0/24 nhid 7");
            fleet.ip(1, "route add 10.42.8.0/24 nhid 20");
            fleet.awaitNextHops(1, "10.42.9.0/24", "10.77.0.2");
            fleet.awaitNextHops(1, "10.42.8.0/24", "10.77.0.2,10.77.0.3");
            fleet.ip(1, "nexthop replace id 7 via 10.77.0.4 dev tunl0 onlink");
            fleet.awaitNextHops(1, "10.42.9.0/24", "10.77.0.4");
            fleet.ip(1, "nexthop del id 7");
            fleet.awaitNextHops(1, "10.42.9.0/24", "absent");
            fleet.awaitNextHops(1, "10.42.8.0/24", "10.77.0.3");
            fleet.host(1).sysctl("ipv6/route/skip_notify_on_dev_down", "1");
            fleet.route(1, 5);
            fleet.awaitNextHops(1, "fd00:42:5::/48", "::a4d:5");
            fleet.ip(1, "link set tunl0 down");
            fleet.awaitNextHops(1, "10.42.8.0/24", "absent");
            fleet.awaitNextHops(1, "10.42.5.0/24", "absent");
            fleet.awaitNextHops(1, "fd00:42:5::/48", "absent");
        }
    }

    @Test
    void innerNextHopsAndThoseOfNobody() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 2, "");
            fleet.route(2, 1);
            fleet.ip(1, "route add 10.42.2.1/32 via 10.77.0.2 dev tunl0 onlink");
            fleet.ip(1, "route add 10.42.2.0/24 via 10.42.2.1 dev tunl0 onlink");
            fleet.ip(1, "route add 10.99.0.0/24 via 192.0.2.9 dev tunl0 onlink");
            fleet.ip(2, "addr add 10.42.2.2/32 dev tunl0");
            fleet.awaitNextHops(1, "10.99.0.0/24", "192.0.2.9");
            fleet.host(1).ping("10.42.2.2", 56).ok();
            assertThat(fleet.gateway(1).status())
                    .contains("next hop 192.0.2.9 of the route to 10.99.0.0/24 is no peer");
            fleet.host(1).ping("10.99.0.1", 56);
            Metrics metrics = fleet.gateway(1).assertSumsClose();
            assertThat(metrics.sum("fou_packets_dropped_total", "reason=\"no_route\""))
                    .isPositive();
            assertThat(metrics.sum("fou_kernel_routes", "state=\"no_peer\"")).isOne();
        }
    }

    @Test
    void theGatewayDoesAsTheKernelWhateverIsDone() throws Exception {
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 1, "");
            fleet.ip(1, "route add default via 10.77.0.254");
            for (long seed = 0; seed < 5; seed++) {
                Random random = new Random(seed);
                for (int i = 0; i < 60; i++) {
                    fleet.host(1)
                            .run(Duration.ofSeconds(5), randomCommand(random).split(" "));
                }
                long shownSeed = seed;
                await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                    Command.Result compared = fleet.gateway(1).run("routes", "--compare");
                    assertThat(compared.exit())
                            .as("seed %d: %s", shownSeed, compared.output())
                            .isZero();
                });
            }
        }
    }

    private static String randomCommand(Random random) {
        boolean ipv4 = random.nextBoolean();
        String verb =
                List.of("add", "replace", "append", "prepend", "change", "del").get(random.nextInt(6));
        int length = (ipv4 ? 16 : 32) + 4 * random.nextInt(3);
        String prefix = ipv4
                ? "10." + (42 + random.nextInt(2)) + "." + 16 * random.nextInt(3) + ".0/" + (length + 4)
                : "fd00:4" + random.nextInt(3) + "::/" + length;
        List<String> words = new ArrayList<>(List.of(ipv4 ? "ip -4" : "ip -6", "route", verb, prefix));
        String gateway = (ipv4 ? "10.77.0." : "::10.77.0.") + (2 + random.nextInt(5));
        switch (random.nextInt(4)) {
            case 0 -> words.add("dev eth0");
            case 1 ->
                words.add("nexthop via " + gateway + " dev tunl0 onlink nexthop via "
                        + (ipv4 ? "10.77.0.9" : "::10.77.0.9") + " dev tunl0 onlink weight 2");
            default -> words.add("via " + gateway + " dev tunl0 onlink");
        }
        words.add("metric " + (10 + random.nextInt(3)));
        return String.join(" ", words);
    }

    @Test
    void aKillCostsTheTimeWithoutProcessAndNoRoute() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 2, ", persist: true");
            fleet.route(1, 2);
            fleet.route(2, 1);
            fleet.awaitNextHops(1, "10.42.2.0/24", "10.77.0.2");
            fleet.host(1).ping("10.42.2.1", 56).ok();
            fleet.host(1).ping("fd00:42:2::1", 56).ok();
            List<String> routes = routes(fleet.host(1));
            Background monitor = Background.start(lab, fleet.host(1), "ip", "monitor", "route");
            List<Background> pings = new ArrayList<>();
            for (String target : List.of("10.42.2.1", "fd00:42:2::1")) {
                pings.add(Background.start(lab, fleet.host(1), "ping", "-n", "-q", "-i", "0.01", target));
            }
            TimeUnit.SECONDS.sleep(1);

            long killed = System.nanoTime();
            fleet.gateway(1).kill();
            assertThat(routes(fleet.host(1))).isEqualTo(routes);
            lab.gateway(fleet.host(1), Fleet.config(1, ", persist: true"));
            double withoutProcessSeconds = (System.nanoTime() - killed) / 1e9;

            TimeUnit.SECONDS.sleep(1);
            for (Background ping : pings) {
                String summary = ping.interrupt();
                assertThat(lost(summary))
                        .as("%.2f s without process: %s", withoutProcessSeconds, summary)
                        .isLessThanOrEqualTo((long) (PINGS_PER_SECOND * (withoutProcessSeconds + 0.5)));
            }
            assertThat(routes(fleet.host(1))).isEqualTo(routes);
            assertThat(monitor.output()).doesNotContain("dev");
        }
    }

    /** All routes of a host, without the remark that a device has no carrier. */
    private static List<String> routes(Namespace host) throws Exception {
        String shown = host.ok("ip", "-4", "route", "show", "table", "all").output()
                + host.ok("ip", "-6", "route", "show", "table", "all").output();
        return shown.lines()
                .map(route -> route.replace(" linkdown", "").strip())
                .toList();
    }

    private static long lost(String summary) {
        Matcher matcher =
                Pattern.compile("(\\d+) packets transmitted, (\\d+) received").matcher(summary);
        assertThat(matcher.find()).as(summary).isTrue();
        return Long.parseLong(matcher.group(1)) - Long.parseLong(matcher.group(2));
    }

    @Test
    void aMemberMaySendWhatIsRoutedToItOnly() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 3, "");
            for (int other = 2; other <= 3; other++) {
                fleet.route(1, other);
                fleet.route(other, 1);
            }
            fleet.host(2).ping("10.42.1.1", 56).ok();
            fleet.ip(2, "addr add 10.42.3.77/32 dev tunl0");
            assertThat(fleet.host(2)
                            .run(Duration.ofSeconds(5), "ping", "-c", "1", "-W", "1", "-I", "10.42.3.77", "10.42.1.1")
                            .exit())
                    .isNotZero();
            assertThat(fleet.gateway(1)
                            .assertSumsClose()
                            .sum("fou_packets_dropped_total", "reason=\"source_not_allowed\""))
                    .isPositive();
        }
    }
}
