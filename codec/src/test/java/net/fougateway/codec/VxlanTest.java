package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames behind VXLAN and GRE headers. */
class VxlanTest {

    private static final int END = Encapsulation.MAX_HEADER_BYTES;
    private static final byte[] FRAME = Frames.ip(
            Frames.B, Frames.A, PacketBuilder.ipv4().udp(1, 2).payload(30).build());

    private final Decapsulator decapsulator = new Decapsulator();
    private final EthernetFrame frame = new EthernetFrame();

    private static byte[] write(Encapsulation encapsulation, byte... bytes) {
        byte[] out = Naive.join(new byte[END], bytes);
        Encapsulator encapsulator = new Encapsulator();
        encapsulator.begin(encapsulation, Frames.parse(bytes));
        long sum = Checksum.sum(ByteBuffer.wrap(out), END, bytes.length);
        int header = encapsulator.write(ByteBuffer.wrap(out), END, 7, sum);
        return Arrays.copyOfRange(out, END - header, out.length);
    }

    private DropReason read(PortPayload port, byte... datagram) {
        return decapsulator.decapsulate(ByteBuffer.wrap(datagram), 0, datagram.length, port, frame);
    }

    /** As the kernel's devices of type vxlan and gretap write them. */
    @Test
    void headersAreTheKernels() {
        assertThat(header(write(new Vxlan(42), FRAME))).isEqualTo("08 00 00 00 00 00 2a 00");
        assertThat(header(write(new Vxlan(0xfffffe), FRAME))).isEqualTo("08 00 00 00 ff ff fe 00");
        Gre keyed = new Gre(true, 42, false, false);
        assertThat(header(write(new Fou(keyed), FRAME))).isEqualTo("20 00 65 58 00 00 00 2a");
        assertThat(header(write(new Gue(false, Gre.PLAIN), FRAME))).isEqualTo("00 2f 00 00 00 00 65 58");
    }

    private static String header(byte... datagram) {
        return HexFormat.ofDelimiter(" ").formatHex(datagram, 0, datagram.length - FRAME.length);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        long seed = 5;
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = randomFrame(random);
            Gre gre = new Gre(false, 0, random.nextBoolean(), random.nextBoolean());
            int vni = random.nextInt(1 << 24);
            Encapsulation encapsulation = switch (random.nextInt(3)) {
                case 0 -> new Vxlan(vni);
                case 1 -> new Fou(gre);
                default -> new Gue(random.nextBoolean(), gre);
            };

            PortPayload port = new PortPayload(encapsulation.format(), InnerProtocol.AUTO);
            byte[] datagram = write(encapsulation, bytes);

            assertThat(read(port, datagram)).as("seed %d, round %d", seed, i).isNull();
            assertThat(Arrays.copyOfRange(datagram, frame.frameOffset(), frame.frameOffset() + frame.frameBytes()))
                    .as("seed %d, round %d", seed, i)
                    .isEqualTo(bytes);
            if (encapsulation.format() == Format.VXLAN) {
                assertThat(decapsulator.vxlan().vni()).isEqualTo(vni);
            }
        }
    }

    private static byte[] randomFrame(Random random) {
        String tags = random.nextBoolean() ? "" : "81000%03x".formatted(random.nextInt(4096));
        byte[] packet = PacketBuilder.ip(random.nextBoolean())
                .udp(1, 2)
                .payload(random.nextInt(60))
                .build();
        return random.nextInt(5) == 0
                ? Frames.other(Frames.ALL, Frames.A, tags + "0806", PacketBuilder.pattern(28))
                : Frames.padded(Frames.tagged(Frames.B, Frames.A, tags, packet));
    }

    @ParameterizedTest
    @CsvSource({
        "'', PKT_TOO_SMALL",
        "08 00 00 00 00 00 2a, PKT_TOO_SMALL",
        "00 00 00 00 00 00 2a 00, VXLAN_FLAGS",
        "88 00 00 00 00 00 2a 00, VXLAN_FLAGS",
        "08 00 00 01 00 00 2a 00, VXLAN_FLAGS",
        "08 00 00 00 00 00 2a 01, VXLAN_FLAGS",
        "0c 00 00 03 00 00 2a 00, VXLAN_FLAGS",
        "08 00 00 00 00 00 2a 00, PKT_TOO_SMALL",
        "08 00 00 00 00 00 2a 00 ff ff ff ff ff ff 02 00 00 00 00 01 08, PKT_TOO_SMALL"
    })
    void reservedBitsAndShortHeadersAreRefused(String datagram, DropReason expected) {
        assertThat(read(PortPayload.VXLAN, Frames.bytes(datagram))).isEqualTo(expected);
    }

    @Test
    void packetsAndFramesDoNotMix() {
        byte[] packet = PacketBuilder.ipv4().build();
        InnerPacket inner = new InnerPacket();
        byte[] vxlan = write(new Vxlan(1), FRAME);
        byte[] gretap = write(new Fou(Gre.PLAIN), FRAME);

        assertThat(read(PortPayload.FOU, packet)).isEqualTo(DropReason.UNHANDLED_PROTO);
        assertThat(read(PortPayload.FOU, Naive.join(Frames.bytes("00000800"), packet)))
                .isEqualTo(DropReason.UNHANDLED_PROTO);
        assertThat(decapsulator.decapsulate(ByteBuffer.wrap(vxlan), 0, vxlan.length, PortPayload.VXLAN, inner))
                .isEqualTo(DropReason.UNHANDLED_PROTO);
        assertThat(decapsulator.decapsulate(ByteBuffer.wrap(gretap), 0, gretap.length, PortPayload.FOU, inner))
                .isEqualTo(DropReason.GRE_PAYLOAD);
    }
}
