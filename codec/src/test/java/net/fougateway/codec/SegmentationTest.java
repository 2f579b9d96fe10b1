package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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

    /** Packets whose checksum is not made of the addresses in their IP header. */
    static Stream<PacketBuilder> packetsOnTheirWay() {
        byte[] looseRoute = {(byte) 131, 7, 4, 10, 9, 9, 9, 0};
        byte[] strictRoute = {(byte) 137, 7, 4, 10, 9, 9, 9, 0};
        String last = "fd00:9::9";
        return Stream.of(
                PacketBuilder.ipv4().ipOptions(looseRoute).lastDestination("10.9.9.9"),
                PacketBuilder.ipv4().ipOptions(strictRoute).lastDestination("10.9.9.9"),
                PacketBuilder.ipv6().extension(Ip.V6_ROUTING, 40).lastDestination(last),
                PacketBuilder.ipv6().extension(Ip.V6_ROUTING, 8 + 30 * 16).lastDestination(last),
                PacketBuilder.ipv6().extension(Ip.V6_ROUTING, 2048).lastDestination(last),
                PacketBuilder.ipv6().extension(Ip.V6_DESTINATION_OPTIONS, 24).homeAddress(last),
                PacketBuilder.ipv6()
                        .extension(Ip.V6_ROUTING, 24)
                        .extension(Ip.V6_DESTINATION_OPTIONS, 24)
                        .homeAddress("fd00:8::8")
                        .lastDestination(last),
                PacketBuilder.ipv4().lastDestination("10.9.9.9"),
                PacketBuilder.ipv6().lastDestination(last));
    }

    @ParameterizedTest
    @MethodSource("packetsOnTheirWay")
    void checksumsOfSegmentsStartFromWhatTheKernelLeftInTheField(PacketBuilder builder) {
        for (boolean tcp : new boolean[] {true, false}) {
            builder = tcp ? builder.tcp(1, 2) : builder.udp(1, 2);
            byte[] payload = PacketBuilder.pattern(2501);
            byte[] packet = builder.id(9).sequence(5).payload(payload).buildPartial();
            int tcpType = tcpType(Naive.isIpv4(packet));
            List<byte[]> segments = Merger.split(packet, tcp ? tcpType : VirtioNetHeader.GSO_UDP_L4, 1000);
            for (int i = 0; i < 3; i++) {
                byte[] part = Arrays.copyOfRange(payload, i * 1000, Math.min((i + 1) * 1000, 2501));
                assertThat(segments.get(i))
                        .isEqualTo(builder.id(9 + i)
                                .sequence(5 + i * 1000)
                                .payload(part)
                                .build());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("packetsOnTheirWay")
    void whatIsLeftToTheReceiverIsTheSumOfTheSameAddresses(PacketBuilder builder) {
        byte[] packet = builder.tcp(1, 2).id(9).sequence(5).payload(2500).buildPartial();
        Segmentation segmentation = new Segmentation();
        assertThat(segmentation.begin(
                        Merger.parse(packet), Merger.virtio(packet, tcpType(Naive.isIpv4(packet)), 1000), 0))
                .isNull();
        segmentation.leaveChecksums(true);
        byte[] header = new byte[segmentation.headerBytes() + Cut.SLACK_BYTES];
        segmentation.writeHeader(2, ByteBuffer.wrap(header), 0);

        byte[] last = builder.id(11).sequence(2005).payload(new byte[500]).buildPartial();
        assertThat(Arrays.copyOf(header, segmentation.headerBytes()))
                .isEqualTo(Arrays.copyOf(last, segmentation.headerBytes()));
    }

    @ParameterizedTest
    @MethodSource("packetsOnTheirWay")
    void aSinglePacketIsCompletedLikewise(PacketBuilder builder) {
        byte[] packet = builder.tcp(1, 2).payload(1001).buildPartial();
        assertThat(Segmentation.completeChecksum(Merger.parse(packet), Naive.transportOffset(packet), 16))
                .isNull();
        assertThat(packet).isEqualTo(builder.build());
    }

    @Test
    void withoutAPartialSumThatOfTheIpHeaderIsTaken() {
        byte[] packet = PacketBuilder.ipv6().tcp(1, 2).payload(2500).build();
        ByteBuffer virtio = Merger.virtio(packet, VirtioNetHeader.GSO_TCPV6, 1000);
        virtio.put(0, (byte) 0);
        assertThat(Merger.split(packet, virtio))
                .hasSize(3)
                .allSatisfy(segment -> assertThat(Naive.problems(segment)).isEmpty());
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

    @Test
    void aHeaderBeyondTheLimitIsRefused() {
        byte[] long6 = PacketBuilder.ipv6()
                .extension(Ip.V6_DESTINATION_OPTIONS, 2048)
                .extension(Ip.V6_DESTINATION_OPTIONS, 2048)
                .tcp(1, 2)
                .payload(99)
                .build();
        assertRefused(long6, VirtioNetHeader.GSO_TCPV6, 50);
    }

    @ParameterizedTest
    @CsvSource({"40, 6", "20, 16", "40, 15", "60, 16", "0, 0"})
    void aChecksumElsewhereThanInTheTransportHeaderIsRefused(int start, int field) {
        byte[] packet = PacketBuilder.ipv6().udp(1, 2).payload(99).buildPartial();
        ByteBuffer virtio = ByteBuffer.allocate(VirtioNetHeader.BYTES);
        VirtioNetHeader.writeSuperPacket(virtio, 0, VirtioNetHeader.GSO_UDP_L4, 48, 50, start, field);
        boolean right = start == 40 && field == 6;
        assertThat(new Segmentation().begin(Merger.parse(packet), virtio, 0))
                .isEqualTo(right ? null : DropReason.IP_INHDR);
    }

    private static void assertRefused(byte[] packet, int gsoType, int gsoSize) {
        assertThat(new Segmentation().begin(Merger.parse(packet), Merger.virtio(packet, gsoType, gsoSize), 0))
                .isEqualTo(DropReason.IP_INHDR);
    }

    @Test
    void nothingIsLeftOfTheSuperPacketBefore() {
        Segmentation segmentation = new Segmentation();
        for (int payloadBytes : new int[] {99, 50}) {
            byte[] bytes = PacketBuilder.ipv4().tcp(1, 2).payload(payloadBytes).build();
            ByteBuffer virtio = Merger.virtio(bytes, VirtioNetHeader.GSO_TCPV4, 50);
            assertThat(segmentation.begin(Merger.parse(bytes), virtio, 0)).isNull();
            assertThat(segmentation.pieces()).isEqualTo(payloadBytes == 99 ? 2 : 1);
        }
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
        segmentation.begin(Merger.parse(packet), Merger.virtio(packet, VirtioNetHeader.GSO_TCPV4, 100), 0);
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
