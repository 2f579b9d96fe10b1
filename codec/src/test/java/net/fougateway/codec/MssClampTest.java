package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MssClampTest {

    private static final int SYN = 0x02;
    private static final int SYN_ACK = 0x12;

    private static byte[] clamped(byte[] packet, int mtuBytes) {
        byte[] copy = packet.clone();
        MssClamp.clamp(Merger.parse(copy), mtuBytes, false);
        return copy;
    }

    private static PacketBuilder syn(boolean ipv4, int... options) {
        byte[] bytes = new byte[options.length];
        for (int i = 0; i < options.length; i++) {
            bytes[i] = (byte) options[i];
        }
        return PacketBuilder.ip(ipv4).tcp(40_000, 443).flags(SYN).tcpOptions(bytes);
    }

    private static int high(int mss) {
        return mss >>> 8;
    }

    @ParameterizedTest
    @CsvSource({"true, 1400, 1360", "false, 1400, 1340", "true, 576, 536", "false, 1280, 1220"})
    void announcedSizeBecomesThatOfThePath(boolean ipv4, int mtu, int mss) {
        for (int flags : new int[] {SYN, SYN_ACK, SYN | 0xc0}) {
            byte[] packet = syn(ipv4, 2, 4, high(1460), 1460).flags(flags).build();
            assertThat(clamped(packet, mtu))
                    .isEqualTo(syn(ipv4, 2, 4, high(mss), mss).flags(flags).build());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void checksumIsMendedWhereverTheOptionIs(boolean ipv4) {
        byte[] even = syn(ipv4, 4, 2, 2, 4, high(9000), 9000, 1, 1).build();
        byte[] odd = syn(ipv4, 1, 2, 4, high(9000), 9000, 4, 2, 1).build();
        assertThat(Naive.problems(clamped(even, 1500))).isEmpty();
        assertThat(Naive.problems(clamped(odd, 1500))).isEmpty();
        assertThat(clamped(odd, 1500)).isNotEqualTo(odd);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lowerOneIsNeverRaised(boolean ipv4) {
        int fits = ipv4 ? 1360 : 1340;
        for (int mss : new int[] {0, 1, 536, fits - 1, fits}) {
            byte[] packet = syn(ipv4, 2, 4, high(mss), mss).build();
            assertThat(clamped(packet, 1400)).as("MSS %d", mss).isEqualTo(packet);
        }
        byte[] above = syn(ipv4, 2, 4, high(fits + 1), fits + 1).build();
        assertThat(clamped(above, 1400))
                .isEqualTo(syn(ipv4, 2, 4, high(fits), fits).build());
    }

    static int[][] notToBeTouched() {
        return new int[][] {
            {},
            {1, 1, 1, 1},
            {0, 0, 0, 0},
            {0, 2, 4, 0xff, 0xff, 0, 0, 0},
            {2, 3, 0xff, 1},
            {2, 5, 0xff, 0xff, 0xff, 1, 1, 1},
            {2, 0, 0xff, 0xff},
            {3, 0, 2, 4, 0xff, 0xff, 0, 0},
            {3, 1, 2, 4, 0xff, 0xff, 0, 0},
            {3, 200, 2, 4, 0xff, 0xff, 0, 0},
            {1, 1, 2, 4},
            {1, 2, 4, 0xff}
        };
    }

    @ParameterizedTest
    @MethodSource("notToBeTouched")
    void withoutTheOptionOrWithMalformedOnesThePacketIsLeftAlone(int[] options) {
        for (boolean ipv4 : new boolean[] {true, false}) {
            byte[] packet = syn(ipv4, options).payload(8).build();
            assertThat(clamped(packet, 1000)).isEqualTo(packet);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlySynsAreLookedAt(boolean ipv4) {
        byte[] ack = syn(ipv4, 2, 4, 0xff, 0xff).flags(0x10).build();
        byte[] udp = PacketBuilder.ip(ipv4).payload(Naive.payload(ack)).build();
        byte[] fragment = syn(ipv4, 2, 4, 0xff, 0xff).fragment(0, true).build();
        assertThat(clamped(ack, 1000)).isEqualTo(ack);
        assertThat(clamped(udp, 1000)).isEqualTo(udp);
        assertThat(clamped(fragment, 1000)).isEqualTo(fragment);
    }

    @Test
    void headerBeyondThePacketIsLeftAlone() {
        byte[] packet = syn(true, 2, 4, 0xff, 0xff).build();
        packet[32] = (byte) 0xf0;
        assertThat(clamped(packet, 1000)).isEqualTo(packet);
        byte[] short4 = PacketBuilder.ipv4().transport(Ip.TCP, new byte[19]).build();
        assertThat(clamped(short4, 1000)).isEqualTo(short4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unfinishedChecksumStaysThePseudoHeaderSum(boolean ipv4) {
        byte[] packet = syn(ipv4, 2, 4, 0xff, 0xff).buildPartial();
        MssClamp.clamp(Merger.parse(packet), 1000, true);
        int mss = ipv4 ? 960 : 940;
        assertThat(packet).isEqualTo(syn(ipv4, 2, 4, high(mss), mss).buildPartial());
    }

    @Test
    void rubbishNeverThrowsAndValidSynsStayValid() {
        long seed = 17;
        Random random = new Random(seed);
        for (int i = 0; i < 200_000; i++) {
            int[] options = random.ints(4L * random.nextInt(11), 0, 12).toArray();
            byte[] packet = clamped(syn(random.nextBoolean(), options).build(), 60 + random.nextInt(1500));
            assertThat(Naive.problems(packet)).as("seed %d, input %d", seed, i).isEmpty();
        }
        InnerPacket parsed = new InnerPacket();
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = Mutations.mutated(random);
            if (parsed.parse(ByteBuffer.wrap(bytes), 0, bytes.length) == null) {
                MssClamp.clamp(parsed, 1000, random.nextBoolean());
            }
        }
    }
}
