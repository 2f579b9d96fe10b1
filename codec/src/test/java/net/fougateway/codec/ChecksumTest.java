package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumTest {

    private static final int[] CORNERS = {0, 1, 2, 0xff, 0x100, 0x7fff, 0x8000, 0xff00, 0xfffd, 0xfffe, 0xffff};

    @Test
    void everyLengthAtEvenAndOddOffsetsIsAsTheReferenceSays() {
        byte[] bytes = new byte[2048];
        new Random(1).nextBytes(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int length = 0; length <= 2000; length++) {
            for (int offset = 0; offset < 9; offset++) {
                int expected = Naive.checksum(Arrays.copyOfRange(bytes, offset, offset + length));
                assertThat(stored(Checksum.sum(buffer, offset, length)))
                        .as("length %d at %d", length, offset)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void theLargestSumDoesNotOverflow() {
        byte[] bytes = new byte[65_536];
        Arrays.fill(bytes, (byte) 0xff);
        assertThat(Checksum.fold(Checksum.sum(ByteBuffer.wrap(bytes), 0, bytes.length)))
                .isEqualTo(0xffff);
        assertThat(Checksum.fold(Long.MAX_VALUE)).isBetween(1, 0xffff);
    }

    @Test
    void partsOfEvenLengthMayBeSummedOneByOne() {
        byte[] bytes = PacketBuilder.pattern(333);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int cut = 0; cut < 333; cut += 2) {
            long sum = Checksum.sum(buffer, 0, cut) + Checksum.sum(buffer, cut, 333 - cut);
            assertThat(stored(sum)).isEqualTo(Naive.checksum(bytes));
        }
    }

    @Test
    void aNumberCountsAsItsTwoBytesWould() {
        for (int number : CORNERS) {
            byte[] bytes = {(byte) (number >> 8), (byte) number};
            assertThat(stored(Checksum.word(number))).isEqualTo(Naive.checksum(bytes));
        }
    }

    @Test
    void validMeansThatTheSumWithItsChecksumIsAllOnes() {
        byte[] packet = PacketBuilder.ipv4().payload(11).build();
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        assertThat(Checksum.isValid(Checksum.sum(buffer, 0, 20))).isTrue();
        packet[3] ^= 1;
        assertThat(Checksum.isValid(Checksum.sum(buffer, 0, 20))).isFalse();
    }

    @Test
    void updateGivesWhatSummingAgainWouldGive() {
        for (int before : CORNERS) {
            for (int after : CORNERS) {
                for (int other : CORNERS) {
                    checkUpdate(before, after, other);
                }
            }
        }
    }

    /** The header holds one number besides the changed one; {@code 0x4500} stands for what is never zero in a real one. */
    private static void checkUpdate(int before, int after, int other) {
        byte[] header = new byte[8];
        Naive.put16(header, 0, 0x4500);
        Naive.put16(header, 2, before);
        Naive.put16(header, 4, other);
        Naive.put16(header, 6, Naive.checksum(header));
        Checksum.update(ByteBuffer.wrap(header), 6, before, after);
        int updated = Naive.u16(header, 6);
        Naive.put16(header, 2, after);
        Naive.put16(header, 6, 0);
        assertThat(updated).as("%04x to %04x beside %04x", before, after, other).isEqualTo(Naive.checksum(header));
    }

    @Test
    void udpZeroIsStoredAsAllOnes() {
        ByteBuffer buffer = ByteBuffer.allocate(4);
        Checksum.storeUdp(buffer, 0, 0xffff);
        assertThat(Bytes.u16(buffer, 0)).isEqualTo(0xffff);
        Checksum.store(buffer, 0, 0xffff);
        assertThat(Bytes.u16(buffer, 0)).isZero();
        Checksum.storeUdp(buffer, 0, Checksum.word(0x1234));
        assertThat(Bytes.u16(buffer, 0)).isEqualTo(0xffff - 0x1234);
        Checksum.storePartial(buffer, 0, Checksum.word(0x1234));
        assertThat(Bytes.u16(buffer, 0)).isEqualTo(0x1234);
    }

    @Test
    void thePseudoHeaderIsAsTheReferenceSays() {
        for (boolean ipv4 : new boolean[] {true, false}) {
            byte[] packet = PacketBuilder.ip(ipv4).tcp(1, 2).payload(99).build();
            InnerPacket inner = Merger.parse(packet);
            assertThat(stored(Checksum.pseudoHeader(inner.buffer(), inner, 119)))
                    .isEqualTo(Naive.checksum(Naive.pseudoHeader(packet, Ip.TCP, 119)));
        }
    }

    private static int stored(long sum) {
        ByteBuffer buffer = ByteBuffer.allocate(2);
        Checksum.store(buffer, 0, sum);
        return Bytes.u16(buffer, 0);
    }
}
