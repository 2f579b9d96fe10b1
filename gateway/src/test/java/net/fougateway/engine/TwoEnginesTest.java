package net.fougateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.metrics.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two whole gateways, whose devices are sockets, face each other over the loopback interface: no privilege, no device. */
class TwoEnginesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(1);
    private static final int PACKETS = 500;
    private static final int BURST = 5;
    private static final String CONFIG = """
            workers: 1
            source_ports: {sockets: 16}
            listen: [{port: %1$d, local: "%2$s", encapsulation: %3$s}]
            peers: [{name: other, remote: "%2$s", port: %4$d, encapsulation: %3$s, allowed_ips: [10.%5$d.0.0/16, "fd00:%5$d::/32"]}]
            """;

    private static int freePort() throws Exception {
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /** From host {@code from}, 1 or 2, to the other. */
    private static byte[] packet(boolean ipv4, int from, int number) {
        int to = 3 - from;
        PacketBuilder packet = ipv4
                ? PacketBuilder.ipv4().from("10." + from + ".0.1").to("10." + to + ".0.1")
                : PacketBuilder.ipv6().from("fd00:" + from + "::1").to("fd00:" + to + "::1");
        return packet.udp(1000 + number % 50, 2000)
                .payload(PacketBuilder.pattern(20 + number % 1000))
                .build();
    }

    private static void assertSumsClose(StandInGateway gateway) {
        gateway.snapshot()
                .flows()
                .values()
                .forEach(flow ->
                        assertThat(flow.forwarded().plus(flow.dropped())).isEqualTo(flow.received()));
    }

    private static long received(StandInGateway gateway) {
        return gateway.snapshot().flows().get(Direction.UDP_TO_TUN).forwarded().packets();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, fou", "::1, fou", "127.0.0.1, gue", "::1, gue"})
    void packetsOfBothFamiliesPassBothWays(String loopback, String format) throws Exception {
        int portA = freePort();
        int portB = freePort();
        try (StandInGateway a = new StandInGateway(CONFIG.formatted(portA, loopback, format, portB, 2));
                StandInGateway b = new StandInGateway(CONFIG.formatted(portB, loopback, format, portA, 1))) {
            List<byte[]> atA = new ArrayList<>();
            List<byte[]> atB = new ArrayList<>();
            for (int i = 0; i < PACKETS; i++) {
                a.send(packet(i % 2 == 0, 1, i));
                b.send(packet(i % 2 == 0, 2, i));
                int sent = i + 1;
                // A pair of sockets holds few packets.
                if (sent % BURST == 0) {
                    await().atMost(PATIENCE).pollInterval(POLL).until(() -> {
                        atA.addAll(a.received());
                        atB.addAll(b.received());
                        return received(a) == sent && received(b) == sent;
                    });
                }
            }
            atA.addAll(a.received());
            assertThat(atA).anySatisfy(packet -> assertThat(packet).isEqualTo(packet(false, 2, 1)));
            assertThat(bytes(atA)).isGreaterThan(PACKETS * 20L);
            assertThat(bytes(atB)).isGreaterThan(PACKETS * 20L);
            assertSumsClose(a);
            assertSumsClose(b);
        }
    }

    private static long bytes(List<byte[]> packets) {
        return packets.stream().mapToLong(packet -> packet.length).sum();
    }

    @Test
    void peersAreExchangedWhilePacketsPass() throws Exception {
        int portA = freePort();
        int portB = freePort();
        String toB = CONFIG.formatted(portA, "127.0.0.1", "fou", portB, 2);
        String extra = "  - {name: extra, remote: 127.0.0.9, allowed_ips: [10.9.0.0/16]}\n";
        try (StandInGateway a = new StandInGateway(toB);
                StandInGateway b = new StandInGateway(CONFIG.formatted(portB, "127.0.0.1", "fou", portA, 1))) {
            for (int i = 0; i < PACKETS; i++) {
                if (i % 50 == 0) {
                    a.use(
                            i % 100 == 0
                                    ? toB.replace("peers: [", "peers:\n  - ").replace("]}]\n", "]}\n") + extra
                                    : toB);
                }
                a.send(packet(true, 1, i));
                int sent = i + 1;
                if (sent % BURST == 0) {
                    await().atMost(PATIENCE).pollInterval(POLL).until(() -> {
                        b.received();
                        return received(b) == sent;
                    });
                }
            }
            assertSumsClose(a);
            Snapshot.Flow out = a.snapshot().flows().get(Direction.TUN_TO_UDP);
            assertThat(out.forwarded().packets()).isEqualTo(PACKETS);
        }
    }

    @Test
    void whatNobodyIsRoutedToIsDroppedWithItsReason() throws Exception {
        int port = freePort();
        try (StandInGateway a = new StandInGateway(CONFIG.formatted(port, "127.0.0.1", "fou", freePort(), 2))) {
            a.send(PacketBuilder.ipv4()
                    .from("10.1.0.1")
                    .to("10.77.0.1")
                    .udp(1, 2)
                    .build());
            await().atMost(PATIENCE)
                    .until(() -> a.snapshot().drops().stream()
                            .anyMatch(drop -> drop.reason() == DropReason.NO_ROUTE
                                    && drop.traffic().packets() == 1));
            assertThat(a.engine().isRunning()).isTrue();
            assertSumsClose(a);
        }
    }
}
