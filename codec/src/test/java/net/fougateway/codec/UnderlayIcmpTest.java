package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnderlayIcmpTest {

    private final UnderlayIcmp icmp = new UnderlayIcmp();

    private boolean parse(boolean ipv4, byte[] received) {
        return icmp.parse(ByteBuffer.wrap(received), 0, received.length, ipv4);
    }

    /** A datagram of ours as a router saw it. */
    private static PacketBuilder datagram(boolean ipv4) {
        return PacketBuilder.ip(ipv4)
                .from(ipv4 ? "192.0.2.1" : "2001:db8::1")
                .to(ipv4 ? "192.0.2.2" : "2001:db8::2")
                .udp(40_001, 5555);
    }

    /** What a raw socket gives: over IPv4 with the router's IP header in front. */
    private static byte[] received(boolean ipv4, int type, int code, int rest, byte... quoted) {
        byte[] message = Naive.join(new byte[] {(byte) type, (byte) code, 0, 0, 0, 0, 0, 0}, quoted);
        Naive.put16(message, 4, rest >>> 16);
        Naive.put16(message, 6, rest);
        Naive.put16(message, 2, Naive.checksum(message));
        return ipv4
                ? PacketBuilder.ipv4()
                        .from("198.51.100.1")
                        .transport(Ip.ICMP, message)
                        .build()
                : message;
    }

    @ParameterizedTest
    @CsvSource({"true, 3, 4", "false, 2, 0"})
    void tooBigTellsTheMtuAndTheDatagram(boolean ipv4, int type, int code) {
        byte[] inner = PacketBuilder.ipv4().payload(300).build();
        byte[] quoted = datagram(ipv4).payload(inner).build();

        assertThat(parse(ipv4, received(ipv4, type, code, 1400, quoted))).isTrue();

        assertThat(icmp.kind()).isEqualTo(IcmpError.Kind.TOO_BIG);
        assertThat(icmp.mtuBytes()).isEqualTo(1400);
        assertThat(icmp.isIpv4()).isEqualTo(ipv4);
        assertThat(icmp.destinationHigh()).isEqualTo(ipv4 ? 0xc0000202L : 0x20010db8_00000000L);
        assertThat(icmp.destinationLow()).isEqualTo(ipv4 ? 0 : 2);
        assertThat(icmp.sourcePort()).isEqualTo(40_001);
        assertThat(icmp.destinationPort()).isEqualTo(5555);
        assertThat(payload()).isEqualTo(inner);
    }

    @ParameterizedTest
    @CsvSource({"true, 3, 3, true", "true, 3, 1, false", "false, 1, 4, true", "false, 1, 3, false", "true, 3, 4, false"
    })
    void aPortThatNobodyHasIsKnown(boolean ipv4, int type, int code, boolean refused) {
        assertThat(parse(ipv4, received(ipv4, type, code, 0, datagram(ipv4).build())))
                .isTrue();
        assertThat(icmp.isPortUnreachable()).isEqualTo(refused);
    }

    private byte[] payload() {
        byte[] payload = new byte[icmp.payloadLength()];
        icmp.buffer().get(icmp.payloadOffset(), payload);
        return payload;
    }

    @ParameterizedTest
    @CsvSource({
        "true, 3, 0, UNREACHABLE",
        "true, 3, 1, UNREACHABLE",
        "true, 3, 3, UNREACHABLE",
        "true, 3, 13, UNREACHABLE",
        "true, 3, 5,",
        "true, 11, 0, TIME_EXCEEDED",
        "true, 11, 1,",
        "true, 4, 0,",
        "true, 5, 1,",
        "true, 8, 0,",
        "true, 12, 0,",
        "false, 1, 0, UNREACHABLE",
        "false, 1, 3, UNREACHABLE",
        "false, 1, 4, UNREACHABLE",
        "false, 1, 7,",
        "false, 3, 0, TIME_EXCEEDED",
        "false, 3, 1,",
        "false, 4, 0,",
        "false, 128, 0,",
        "false, 134, 0,"
    })
    void typeAndCodeTellTheKind(boolean ipv4, int type, int code, IcmpError.Kind kind) {
        byte[] message =
                received(ipv4, type, code, 0, datagram(ipv4).payload(64).build());

        assertThat(parse(ipv4, message)).isEqualTo(kind != null);

        if (kind != null) {
            assertThat(icmp.kind()).isEqualTo(kind);
            assertThat(icmp.mtuBytes()).isZero();
        }
    }

    /** RFC 1191 section 7. */
    @ParameterizedTest
    @CsvSource({"1500, 1492", "1492, 1006", "1400, 1006", "9000, 8166", "2000, 1492", "576, 508", "100, 68", "68, 68"})
    void routerThatDoesNotTellTheMtuMeansTheNextPlateau(int packetBytes, int mtu) {
        byte[] quoted = datagram(true).payload(packetBytes - 28).build();

        assertThat(parse(true, received(true, 3, 4, 0, Arrays.copyOf(quoted, 28))))
                .isTrue();

        assertThat(icmp.mtuBytes()).isEqualTo(mtu);
    }

    @Test
    void mtuOfIpv6IsOf32Bits() {
        byte[] quoted = datagram(false).payload(1400).build();
        assertThat(parse(false, received(false, 2, 0, 0xffffffff, quoted))).isTrue();
        assertThat(icmp.mtuBytes()).isEqualTo(Ip.MAX_PACKET_BYTES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void quoteMayEndBehindTheUdpHeader(boolean ipv4) {
        byte[] quoted = datagram(ipv4).payload(1400).build();
        int shortest = ipv4 ? 28 : 48;
        for (int length = 0; length < quoted.length; length++) {
            byte[] message = received(ipv4, ipv4 ? 3 : 1, 1, 0, Arrays.copyOf(quoted, length));
            assertThat(parse(ipv4, message)).as("quote of %d", length).isEqualTo(length >= shortest);
            if (length >= shortest) {
                assertThat(icmp.payloadLength()).isEqualTo(length - shortest);
            }
        }
    }

    @Test
    void destinationOptionsInFrontOfUdpAreSkipped() {
        byte[] inner = PacketBuilder.ipv6().payload(10).build();
        byte[] quoted = datagram(false)
                .extension(Ip.V6_DESTINATION_OPTIONS, 8)
                .payload(inner)
                .build();
        assertThat(parse(false, received(false, 3, 0, 0, quoted))).isTrue();
        assertThat(icmp.destinationPort()).isEqualTo(5555);
        assertThat(payload()).isEqualTo(inner);
    }

    @Test
    void routersHeaderMayHaveOptions() {
        byte[] message = received(true, 3, 1, 0, datagram(true).payload(64).build());
        byte[] withOptions = PacketBuilder.ipv4()
                .ipOptions(new byte[8])
                .transport(Ip.ICMP, Arrays.copyOfRange(message, 20, message.length))
                .build();
        assertThat(parse(true, withOptions)).isTrue();
        assertThat(icmp.sourcePort()).isEqualTo(40_001);
    }

    /** RFC 4884: the quote is padded to 128 bytes, extensions follow. */
    @ParameterizedTest
    @CsvSource({"true, 11", "false, 3"})
    void extensionsBehindTheQuoteAreNotPartOfIt(boolean ipv4, int type) {
        byte[] whole = datagram(ipv4).payload(1000).build();
        byte[] withExtensions = Arrays.copyOf(whole, 128 + 12);
        int rest = ipv4 ? 32 << 16 : 16 << 24;
        assertThat(parse(ipv4, received(ipv4, type, 0, rest, withExtensions))).isTrue();
        assertThat(icmp.payloadLength()).isEqualTo(128 - (ipv4 ? 28 : 48));
    }

    @ParameterizedTest
    @CsvSource({"true, 3", "false, 1"})
    void onlyQuotesOfUdpInTheFamilyOfTheErrorCount(boolean ipv4, int type) {
        byte[] tcp = datagram(ipv4).tcp(1, 2).payload(64).build();
        byte[] other = datagram(!ipv4).payload(64).build();
        byte[] later = datagram(ipv4).fragment(64, true).payload(64).build();
        byte[] first = datagram(ipv4).fragment(0, true).payload(64).build();
        assertThat(parse(ipv4, received(ipv4, type, 1, 0, tcp))).isFalse();
        assertThat(parse(ipv4, received(ipv4, type, 1, 0, other))).isFalse();
        assertThat(parse(ipv4, received(ipv4, type, 1, 0, later))).isFalse();
        assertThat(parse(ipv4, received(ipv4, type, 1, 0, first))).isTrue();
    }

    @Test
    void damagedIpv4MessageIsIgnored() {
        byte[] message = received(true, 3, 4, 1400, datagram(true).payload(64).build());
        message[27] ^= 1;
        assertThat(parse(true, message)).isFalse();
    }

    @Test
    void rubbishNeverThrowsAndIsNeverReadBeyondItsEnd() {
        long seed = 13;
        Random random = new Random(seed);
        int parsed = 0;
        for (int i = 0; i < 200_000; i++) {
            boolean ipv4 = random.nextBoolean();
            byte[] quoted = datagram(ipv4).payload(random.nextInt(100)).build();
            byte[] cut = Arrays.copyOf(quoted, random.nextInt(quoted.length + 1));
            for (int changes = random.nextInt(3); changes > 0 && cut.length > 0; changes--) {
                cut[random.nextInt(cut.length)] = (byte) random.nextInt();
            }
            byte[] message = received(ipv4, ipv4 ? 3 : 1 + random.nextInt(3), random.nextInt(8), random.nextInt(), cut);
            byte[] shorter =
                    Arrays.copyOf(message, message.length - random.nextInt(2) * random.nextInt(message.length));
            if (parse(ipv4, shorter)) {
                parsed++;
                assertThat(icmp.payloadLength())
                        .as("seed %d, input %d", seed, i)
                        .isBetween(0, shorter.length);
                assertThat(payload()).hasSize(icmp.payloadLength());
                assertThat(icmp.sourcePort()).isBetween(0, 65_535);
            }
        }
        assertThat(parsed).isGreaterThan(10_000);
    }
}
