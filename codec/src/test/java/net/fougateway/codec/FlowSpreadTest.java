package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How evenly inner flows end up in the receive queues of the other end's network card, which sees outer headers only. Random
 * placement of 10,000 flows through 1024 ports would give 1.23 for 16 queues and 1.66 for 64, as busiest queue over mean.
 */
class FlowSpreadTest {

    private static final int FLOWS = 10_000;
    private static final int SOCKETS = 1024;
    private static final int FIRST_PORT = 32_768;
    private static final int LAST_PORT = 60_999;

    /** The key in Microsoft's specification of RSS, which most drivers take. */
    private static final int[] TOEPLITZ_KEY = {
        0x6d5a56da,
        0x255b0ec2,
        0x4167253d,
        0x43a38fb0,
        0xd0ca2bcb,
        0xae7b30b4,
        0x77cb2da3,
        0x8030f20c,
        0x6a42b73b,
        0xbeac01fa
    };

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void flowsSpreadOverTheQueues(boolean ipv4) {
        int[] ports = ports(ipv4);
        assertThat(Arrays.stream(ports).distinct().count()).isGreaterThan(SOCKETS - 5);
        String family = ipv4 ? "IPv4" : "IPv6";
        assertThat(busiest(ports, 16, true, family)).isLessThanOrEqualTo(1.35);
        assertThat(busiest(ports, 64, true, family)).isLessThanOrEqualTo(1.8);
        assertThat(busiest(ports, 16, false, family)).isLessThanOrEqualTo(1.35);
        assertThat(busiest(ports, 64, false, family)).isLessThanOrEqualTo(1.8);
    }

    /** Clients in one subnet that talk to a few servers from ephemeral ports; the outer port of each of their flows. */
    private static int[] ports(boolean ipv4) {
        FlowHash hash = new FlowHash(0x0123_4567_89ab_cdefL);
        Random random = new Random(2024);
        int[] services = {443, 443, 443, 80, 5432, 6379, 8080, 9092};
        String client = ipv4 ? "10.42.1." : "fd00:42:1::";
        String server = ipv4 ? "10.42.2." : "fd00:42:2::";
        int[] ports = new int[FLOWS];
        for (int flow = 0; flow < FLOWS; flow++) {
            byte[] packet = PacketBuilder.ip(ipv4)
                    .from(client + (1 + random.nextInt(200)))
                    .to(server + (1 + random.nextInt(8)))
                    .tcp(32_768 + random.nextInt(28_232), services[random.nextInt(services.length)])
                    .build();
            int socket = FlowHash.bucket(hash.of(Merger.parse(packet)), SOCKETS);
            ports[flow] = FIRST_PORT + socket * (LAST_PORT - FIRST_PORT) / SOCKETS;
        }
        return ports;
    }

    private static double busiest(int[] ports, int queues, boolean toeplitz, String family) {
        int[] load = new int[queues];
        for (int port : ports) {
            ByteBuffer outer = ByteBuffer.allocate(13);
            outer.putInt(0xc0a87f97).putInt(0xc0a87f98).putShort((short) port).putShort((short) 5555);
            int hash = toeplitz
                    ? toeplitz(outer.array())
                    : crc32(outer.put((byte) 17).array());
            load[Integer.remainderUnsigned(hash, queues)]++;
        }
        double mean = (double) FLOWS / queues;
        double ratio = Arrays.stream(load).max().orElseThrow() / mean;
        double chiSquare = Arrays.stream(load)
                .mapToDouble(n -> (n - mean) * (n - mean) / mean)
                .sum();
        System.out.printf(
                Locale.ROOT,
                "flow spread: %s, %,d flows, %d ports, %s, %d queues: busiest %.2f x mean, chi-square %.0f%n",
                family,
                FLOWS,
                SOCKETS,
                toeplitz ? "Toeplitz" : "CRC32",
                queues,
                ratio,
                chiSquare);
        return ratio;
    }

    private static int crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Hash of the first 12 bytes: addresses and ports. */
    private static int toeplitz(byte[] bytes) {
        int hash = 0;
        for (int bit = 0; bit < 96; bit++) {
            if ((bytes[bit / 8] & (0x80 >>> (bit % 8))) != 0) {
                long window = ((long) TOEPLITZ_KEY[bit / 32] << 32) | (TOEPLITZ_KEY[bit / 32 + 1] & 0xffffffffL);
                hash ^= (int) (window >>> (32 - bit % 32));
            }
        }
        return hash;
    }
}
