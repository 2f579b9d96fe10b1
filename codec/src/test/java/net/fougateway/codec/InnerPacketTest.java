package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InnerPacketTest {

    private final InnerPacket packet = new InnerPacket();

    private DropReason verdict(byte[] bytes) {
        return packet.parse(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGoodPacketHasItsParts(boolean ipv4) {
        byte[] bytes = PacketBuilder.ip(ipv4)
                .tos(0xb9)
                .ttl(17)
                .udp(1000, 2000)
                .payload(33)
                .build();
        assertThat(verdict(bytes)).isNull();
        int header = ipv4 ? 20 : 40;
        assertThat(packet.isIpv4()).isEqualTo(ipv4);
        assertThat(packet.length()).isEqualTo(bytes.length);
        assertThat(packet.end()).isEqualTo(bytes.length);
        assertThat(packet.protocol()).isEqualTo(Ip.UDP);
        assertThat(packet.tunnelProtocol()).isEqualTo(ipv4 ? 4 : 41);
        assertThat(packet.transportOffset()).isEqualTo(header);
        assertThat(packet.transportLength()).isEqualTo(41);
        assertThat(packet.trafficClass()).isEqualTo(0xb9);
        assertThat(packet.hopLimit()).isEqualTo(17);
        assertThat(packet.isFragment()).isFalse();
        assertThat(packet.isDontFragment()).isTrue();
        assertThat(packet.isHeaderIntact()).isTrue();
    }

    @Test
    void addressesAreNumbers() {
        verdict(PacketBuilder.ipv4().from("192.0.2.1").to("10.0.0.255").build());
        assertThat(packet.sourceHigh()).isEqualTo(0xc0000201L);
        assertThat(packet.destinationHigh()).isEqualTo(0x0a0000ffL);
        assertThat(packet.sourceLow()).isZero();
        assertThat(packet.destinationLow()).isZero();
        verdict(PacketBuilder.ipv6().from("fd00:1:2:3::5").to("::1").build());
        assertThat(packet.sourceHigh()).isEqualTo(0xfd00000100020003L);
        assertThat(packet.sourceLow()).isEqualTo(5);
        assertThat(packet.destinationHigh()).isZero();
        assertThat(packet.destinationLow()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lessThanAHeaderIsTooSmall(boolean ipv4) {
        byte[] bytes = PacketBuilder.ip(ipv4).build();
        for (int length = 0; length < (ipv4 ? 20 : 40); length++) {
            assertThat(packet.parse(ByteBuffer.wrap(bytes), 0, length)).isEqualTo(DropReason.PKT_TOO_SMALL);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPacketThatWasCutIsTruncated(boolean ipv4) {
        byte[] bytes = PacketBuilder.ip(ipv4).payload(20).build();
        for (int length = ipv4 ? 20 : 40; length < bytes.length; length++) {
            assertThat(packet.parse(ByteBuffer.wrap(bytes), 0, length)).isEqualTo(DropReason.HDR_TRUNC);
        }
    }

    @Test
    void anotherVersionIsNotHandled() {
        byte[] bytes = PacketBuilder.ipv4().build();
        for (int version = 0; version < 16; version++) {
            bytes[0] = (byte) ((version << 4) | 5);
            assertThat(verdict(bytes) == DropReason.UNHANDLED_PROTO)
                    .as("version %d", version)
                    .isEqualTo(version != 4 && version != 6);
        }
    }

    @Test
    void badHeaderAndTotalLengthsOfIpv4AreMalformed() {
        byte[] bytes = PacketBuilder.ipv4().payload(100).build();
        for (int words = 0; words < 5; words++) {
            bytes[0] = (byte) (0x40 | words);
            assertThat(verdict(bytes)).isEqualTo(DropReason.IP_INHDR);
        }
        bytes[0] = 0x46;
        Naive.put16(bytes, 2, 23);
        assertThat(verdict(bytes)).isEqualTo(DropReason.IP_INHDR);
        Naive.put16(bytes, 2, 24);
        assertThat(verdict(bytes)).isNull();
    }

    @Test
    void aHeaderLongerThanThePacketIsMalformedOrTruncated() {
        byte[] bytes = PacketBuilder.ipv4().transport(Ip.UDP).build();
        bytes[0] = 0x4f;
        assertThat(verdict(bytes)).isEqualTo(DropReason.IP_INHDR);
        Naive.put16(bytes, 2, 60);
        assertThat(verdict(bytes)).isEqualTo(DropReason.HDR_TRUNC);
    }

    @Test
    void aBadHeaderChecksumIsSeen() {
        assertThat(verdict(PacketBuilder.ipv4().badIpChecksum().build())).isNull();
        assertThat(packet.isHeaderIntact()).isFalse();
        assertThat(verdict(PacketBuilder.ipv4().ipOptions(new byte[8]).build())).isNull();
        assertThat(packet.isHeaderIntact()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void paddingIsIgnored(boolean ipv4) {
        byte[] bytes = PacketBuilder.ip(ipv4).payload(3).padding(15).build();
        assertThat(verdict(bytes)).isNull();
        assertThat(packet.length()).isEqualTo(bytes.length - 15);
        assertThat(packet.transportLength()).isEqualTo(11);
    }

    @Test
    void ipv4OptionsArePartOfTheHeader() {
        assertThat(verdict(PacketBuilder.ipv4().ipOptions(new byte[40]).build()))
                .isNull();
        assertThat(packet.transportOffset()).isEqualTo(60);
    }

    @Test
    void extensionHeadersAreSteppedOver() {
        byte[] bytes = PacketBuilder.ipv6()
                .extension(Ip.V6_HOP_BY_HOP, 8)
                .extension(Ip.V6_ROUTING, 24)
                .extension(Ip.V6_DESTINATION_OPTIONS, 16)
                .tcp(1, 2)
                .payload(5)
                .build();
        assertThat(verdict(bytes)).isNull();
        assertThat(packet.protocol()).isEqualTo(Ip.TCP);
        assertThat(packet.transportOffset()).isEqualTo(40 + 8 + 24 + 16);
        assertThat(packet.transportLength()).isEqualTo(25);
    }

    @Test
    void anExtensionHeaderThatIsCutIsWhereTheWalkEnds() {
        byte[] bytes = PacketBuilder.ipv6()
                .extension(Ip.V6_HOP_BY_HOP, 8)
                .extension(Ip.V6_ROUTING, 8)
                .transport(Ip.UDP)
                .build();
        bytes[49] = 1;
        assertThat(verdict(bytes)).isNull();
        assertThat(packet.protocol()).isEqualTo(Ip.V6_ROUTING);
        assertThat(packet.transportLength()).isEqualTo(8);
    }

    @Test
    void endlessExtensionHeadersAreNotFollowed() {
        PacketBuilder builder = PacketBuilder.ipv6();
        for (int i = 0; i < 20; i++) {
            builder.extension(Ip.V6_DESTINATION_OPTIONS, 8);
        }
        assertThat(verdict(builder.build())).isNull();
        assertThat(packet.protocol()).isEqualTo(Ip.V6_DESTINATION_OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyFragmentIsAFragment(boolean ipv4) {
        verdict(PacketBuilder.ip(ipv4).fragment(0, true).payload(16).build());
        assertThat(packet.isFragment()).isTrue();
        assertThat(packet.protocol()).isEqualTo(Ip.UDP);
        verdict(PacketBuilder.ip(ipv4).fragment(1480, true).payload(16).build());
        assertThat(packet.isFragment()).isTrue();
        verdict(PacketBuilder.ip(ipv4).fragment(1480, false).payload(16).build());
        assertThat(packet.isFragment()).isTrue();
        verdict(PacketBuilder.ip(ipv4).dontFragment(true).payload(16).build());
        assertThat(packet.isFragment()).isFalse();
    }

    @Test
    void whatFollowsAFragmentHeaderIsNotReadAsExtensionHeaders() {
        verdict(PacketBuilder.ipv6()
                .fragment(1480, false)
                .transport(Ip.V6_DESTINATION_OPTIONS, PacketBuilder.pattern(64))
                .build());
        assertThat(packet.protocol()).isEqualTo(Ip.V6_DESTINATION_OPTIONS);
        assertThat(packet.transportOffset()).isEqualTo(48);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void laterFragmentsAreThoseThatDoNotStartAtZero(boolean ipv4) {
        verdict(PacketBuilder.ip(ipv4).fragment(0, true).payload(16).build());
        assertThat(packet.isLaterFragment()).isFalse();
        verdict(PacketBuilder.ip(ipv4).fragment(8, false).payload(16).build());
        assertThat(packet.isLaterFragment()).isTrue();
        verdict(PacketBuilder.ip(ipv4).payload(16).build());
        assertThat(packet.isLaterFragment()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void quotedPacketMayBeCutBehindItsHeader(boolean ipv4) {
        byte[] bytes = PacketBuilder.ip(ipv4).payload(20).build();
        int header = ipv4 ? 20 : 40;
        for (int length = 0; length <= bytes.length; length++) {
            DropReason verdict = packet.parseQuoted(ByteBuffer.wrap(bytes), 0, length);
            assertThat(verdict).isEqualTo(length < header ? DropReason.PKT_TOO_SMALL : null);
            if (verdict == null) {
                assertThat(packet.length()).isEqualTo(length);
                assertThat(packet.transportLength()).isEqualTo(length - header);
            }
        }
    }

    @Test
    void quotedPacketThatIsCutInItsOptionsIsTruncated() {
        byte[] bytes = PacketBuilder.ipv4().ipOptions(new byte[8]).payload(9).build();
        assertThat(packet.parseQuoted(ByteBuffer.wrap(bytes), 0, 27)).isEqualTo(DropReason.HDR_TRUNC);
        assertThat(packet.parseQuoted(ByteBuffer.wrap(bytes), 0, 28)).isNull();
    }

    @Test
    void dontFragmentIsABitOfIpv4() {
        verdict(PacketBuilder.ipv4().dontFragment(false).build());
        assertThat(packet.isDontFragment()).isFalse();
    }

    @Test
    void randomBytesNeverThrowAndAreNeverReadBeyondTheirEnd() {
        long seed = 42;
        Random random = new Random(seed);
        int wellFormed = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = i % 2 == 0 ? Mutations.random(random) : Mutations.mutated(random);
            wellFormed += survives(bytes, random.nextInt(16), "seed " + seed + ", input " + i) ? 1 : 0;
        }
        assertThat(wellFormed).isGreaterThan(20_000);
    }

    /** The bytes lie in a buffer that begins and ends with them, so that a stray read throws. */
    private boolean survives(byte[] bytes, int gap, String what) {
        ByteBuffer buffer = ByteBuffer.allocate(gap + bytes.length).put(gap, bytes);
        if (packet.parse(buffer, gap, bytes.length) != null) {
            return false;
        }
        assertThat(packet.length()).as(what).isBetween(20, bytes.length);
        assertThat(packet.transportOffset()).as(what).isBetween(gap + 20, packet.end());
        assertThat(packet.trafficClass()).as(what).isBetween(0, 255);
        boolean intact = packet.isHeaderIntact();
        int hash = new FlowHash(1).of(packet);
        packet.setEcn(Ecn.CE);
        assertThat(new FlowHash(1).of(packet)).as(what).isEqualTo(hash);
        assertThat(packet.isHeaderIntact()).as(what).isEqualTo(intact);
        return true;
    }
}
