package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentationTest {

    private static final byte[] TIMESTAMPS = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};

    @ParameterizedTest
    @CsvSource({
        "true, 60000, 1448",
        "true, 65480, 1448",
        "true, 1001, 500",
        "true, 1000, 500",
        "true, 7, 1",
        "true, 100, 333",
        "false, 60000, 1428",
        "false, 65480, 1428",
        "false, 1001, 501",
        "false, 9, 3",
        "false, 64000, 65000"
    })
    void tcpSegmentsAreWhatASenderWouldHaveSent(boolean ipv4, int bytes, int gsoSize) {
        PacketBuilder builder = PacketBuilder.ip(ipv4)
                .tos(0xb9)
                .id(0xfffe)
                .dontFragment(false)
                .flowLabel(0xabcde)
                .tcp(1000, 443)
                .sequence(0xffff_ff00)
                .acknowledgment(0x8765_4321)
                .window(777)
                .urgent(3)
                .tcpOptions(TIMESTAMPS)
                .flags(0x18);
        byte[] payload = PacketBuilder.pattern(bytes);
        List<byte[]> segments = Merger.split(builder.payload(payload).buildPartial(), tcpType(ipv4), gsoSize);
        assertThat(segments).hasSize((payload.length + gsoSize - 1) / gsoSize);
        for (int i = 0; i < segments.size(); i++) {
            int from = i * gsoSize;
            byte[] expected = builder.payload(
                            Arrays.copyOfRange(payload, from, Math.min(from + gsoSize, payload.length)))
                    .id(0xfffe + i)
                    .sequence(0xffff_ff00 + from)
                    .flags(i == segments.size() - 1 ? 0x18 : 0x10)
                    .build();
            assertThat(segments.get(i)).as("segment %d", i).isEqualTo(expected);
            assertThat(Naive.problems(segments.get(i))).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true, 60000, 1472",
        "true, 1001, 500",
        "true, 1000, 500",
        "true, 5, 1",
        "false, 60000, 1452",
        "false, 999, 111"
    })
    void udpSegmentsAreDatagrams(boolean ipv4, int bytes, int gsoSize) {
        PacketBuilder builder = PacketBuilder.ip(ipv4).id(5).udp(1000, 443);
        byte[] payload = PacketBuilder.pattern(bytes);
        List<byte[]> segments =
                Merger.split(builder.payload(payload).buildPartial(), VirtioNetHeader.GSO_UDP_L4, gsoSize);
        assertThat(segments).hasSize((bytes + gsoSize - 1) / gsoSize);
        for (int i = 0; i < segments.size(); i++) {
            int from = i * gsoSize;
            byte[] part = Arrays.copyOfRange(payload, from, Math.min(from + gsoSize, bytes));
            assertThat(segments.get(i))
                    .as("segment %d", i)
                    .isEqualTo(builder.payload(part).id(5 + i).build());
            assertThat(Naive.problems(segments.get(i))).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cwrStaysOnTheFirstFinAndPushOnTheLast(boolean ipv4) {
        byte[] packet = PacketBuilder.ip(ipv4)
                .tcp(1, 2)
                .flags(0xff & ~0x26)
                .payload(300)
                .buildPartial();
        List<byte[]> segments = Merger.split(packet, tcpType(ipv4), 100);
        int flags = Naive.transportOffset(packet) + 13;
        assertThat(segments).extracting(segment -> segment[flags] & 0xff).containsExactly(0xd0, 0x50, 0x59);
        assertThat(segments)
                .allSatisfy(segment -> assertThat(Naive.problems(segment)).isEmpty());
    }

    @Test
    void ipv4OptionsAreInEverySegment() {
        byte[] options = {7, 7, 4, 0, 0, 0, 0, 0};
        byte[] packet =
                PacketBuilder.ipv4().ipOptions(options).tcp(1, 2).payload(250).buildPartial();
        List<byte[]> segments = Merger.split(packet, VirtioNetHeader.GSO_TCPV4, 100);
        assertThat(segments).hasSize(3).allSatisfy(segment -> {
            assertThat(Naive.problems(segment)).isEmpty();
            assertThat(Arrays.copyOfRange(segment, 20, 28)).isEqualTo(options);
        });
        assertThat(payloads(segments)).isEqualTo(Naive.payload(packet));
    }

    @ParameterizedTest
    @ValueSource(ints = {Ip.TCP, Ip.UDP})
    void extensionHeadersAreInEverySegment(int protocol) {
        PacketBuilder builder = PacketBuilder.ipv6()
                .extension(Ip.V6_HOP_BY_HOP, 8)
                .extension(Ip.V6_DESTINATION_OPTIONS, 24)
                .payload(250);
        boolean tcp = protocol == Ip.TCP;
        byte[] packet = (tcp ? builder.tcp(1, 2) : builder.udp(1, 2)).buildPartial();
        List<byte[]> segments = Merger.split(packet, tcp ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_UDP_L4, 100);
        assertThat(segments).hasSize(3).allSatisfy(segment -> {
            assertThat(Naive.problems(segment)).isEmpty();
            assertThat(Naive.transportOffset(segment)).isEqualTo(72);
        });
        assertThat(payloads(segments)).isEqualTo(Naive.payload(packet));
    }

    @Test
    void aVirtioHeaderThatContradictsThePacketIsRefused() {
        byte[] tcp4 = PacketBuilder.ipv4().tcp(1, 2).payload(99).build();
        byte[] tcp6 = PacketBuilder.ipv6().tcp(1, 2).payload(99).build();
        byte[] udp4 = PacketBuilder.ipv4().udp(1, 2).payload(99).build();
        assertRefused(tcp4, VirtioNetHeader.GSO_TCPV6, 50);
        assertRefused(tcp6, VirtioNetHeader.GSO_TCPV4, 50);
        assertRefused(udp4, VirtioNetHeader.GSO_TCPV4, 50);
        assertRefused(tcp4, VirtioNetHeader.GSO_UDP_L4, 50);
        assertRefused(tcp4, 3, 50);
        assertRefused(tcp4, VirtioNetHeader.GSO_TCPV4, 0);
        assertRefused(PacketBuilder.ipv4().tcp(1, 2).build(), VirtioNetHeader.GSO_TCPV4, 50);
        assertRefused(PacketBuilder.ipv4().udp(1, 2).build(), VirtioNetHeader.GSO_UDP_L4, 50);
        assertRefused(
                PacketBuilder.ipv4().fragment(0, true).tcp(1, 2).payload(99).build(), VirtioNetHeader.GSO_TCPV4, 50);
        assertRefused(PacketBuilder.ipv4().transport(Ip.TCP, new byte[19]).build(), VirtioNetHeader.GSO_TCPV4, 5);
        tcp4[32] = 0x40;
        assertRefused(tcp4, VirtioNetHeader.GSO_TCPV4, 50);
        tcp6[52] = (byte) 0xf0;
        tcp6 = Arrays.copyOf(tcp6, 40 + 60);
        Naive.put16(tcp6, 4, 60);
        assertRefused(tcp6, VirtioNetHeader.GSO_TCPV6, 50);
    }

    /** Behind a routing header the checksum covers the last destination, and the IP header has the next one. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void checksumsStartFromTheSumInTheField(boolean tcp, boolean leave) {
        byte[] packet = (tcp
                        ? PacketBuilder.ipv6().extension(Ip.V6_ROUTING, 24).tcp(1, 2)
                        : PacketBuilder.ipv6().udp(1, 2))
                .to("fd42:2::9")
                .payload(3000)
                .buildPartial();
        byte[] last = Arrays.copyOfRange(packet, Ip.V6_DESTINATION, Ip.V6_DESTINATION + 16);
        Arrays.fill(packet, Ip.V6_DESTINATION, Ip.V6_DESTINATION + 16, (byte) 0x77);
        Segmentation segmentation = new Segmentation();
        InnerPacket parsed = Merger.parse(packet);
        assertThat(segmentation.begin(parsed, tcp ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_UDP_L4, 1000))
                .isNull();
        if (leave) {
            segmentation.leaveChecksums();
        }
        for (int i = 0; i < 3; i++) {
            byte[] segment =
                    new byte[segmentation.headerBytes() + segmentation.payloadLength(i) + Segmentation.SLACK_BYTES];
            ByteBuffer out = ByteBuffer.wrap(segment).order(ByteOrder.nativeOrder());
            segmentation.writeHeader(i, out, 0);
            System.arraycopy(
                    packet,
                    segmentation.payloadOffset(i),
                    segment,
                    segmentation.headerBytes(),
                    segmentation.payloadLength(i));
            segment = Arrays.copyOf(segment, segmentation.headerBytes() + segmentation.payloadLength(i));
            System.arraycopy(last, 0, segment, Ip.V6_DESTINATION, 16);
            if (leave) {
                InnerPacket whole = Merger.parse(segment);
                assertThat(Segmentation.completeChecksum(
                                whole,
                                segmentation.checksumStart(),
                                segmentation.checksumField() - segmentation.checksumStart()))
                        .isNull();
            }
            assertThat(Naive.problems(segment)).isEmpty();
        }
    }

    @Test
    void aHeaderBeyondTheLimitIsRefused() {
        byte[] long6 = PacketBuilder.ipv6()
                .extension(Ip.V6_DESTINATION_OPTIONS, 2048)
                .tcp(1, 2)
                .payload(99)
                .build();
        assertRefused(long6, VirtioNetHeader.GSO_TCPV6, 50);
    }

    private static void assertRefused(byte[] packet, int gsoType, int gsoSize) {
        assertThat(new Segmentation().begin(Merger.parse(packet), gsoType, gsoSize))
                .isEqualTo(DropReason.IP_INHDR);
    }

    @Test
    void nothingIsLeftAfterClear() {
        Segmentation segmentation = new Segmentation();
        InnerPacket packet =
                Merger.parse(PacketBuilder.ipv4().tcp(1, 2).payload(99).build());
        assertThat(segmentation.begin(packet, VirtioNetHeader.GSO_TCPV4, 50)).isNull();
        assertThat(segmentation.segments()).isEqualTo(2);
        segmentation.clear();
        assertThat(segmentation.segments()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"true, 6, 99", "true, 17, 98", "false, 6, 0", "false, 17, 1", "true, 6, 1448"})
    void aPartialChecksumIsCompleted(boolean ipv4, int protocol, int payload) {
        PacketBuilder builder = PacketBuilder.ip(ipv4).payload(payload);
        builder = protocol == Ip.TCP ? builder.tcp(1, 2) : builder.udp(1, 2);
        byte[] packet = builder.buildPartial();
        assertThat(Segmentation.completeChecksum(Merger.parse(packet), ipv4 ? 20 : 40, protocol == Ip.TCP ? 16 : 6))
                .isNull();
        assertThat(packet).isEqualTo(builder.build());
    }

    /** The kernel may leave the checksum of a header behind another tunnel's header to us. */
    @Test
    void aCompletedChecksumIsNeverZeroNotEvenInATunnelInTheTunnel() {
        byte[] datagram = zeroChecksumPartial();
        byte[] packet = PacketBuilder.ipv4().transport(Ip.IPIP, datagram).build();
        assertThat(Segmentation.completeChecksum(Merger.parse(packet), 40, 6)).isNull();
        assertThat(Naive.u16(packet, 46)).isEqualTo(0xffff);
        assertThat(Segmentation.completeChecksum(Merger.parse(datagram), 20, 6)).isNull();
        assertThat(Naive.u16(datagram, 26)).isEqualTo(0xffff);
    }

    private static byte[] zeroChecksumPartial() {
        for (int value = 0; ; value++) {
            PacketBuilder builder = PacketBuilder.ipv4().payload((byte) (value >> 8), (byte) value);
            if (Naive.u16(builder.build(), 26) == 0xffff) {
                return builder.buildPartial();
            }
        }
    }

    @Test
    void aChecksumFieldOutsideThePacketIsRefused() {
        byte[] bytes = PacketBuilder.ipv4().payload(1).padding(20).build();
        InnerPacket packet = Merger.parse(bytes);
        assertThat(Segmentation.completeChecksum(packet, 20, 8)).isEqualTo(DropReason.IP_INHDR);
        assertThat(Segmentation.completeChecksum(packet, 65_535, 65_535)).isEqualTo(DropReason.IP_INHDR);
        assertThat(Segmentation.completeChecksum(packet, 20, 7)).isNull();
    }

    @Test
    void thePacketItselfIsNotTouched() {
        byte[] packet = PacketBuilder.ipv4().tcp(1, 2).payload(500).buildPartial();
        byte[] before = packet.clone();
        Segmentation segmentation = new Segmentation();
        segmentation.begin(Merger.parse(packet), VirtioNetHeader.GSO_TCPV4, 100);
        segmentation.writeHeader(1, ByteBuffer.allocate(64), 0);
        assertThat(packet).isEqualTo(before);
    }

    private static int tcpType(boolean ipv4) {
        return ipv4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
    }

    private static byte[] payloads(List<byte[]> segments) {
        return Naive.join(segments.stream().map(Naive::payload).toArray(byte[][]::new));
    }
}
