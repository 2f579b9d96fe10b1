package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecapsulatorTest {

    private static final PortPayload[] PORTS = {
        PortPayload.FOU,
        PortPayload.GUE,
        PortPayload.fou(InnerProtocol.IPV4),
        PortPayload.fou(InnerProtocol.IPV6),
        PortPayload.fou(InnerProtocol.GRE)
    };

    private final Decapsulator decapsulator = new Decapsulator();
    private final InnerPacket inner = new InnerPacket();

    private DropReason decapsulate(byte[] bytes, PortPayload port) {
        return decapsulator.decapsulate(ByteBuffer.wrap(bytes), 0, bytes.length, port, inner);
    }

    @Test
    void aPortForAnyProtocolTakesBothFamilies() {
        assertThat(decapsulate(PacketBuilder.ipv4().build(), PortPayload.FOU)).isNull();
        assertThat(decapsulate(PacketBuilder.ipv6().build(), PortPayload.FOU)).isNull();
    }

    @Test
    void aPortForOneProtocolTakesThatOnly() {
        assertThat(decapsulate(PacketBuilder.ipv4().build(), PortPayload.fou(InnerProtocol.IPV4)))
                .isNull();
        assertThat(decapsulate(PacketBuilder.ipv6().build(), PortPayload.fou(InnerProtocol.IPV6)))
                .isNull();
        assertThat(decapsulate(PacketBuilder.ipv4().build(), PortPayload.fou(InnerProtocol.IPV6)))
                .isEqualTo(DropReason.UNHANDLED_PROTO);
        assertThat(decapsulate(PacketBuilder.ipv6().build(), PortPayload.fou(InnerProtocol.IPV4)))
                .isEqualTo(DropReason.UNHANDLED_PROTO);
    }

    @Test
    void aBadHeaderChecksumIsMalformed() {
        assertThat(decapsulate(PacketBuilder.ipv4().badIpChecksum().build(), PortPayload.FOU))
                .isEqualTo(DropReason.IP_INHDR);
    }

    @Test
    void anEmptyDatagramIsTooSmall() {
        assertThat(decapsulate(new byte[0], PortPayload.FOU)).isEqualTo(DropReason.PKT_TOO_SMALL);
    }

    @Test
    void theTransportChecksumIsNobodysBusinessHere() {
        assertThat(decapsulate(PacketBuilder.ipv4().payload(9).badChecksum().build(), PortPayload.FOU))
                .isNull();
    }

    private static byte[] hex(String text, byte... behind) {
        return Naive.join(HexFormat.of().parseHex(text.replace(" ", "")), behind);
    }

    @Test
    void gueThatComesToAPortForFouIsCalledSo() {
        byte[] ipv4 = PacketBuilder.ipv4().payload(30).build();
        byte[] ipv6 = PacketBuilder.ipv6().payload(30).build();
        for (PortPayload port : PORTS) {
            if (port.format() == Format.FOU) {
                assertThat(decapsulate(hex("00 04 00 00", ipv4), port)).isEqualTo(DropReason.GUE_UNEXPECTED);
                assertThat(decapsulate(hex("00 29 00 00", ipv6), port)).isEqualTo(DropReason.GUE_UNEXPECTED);
                assertThat(decapsulate(hex("00 2f 00 00 00 00 08 00", ipv4), port))
                        .isEqualTo(DropReason.GUE_UNEXPECTED);
                assertThat(decapsulate(hex("00 04 00 00", ipv6), port)).isNotEqualTo(DropReason.GUE_UNEXPECTED);
                assertThat(decapsulate(hex("1f 04 00 00", ipv4), port)).isNotEqualTo(DropReason.GUE_UNEXPECTED);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'00 04 00 00'", // GUE, IPv4
        "'02 04 00 00 aa aa aa aa bb bb bb bb'", // surplus options are skipped
        "'01 04 00 01 00 00 00 00'", // private flags, none set
        "'00 2f 00 00  00 00 08 00'", // GUE, GRE
        "''" // variant 1
    })
    void aGuePortTakesIpv4(String header) {
        byte[] packet = PacketBuilder.ipv4().payload(30).build();

        assertThat(decapsulate(hex(header, packet), PortPayload.GUE)).isNull();
        assertThat(inner.isIpv4()).isTrue();
        assertThat(inner.length()).isEqualTo(packet.length);
    }

    @ParameterizedTest
    @CsvSource({"'00 29 00 00'", "'00 2f 00 00  20 00 86 dd 00 00 00 07'", "''"})
    void aGuePortTakesIpv6(String header) {
        assertThat(decapsulate(hex(header, PacketBuilder.ipv6().payload(30).build()), PortPayload.GUE))
                .isNull();
        assertThat(inner.isIpv4()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "'00 04 00', GUE_TRUNCATED",
        "'1f 04 00 00 00', GUE_TRUNCATED",
        "'80 04 00 00', GUE_VERSION",
        "'c0 04 00 00', GUE_VERSION",
        "'00 04 00 02', GUE_FLAGS",
        "'00 04 80 00', GUE_FLAGS",
        "'00 04 00 01', GUE_FLAGS",
        "'01 04 00 01 40 00 00 00', GUE_FLAGS",
        "'01 04 00 01 80 00 00 00', GUE_FLAGS",
        "'20 04 00 00', GUE_CONTROL",
        "'00 00 00 00', GUE_PROTO_ZERO",
        "'00 06 00 00', UNHANDLED_PROTO",
        "'00 29 00 00 45', PKT_TOO_SMALL",
        "'50', UNHANDLED_PROTO",
        "'02 04 00 01 80 00 00 00 00 14 00 10', GUE_REMOTE_CHECKSUM",
        "'02 04 00 01 80 00 00 00 00 14 ff 00', GUE_REMOTE_CHECKSUM",
        "'00 2f 00 00 40 00 08 00', GRE_HEADER",
    })
    void aMalformedGueHeaderHasItsReason(String bytes, DropReason reason) {
        assertThat(decapsulate(hex(bytes), PortPayload.GUE)).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "'00 00 08', GRE_HEADER",
        "'20 00 08 00 00 00', GRE_HEADER",
        "'40 00 08 00', GRE_HEADER",
        "'00 01 08 00', GRE_HEADER",
        "'00 00 65 58', GRE_PAYLOAD",
        "'00 00 88 47', GRE_PAYLOAD",
        "'80 00 08 00 00 00 00 00', GRE_CHECKSUM",
        "'00 00 08 00', PKT_TOO_SMALL",
    })
    void aMalformedGreHeaderHasItsReason(String bytes, DropReason reason) {
        assertThat(decapsulate(hex(bytes), PortPayload.fou(InnerProtocol.GRE))).isEqualTo(reason);
    }

    @Test
    void anyTellsGreFromIp() {
        byte[] packet = PacketBuilder.ipv6().payload(30).build();

        assertThat(decapsulate(hex("30 00 86 dd 00 00 00 2a 00 00 00 07", packet), PortPayload.FOU))
                .isNull();
        assertThat(decapsulator.hasGre()).isTrue();
        assertThat(decapsulator.gre().key()).isEqualTo(42);
        assertThat(decapsulator.gre().sequence()).isEqualTo(7);
        assertThat(decapsulator.gre().hasChecksum()).isFalse();
        assertThat(decapsulate(packet, PortPayload.FOU)).isNull();
        assertThat(decapsulator.hasGre()).isFalse();
    }

    @Test
    void thePayloadTypeOfGreMustBeTrue() {
        byte[] packet = PacketBuilder.ipv6().payload(30).build();

        assertThat(decapsulate(hex("00 00 08 00", packet), PortPayload.fou(InnerProtocol.GRE)))
                .isEqualTo(DropReason.UNHANDLED_PROTO);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theChecksumLeftToUsIsCompleted(boolean ipv4) {
        PacketBuilder builder = PacketBuilder.ip(ipv4).tcp(1, 2).payload(101);
        byte[] finished = builder.build();
        int start = Naive.transportOffset(finished);
        String header = "02 %02x 00 01 80 00 00 00 00 %02x 00 %02x".formatted(ipv4 ? 4 : 41, start, start + 16);
        byte[] datagram = hex(header, builder.buildPartial());

        assertThat(decapsulate(datagram, PortPayload.GUE)).isNull();
        assertThat(Arrays.copyOfRange(datagram, 12, datagram.length)).isEqualTo(finished);
    }

    /** Whatever passes goes on through everything that comes behind, in a buffer that ends with it. */
    @Test
    void rubbishNeverThrows() {
        long seed = 7;
        Random random = new Random(seed);
        Coalescer coalescer = new Coalescer(8, true, true, true);
        ByteBuffer virtio = ByteBuffer.allocate(VirtioNetHeader.BYTES);
        int passed = 0;
        for (int i = 0; i < 300_000; i++) {
            byte[] bytes = i % 3 == 0 ? Mutations.random(random) : Mutations.encapsulated(random);
            DropReason verdict = decapsulate(bytes, PORTS[random.nextInt(PORTS.length)]);
            if (verdict != null) {
                assertThat(verdict.in(Direction.UDP_TO_TUN))
                        .as("seed %d, input %d", seed, i)
                        .isTrue();
                continue;
            }
            passed++;
            coalescer.begin(inner.buffer());
            coalescer.add(inner, 0);
            coalescer.add(inner, 0);
            for (int run = 0; run < coalescer.runs(); run++) {
                coalescer.finish(run, virtio, 0);
            }
            assertThat(coalescer.runs()).as("seed %d, input %d", seed, i).isBetween(1, 2);
        }
        assertThat(passed).isGreaterThan(20_000);
    }
}
