package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncapsulationTest {

    private static final int END = Encapsulation.MAX_HEADER_BYTES;

    private static byte[] write(Encapsulation encapsulation, byte[] packet, int sequence, int start, int field) {
        byte[] bytes = Naive.join(new byte[END], packet);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long sum = Checksum.sum(buffer, END, packet.length);
        Encapsulator encapsulator = new Encapsulator();
        encapsulator.begin(encapsulation, Merger.parse(packet));
        if (start != Encapsulation.FINISHED) {
            encapsulator.leaveChecksum(start, field);
        }
        int header = encapsulator.write(buffer, END, sequence, sum);
        assertThat(header).isLessThanOrEqualTo(encapsulation.headerBytes());
        return Arrays.copyOfRange(bytes, END - header, bytes.length);
    }

    private static byte[] write(Encapsulation encapsulation, byte[] packet, int sequence) {
        return write(encapsulation, packet, sequence, Encapsulation.FINISHED, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "false, '', true, ''",
        "true, '', true, '00 04 00 00'",
        "true, '', false, '00 29 00 00'",
        "false, plain, true, '00 00 08 00'",
        "false, key, false, '20 00 86 dd 00 00 00 2a'",
        "true, 'key seq', true, '00 2f 00 00 30 00 08 00 00 00 00 2a 00 00 00 07'",
    })
    void bytesAreTheKernels(boolean gue, String options, boolean ipv4, String expected) {
        Gre gre = options.isEmpty()
                ? null
                : new Gre(options.contains("key"), 42, options.contains("csum"), options.contains("seq"));
        byte[] packet = PacketBuilder.ip(ipv4).payload(5).build();

        byte[] datagram = write(Encapsulation.of(gue ? Format.GUE : Format.FOU, false, gre), packet, 7);

        assertThat(HexFormat.ofDelimiter(" ").formatHex(datagram, 0, datagram.length - packet.length))
                .isEqualTo(expected);
    }

    @Test
    void labelNamesWhatFollowsTheUdpHeader() {
        assertThat(Fou.PLAIN.label()).isEqualTo("fou");
        assertThat(new Gue(true, null).label()).isEqualTo("gue");
        assertThat(new Fou(Gre.PLAIN).label()).isEqualTo("fou+gre");
        assertThat(new Gue(false, Gre.PLAIN).label()).isEqualTo("gue+gre");
    }

    @Test
    void remoteChecksumCountsFromTheEndOfTheGueHeader() {
        byte[] packet = PacketBuilder.ipv4().tcp(1, 2).payload(9).buildPartial();

        byte[] bare = write(new Gue(true, null), packet, 0, 20, 36);
        byte[] inGre = write(new Gue(true, new Gre(true, 1, false, false)), packet, 0, 20, 36);

        assertThat(HexFormat.of().formatHex(bare, 0, 12)).isEqualTo("020400018000000000140024");
        assertThat(HexFormat.of().formatHex(inGre, 0, 12)).isEqualTo("022f000180000000001c002c");
    }

    @Test
    void theGreChecksumCoversHeaderAndPacket() {
        byte[] packet = PacketBuilder.ipv6().payload(33).build();

        byte[] datagram = write(new Fou(new Gre(true, 99, true, true)), packet, 5);

        assertThat(Naive.checksum(datagram)).isZero();
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        long seed = 11;
        Random random = new Random(seed);
        Decapsulator decapsulator = new Decapsulator();
        InnerPacket inner = new InnerPacket();
        for (int i = 0; i < 20_000; i++) {
            boolean keyed = random.nextBoolean();
            Gre gre = random.nextInt(3) == 0
                    ? null
                    : new Gre(keyed, keyed ? random.nextInt() : 0, random.nextBoolean(), random.nextBoolean());
            Encapsulation encapsulation =
                    Encapsulation.of(random.nextBoolean() ? Format.GUE : Format.FOU, random.nextBoolean(), gre);
            byte[] packet = PacketBuilder.ip(random.nextBoolean())
                    .udp(1, 2)
                    .payload(random.nextInt(60))
                    .build();
            int sequence = random.nextInt();

            byte[] datagram = write(encapsulation, packet, sequence);

            PortPayload port = new PortPayload(encapsulation.format(), InnerProtocol.AUTO);
            assertThat(decapsulator.decapsulate(ByteBuffer.wrap(datagram), 0, datagram.length, port, inner))
                    .as("seed %d, round %d", seed, i)
                    .isNull();
            assertThat(Arrays.copyOfRange(datagram, inner.offset(), inner.end()))
                    .isEqualTo(packet);
            assertThat(decapsulator.hasGre()).isEqualTo(gre != null);
            if (gre != null) {
                assertThat(decapsulator.gre().hasKey()).isEqualTo(gre.keyed());
                assertThat(decapsulator.gre().key()).isEqualTo(gre.key());
                assertThat(decapsulator.gre().hasChecksum()).isEqualTo(gre.checksum());
                assertThat(decapsulator.gre().sequence()).isEqualTo(gre.sequence() ? sequence : 0);
            }
        }
    }
}
