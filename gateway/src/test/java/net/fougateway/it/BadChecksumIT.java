package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An inner packet with a wrong checksum in the middle of good ones of its flow: it leaves the tunnel alone and as it came, so
 * that the receiver can see the damage; the others are not affected.
 */
class BadChecksumIT {

    private static final int SEGMENTS = 12;
    private static final int DAMAGE = 0x0101;
    private static final long LIMIT_NANOS = 3_000_000_000L;

    @ParameterizedTest
    @EnumSource
    void damagedSegmentStaysAloneAndDamaged(Underlay underlay) throws Exception {
        Requires.program("nstat", "iproute2");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess gateway = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1));
            int damaged = 0;
            for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
                TcpSegments segments = new TcpSegments(prefix + 2, prefix + 1, SEGMENTS);
                for (int bad : new int[] {0, 1, 5, SEGMENTS - 1}) {
                    check(segments, bad, send(hosts, underlay, segments, bad, false));
                    List<byte[]> inOneBatch = send(hosts, underlay, segments, bad, true);
                    check(segments, bad, inOneBatch);
                    assertThat(inOneBatch)
                            .as("the damaged, all before, all behind")
                            .hasSize(runs(bad));
                    damaged += 2;
                }
            }
            assertThat(checksumErrors(hosts.a())).isEqualTo(damaged);
            gateway.assertSumsClose();
        }
    }

    private static int runs(int bad) {
        return 1 + (bad > 0 ? 1 : 0) + (bad < SEGMENTS - 1 ? 1 : 0);
    }

    /** Sends all segments as datagrams to the gateway; what then comes out of its device. */
    private static List<byte[]> send(
            TwoHosts hosts, Underlay underlay, TcpSegments segments, int bad, boolean inOneBatch) throws Exception {
        try (PacketSocket capture = hosts.a().call(() -> PacketSocket.reader("fou0"));
                SegmentSocket sender = hosts.b()
                        .call(() -> SegmentSocket.sender(
                                underlay.address(1), 5555, inOneBatch ? segments.packetBytes() : 0))) {
            ByteBuffer all = ByteBuffer.allocate(SEGMENTS * segments.packetBytes());
            for (int i = 0; i < SEGMENTS; i++) {
                byte[] packet = segments.packet(i, i == bad ? DAMAGE : 0);
                all.put(packet);
                if (!inOneBatch) {
                    sender.send(packet);
                }
            }
            if (inOneBatch) {
                sender.send(all.array());
            }
            return read(capture, segments);
        }
    }

    private static List<byte[]> read(PacketSocket capture, TcpSegments segments) throws InterruptedException {
        List<byte[]> packets = new ArrayList<>();
        long deadline = System.nanoTime() + LIMIT_NANOS;
        int bytes = 0;
        while (bytes < segments.stream().length && System.nanoTime() < deadline) {
            byte[] packet = capture.poll();
            if (segments.owns(packet)) {
                packets.add(packet);
                bytes += segments.payload(packet).length;
            } else if (packet.length == 0) {
                Thread.sleep(1);
            }
        }
        return packets;
    }

    private static void check(TcpSegments segments, int bad, List<byte[]> packets) {
        ByteBuffer stream = ByteBuffer.allocate(segments.stream().length);
        for (byte[] packet : packets) {
            assertThat(segments.position(packet)).as("order").isEqualTo(stream.position());
            stream.put(segments.payload(packet));
        }
        assertThat(stream.array()).isEqualTo(segments.stream());
        assertThat(packets)
                .as("packets, with the damaged one as it was sent")
                .filteredOn(packet -> segments.position(packet) == bad * TcpSegments.PAYLOAD_BYTES)
                .containsExactly(segments.packet(bad, DAMAGE));
    }

    /** TCP segments that the host found damaged. */
    private static long checksumErrors(Namespace host) throws Exception {
        return host.ok("nstat", "-asz", "TcpInCsumErrors")
                .output()
                .lines()
                .filter(line -> line.startsWith("TcpInCsumErrors"))
                .mapToLong(line -> Long.parseLong(line.split("\\s+", 3)[1]))
                .sum();
    }
}
