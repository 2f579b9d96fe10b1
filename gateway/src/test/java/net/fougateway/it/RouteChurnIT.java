package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The routes of a whole fleet change while packets flow. */
class RouteChurnIT {

    private static final int ROUTES = 20_000;
    private static final int PORT = 7000;

    @TempDir
    private Path directory;

    @Test
    void packetsOfUnchangedPrefixesAreNotLost() throws Exception {
        try (Lab lab = Lab.create()) {
            Fleet fleet = new Fleet(lab, 2, "");
            fleet.route(1, 2);
            fleet.route(2, 1);
            fleet.awaitNextHops(1, "fd00:42:2::/48", "::a4d:2");
            fleet.awaitNextHops(2, "fd00:42:1::/48", "::a4d:1");

            AtomicBoolean over = new AtomicBoolean();
            Future<Integer> ipv4 = fleet.host(1).start(() -> sendUntil(over, "10.42.2.1"));
            Future<Integer> ipv6 = fleet.host(1).start(() -> sendUntil(over, "fd00:42:2::1"));
            fleet.ip(1, "-batch " + batch("add"));
            awaitRoutes(fleet, ROUTES + 1);
            fleet.ip(1, "-batch " + batch("del"));
            awaitRoutes(fleet, 1);
            over.set(true);
            int sent = ipv4.get() + ipv6.get();

            Metrics here = fleet.gateway(1).assertSumsClose();
            assertThat(here.tunQueueDrops()).isZero();
            assertThat(here.dropped(Metrics.TUN_TO_UDP)).isZero();
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(fleet.gateway(2)
                                    .metrics()
                                    .sum("fou_packets_total", Metrics.UDP_TO_TUN, "fleet/10.77.0.1"))
                            .isEqualTo(sent));
            assertThat(here.sum("fou_kernel_route_read_seconds_count"))
                    .isEqualTo(here.sum("fou_kernel_route_reads_total"));
        }
    }

    private static void awaitRoutes(Fleet fleet, int count) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> fleet.gateway(1).metrics().sum("fou_kernel_routes", "family=\"ipv4\"", "state=\"used\"")
                        == count);
    }

    /** Some hundred packets a second; how many. */
    private static int sendUntil(AtomicBoolean over, String target) throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100, InetAddress.getByName(target), PORT);
        int sent = 0;
        try (DatagramSocket socket = new DatagramSocket()) {
            for (; !over.get(); sent++) {
                socket.send(packet);
                Thread.sleep(3);
            }
        }
        return sent;
    }

    private Path batch(String verb) throws Exception {
        return Files.writeString(
                directory.resolve(verb),
                IntStream.range(0, ROUTES)
                        .mapToObj(i -> "route %s 10.%d.%d.0/24 via 10.77.0.%d dev tunl0 onlink"
                                .formatted(verb, 128 + (i >> 8), i & 255, 2 + i % 250))
                        .collect(Collectors.joining("\n", "", "\n")));
    }
}
