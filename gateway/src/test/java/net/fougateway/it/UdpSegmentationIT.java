package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Applications that send many UDP datagrams with one call, and some that receive them so, at the ends of a tunnel. */
class UdpSegmentationIT {

    private static final int FLOWS = 4;
    private static final int ROUNDS = 30;
    private static final int DATAGRAMS = 40;
    private static final int DATAGRAM_BYTES = 1200;
    private static final int SHORT_BYTES = 333;
    static final int TOTAL = FLOWS * ROUNDS * DATAGRAMS;

    @ParameterizedTest
    @EnumSource
    void everyDatagramArrivesAsItWasSent(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
                assertThat(exchange(hosts, prefix, false)).as("largest message").isOne();
                assertThat(exchange(hosts, prefix, true))
                        .as("largest message with UDP_GRO")
                        .isGreaterThan(1);
            }
            checkBatches(a.assertSumsClose(), Metrics.TUN_TO_UDP);
            checkBatches(b.assertSumsClose(), Metrics.UDP_TO_TUN);
        }
    }

    private static void checkBatches(Metrics metrics, String direction) {
        assertThat(metrics.forwarded(direction)).as("%s", metrics).isGreaterThanOrEqualTo(4L * TOTAL);
        assertThat(metrics.batchPackets(direction))
                .as("%s", metrics)
                .isGreaterThan(DATAGRAMS / 4 * metrics.batches(direction));
    }

    /** Sends and receives all; the largest number of datagrams that came with one message. */
    static int exchange(TwoHosts hosts, String prefix, boolean gro) throws Exception {
        List<SegmentSocket> senders = new ArrayList<>();
        try (SegmentSocket receiver = hosts.b().call(() -> SegmentSocket.receiver(prefix + 2, TwoHosts.SERVICE, gro))) {
            for (int flow = 0; flow < FLOWS; flow++) {
                senders.add(hosts.a().call(() -> SegmentSocket.sender(prefix + 2, TwoHosts.SERVICE, DATAGRAM_BYTES)));
            }
            Received received = new Received(receiver);
            for (int round = 0; round < ROUNDS; round++) {
                for (int flow = 0; flow < FLOWS; flow++) {
                    senders.get(flow).send(message(flow, round));
                    received.drain();
                }
            }
            await().atMost(Duration.ofSeconds(5))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        received.drain();
                        return received.datagrams >= TOTAL;
                    });
            return received.largest;
        } finally {
            senders.forEach(SegmentSocket::close);
        }
    }

    /** What one call sends: datagrams of one size, in every second round with a short one at the end. */
    private static byte[] message(int flow, int round) {
        ByteBuffer message = ByteBuffer.allocate(DATAGRAMS * DATAGRAM_BYTES);
        for (int i = 0; i < DATAGRAMS; i++) {
            message.put(datagram(flow, round * DATAGRAMS + i));
        }
        return Arrays.copyOf(message.array(), message.position());
    }

    /** Flow and number, then bytes that no other datagram has. */
    private static byte[] datagram(int flow, int number) {
        boolean last = number % (2 * DATAGRAMS) == 2 * DATAGRAMS - 1;
        byte[] datagram = new byte[last ? SHORT_BYTES : DATAGRAM_BYTES];
        new Random((long) flow << 32 | number).nextBytes(datagram);
        ByteBuffer.wrap(datagram).putInt(flow).putInt(number);
        return datagram;
    }

    /** Takes datagrams and compares each with the next of its flow. */
    private static final class Received {

        private final SegmentSocket socket;
        private final int[] next = new int[FLOWS];
        private int datagrams;
        private int largest;

        Received(SegmentSocket socket) {
            this.socket = socket;
        }

        void drain() {
            List<byte[]> message = socket.poll();
            while (!message.isEmpty()) {
                largest = Math.max(largest, message.size());
                message.forEach(this::compare);
                message = socket.poll();
            }
        }

        private void compare(byte[] datagram) {
            int flow = ByteBuffer.wrap(datagram).getInt();
            assertThat(flow).isBetween(0, FLOWS - 1);
            assertThat(datagram).as("datagram %d of flow %d", next[flow], flow).isEqualTo(datagram(flow, next[flow]));
            next[flow]++;
            datagrams++;
        }
    }
}
