package net.fougateway.path;

import static net.fougateway.codec.Direction.TUN_TO_UDP;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.metrics.Snapshot;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Underlay;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;

/**
 * Whatever a kernel refuses, and whenever: each datagram is delivered once or counted as dropped once, and those of a flow that are
 * delivered are so in their order. A failure names the seed.
 */
class RefusalsPropertyTest extends PathCase {

    private static final int EINTR = 4;
    private static final int[] ERRORS = {
        1, EINTR, EIO, EAGAIN, 12, 13, 22, EMSGSIZE, 99, ENETUNREACH, 103, 105, 111, 113
    };
    private static final int SERIAL_BYTES = 8;

    private final Map<String, Integer> nextSerial = new HashMap<>();
    private int packets;

    /** A kernel that refuses at random, segments as such, and what is larger than it knows the path to be. */
    private static int refusal(Random random, InMemoryUdp.Sent message, int oneIn, boolean segments, int largestBytes) {
        int largest = message.segmentBytes() > 0 ? message.segmentBytes() : message.bytes().length;
        if (message.segmentBytes() > 0 && !segments) {
            return EIO;
        }
        if (largest > largestBytes) {
            return EMSGSIZE;
        }
        return random.nextInt(oneIn) == 0 ? ERRORS[random.nextInt(ERRORS.length)] : 0;
    }

    private static Peer peerB(Random random) {
        return new Peer(
                0,
                "b",
                B,
                Optional.empty(),
                Underlay.ANY,
                Peer.Ports.all(5555),
                0,
                random.nextInt(4) > 0,
                Fou.PLAIN,
                Gre.PLAIN,
                64,
                Peer.INHERIT_TOS,
                random.nextBoolean(),
                false,
                false,
                PEER_B.allowedIps(),
                PeerFrames.NONE,
                random.nextInt(3) == 0 ? 1280 : 1500);
    }

    @Test
    void everyDatagramIsDeliveredOnceOrDroppedOnceAndInOrder() throws IOException {
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            path = path(peerB(random), PEER_C);
            packets = 0;
            nextSerial.clear();
            int oneIn = 2 + random.nextInt(20);
            boolean segments = random.nextInt(4) > 0;
            int largestBytes = random.nextInt(3) == 0 ? 1300 : 65_507;
            path.udp().refuse(message -> refusal(random, message, oneIn, segments, largestBytes));
            path.udp().takeAtMost(1 + random.nextInt(10));
            for (int i = 0; i < 60; i++) {
                deliver(random);
            }
            path.tunToUdp();
            check(seed);
            receivedIsForwardedPlusDropped();
        }
    }

    private void deliver(Random random) {
        boolean ipv4 = random.nextBoolean();
        int flow = random.nextInt(6);
        String to = ipv4 ? "10.%d.0.9" : "fd00:%d::9";
        PacketBuilder builder =
                PacketBuilder.ip(ipv4).to(to.formatted(2 + flow % 2)).udp(1000 + flow, 443);
        int bytes = new int[] {60, 200, 1000, 1180, 1200, 1424}[random.nextInt(6)];
        if (random.nextBoolean()) {
            path.tun().deliver(builder.payload(payload(ipv4, flow, bytes)).build());
            return;
        }
        int count = 1 + random.nextInt(8);
        byte[][] parts = new byte[count][];
        for (int i = 0; i < count; i++) {
            parts[i] = payload(
                    ipv4, flow, i < count - 1 ? bytes : 1 + SERIAL_BYTES + random.nextInt(bytes - SERIAL_BYTES));
        }
        byte[] packet = builder.payload(Naive.join(parts)).buildPartial();
        path.tun().deliver(packet, VirtioNetHeader.GSO_UDP_L4, bytes, ipv4 ? 20 : 40, 6);
    }

    private byte[] payload(boolean ipv4, int flow, int bytes) {
        packets++;
        int serial = nextSerial.merge(ipv4 + " " + flow, 1, Integer::sum);
        return ByteBuffer.allocate(bytes).putInt(flow).putInt(serial).array();
    }

    private void check(long seed) {
        List<byte[]> delivered = new ArrayList<>();
        path.udp().sent().forEach(message -> delivered.addAll(message.datagrams()));
        long bytes = delivered.stream().mapToLong(packet -> packet.length).sum();
        Map<String, Integer> last = new HashMap<>();
        for (byte[] packet : delivered) {
            ByteBuffer payload = ByteBuffer.wrap(Naive.payload(packet));
            String flow = Naive.isIpv4(packet) + " " + payload.getInt();
            int serial = payload.getInt();
            Integer before = last.put(flow, serial);
            assertThat(serial).as("seed %d, flow %s", seed, flow).isGreaterThan(before == null ? 0 : before);
        }
        assertThat(path.forwarded(TUN_TO_UDP))
                .as("seed %d", seed)
                .isEqualTo(new Snapshot.Traffic(delivered.size(), bytes));
        assertThat(path.counters().received(TUN_TO_UDP).packets())
                .as("seed %d", seed)
                .isEqualTo(packets);
        assertThat(path.dropped(TUN_TO_UDP).packets()).as("seed %d", seed).isEqualTo(packets - delivered.size());
    }
}
