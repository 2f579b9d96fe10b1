package net.fougateway.path;

import static net.fougateway.codec.Direction.TUN_TO_UDP;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.route.Peers;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** From the device to the network, system calls apart. */
class TunToUdpTest extends PathCase {

    /** As many bytes in a datagram as the path to B takes. */
    private static final int MTU = 1472;

    private static final int MSS = MTU - 40;

    private static PacketBuilder tcpToB() {
        return PacketBuilder.ipv4().tcp(40_000, 443);
    }

    private void deliverSuperPacket(int segments) {
        byte[] packet = tcpToB().payload(segments * MSS).buildPartial();
        path.tun().deliver(packet, VirtioNetHeader.GSO_TCPV4, MSS, 20, 16);
    }

    private List<byte[]> datagrams() {
        return path.udp().sent().stream()
                .flatMap(message -> message.datagrams().stream())
                .toList();
    }

    private void deliver(byte[]... packets) {
        for (byte[] packet : packets) {
            path.tun().deliver(packet);
        }
    }

    @Test
    void packetsOfBothFamiliesGoToTheirPeers() throws IOException {
        path = path(OLD_FASHIONED_B, PEER_C);
        byte[] four = PacketBuilder.ipv4().ttl(7).payload(10).build();
        byte[] six = PacketBuilder.ipv6().ttl(9).payload(11).build();
        byte[] toC = PacketBuilder.ipv4().to("10.3.9.9").tos(0xb8).payload(12).build();
        deliver(four, six, toC);

        path.tunToUdp();

        assertThat(path.udp().sent())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("socket")
                .containsExactlyInAnyOrder(
                        new InMemoryUdp.Sent(0, B, 5555, 0, 0x20, 7, four),
                        new InMemoryUdp.Sent(0, B, 5556, 0, 0x20, 9, six),
                        new InMemoryUdp.Sent(0, C, 5555, 0, 0xb8, 0, toC));
        assertForwarded(TUN_TO_UDP, PEER_B, 2, bytes(four, six));
        assertForwarded(TUN_TO_UDP, PEER_C, 1, toC.length);
    }

    @Test
    void superPacketBecomesTheFewestMessages() throws IOException {
        deliverSuperPacket(45);

        path.tunToUdp();

        assertThat(path.udp().sent().stream().map(message -> message.bytes().length))
                .containsExactly(44 * MTU, MTU)
                .allMatch(bytes -> bytes <= 65_507);
        assertThat(path.udp().sent().stream().map(InMemoryUdp.Sent::segmentBytes))
                .containsExactly(MTU, 0);
        assertThat(path.udp().calls()).isEqualTo(1);
        assertThat(datagrams())
                .hasSize(45)
                .allSatisfy(packet -> assertThat(Naive.problems(packet)).isEmpty());
        assertThat(Naive.join(datagrams().stream().map(Naive::payload).toArray(byte[][]::new)))
                .isEqualTo(PacketBuilder.pattern(45 * MSS));
        assertForwarded(TUN_TO_UDP, PEER_B, 45, 45L * MTU);
    }

    @Test
    void equalPacketsOfAFlowBecomeOneMessage() throws IOException {
        for (int i = 0; i < 64; i++) {
            path.tun().deliver(tcpToB().sequence(i).payload(100).buildPartial(), VirtioNetHeader.GSO_NONE, 0, 20, 16);
        }

        path.tunToUdp();

        assertThat(path.udp().sent()).hasSize(1);
        assertThat(path.udp().sent().get(0).segmentBytes()).isEqualTo(140);
        assertThat(datagrams())
                .hasSize(64)
                .allSatisfy(packet -> assertThat(Naive.problems(packet)).isEmpty());
    }

    @Test
    void sizesMixAndOrderStays() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        for (int payload : new int[] {100, 100, 50, 100, 200, 200, 200}) {
            packets.add(tcpToB().sequence(packets.size()).payload(payload).build());
        }
        deliver(packets.toArray(byte[][]::new));

        path.tunToUdp();

        assertThat(datagrams()).containsExactlyElementsOf(packets);
        assertThat(path.udp().sent().stream().map(message -> message.bytes().length))
                .containsExactly(140 + 140 + 90, 140, 3 * 240);
    }

    @Test
    void flowsLeaveFromTheirOwnPorts() throws IOException {
        for (int i = 0; i < 48; i++) {
            deliver(PacketBuilder.ipv4()
                    .tcp(40_000 + i % 16, 443)
                    .sequence(i)
                    .payload(100)
                    .build());
        }

        path.tunToUdp();

        assertThat(path.udp().sent().stream()
                        .map(InMemoryUdp.Sent::socket)
                        .distinct()
                        .count())
                .isBetween(12L, 16L);
        assertForwarded(TUN_TO_UDP, PEER_B, 48, 48 * 140);
    }

    @Test
    void withoutChecksumEveryDatagramIsAMessage() throws IOException {
        path = path(OLD_FASHIONED_B);
        deliverSuperPacket(10);

        path.tunToUdp();

        assertThat(path.udp().sent()).hasSize(10).allMatch(message -> message.segmentBytes() == 0);
    }

    @Test
    void manySuperPacketsPassInOneGo() throws IOException {
        for (int i = 0; i < 100; i++) {
            deliverSuperPacket(40);
        }

        path.tunToUdp();

        assertThat(datagrams()).hasSize(4000);
        assertForwarded(TUN_TO_UDP, PEER_B, 4000, 4000L * MTU);
    }

    static Stream<Arguments> bad() {
        byte[] good = tcpToB().payload(100).build();
        return Stream.of(
                Arguments.of(DropReason.PKT_TOO_SMALL, new byte[0]),
                Arguments.of(DropReason.PKT_TOO_SMALL, Arrays.copyOf(good, 19)),
                Arguments.of(DropReason.UNHANDLED_PROTO, new byte[30]),
                Arguments.of(DropReason.IP_INHDR, Naive.join(new byte[] {0x44}, Arrays.copyOfRange(good, 1, 140))),
                Arguments.of(DropReason.HDR_TRUNC, Arrays.copyOf(good, 100)),
                Arguments.of(
                        DropReason.NO_ROUTE, PacketBuilder.ipv4().to("10.9.0.1").build()),
                Arguments.of(DropReason.PKT_TOO_BIG, tcpToB().payload(MSS + 1).build()),
                Arguments.of(
                        DropReason.ROUTING_LOOP,
                        PacketBuilder.ipv4().to("192.0.2.2").udp(1, 5555).build()));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void badPacketIsDroppedAndItsNeighbourPasses(DropReason reason, byte[] packet) throws IOException {
        if (reason == DropReason.ROUTING_LOOP) {
            path = path(Peers.peer(0, "192.0.2.2", "10.2.0.0/16", "192.0.2.0/24"));
        }
        byte[] good = tcpToB().payload(10).build();
        deliver(packet, good);

        path.tunToUdp();

        assertThat(datagrams()).containsExactly(good);
        assertDropped(TUN_TO_UDP, reason, 1, packet.length);
        assertForwarded(TUN_TO_UDP, PEER_B, 1, good.length);
    }

    @Test
    void superPacketThatContradictsItsVirtioHeaderIsDropped() throws IOException {
        byte[] packet = tcpToB().payload(5000).buildPartial();
        path.tun().deliver(packet, VirtioNetHeader.GSO_UDP_L4, 1000, 20, 6);

        path.tunToUdp();

        assertDropped(TUN_TO_UDP, DropReason.IP_INHDR, 1, packet.length);
    }

    @Test
    void superPacketWithoutRouteCountsItsSegments() throws IOException {
        byte[] packet =
                PacketBuilder.ipv4().to("10.9.0.1").tcp(1, 2).payload(5000).buildPartial();
        path.tun().deliver(packet, VirtioNetHeader.GSO_TCPV4, 1000, 20, 16);

        path.tunToUdp();

        assertDropped(TUN_TO_UDP, DropReason.NO_ROUTE, 5, 5000 + 5 * 40);
    }

    @Test
    void whoSendsWhereNoPeerIsLearnsItByIcmp() throws IOException {
        deliver(
                PacketBuilder.ipv4().to("10.9.0.1").build(),
                PacketBuilder.ipv6().to("fd00:9::1").build(),
                PacketBuilder.ipv6().to("ff02::2").build());

        path.tunToUdp();

        assertThat(path.counters().icmpErrorsSent(IcmpError.Kind.UNREACHABLE)).isEqualTo(2);
        assertThat(path.tun().written()).hasSize(2);
    }

    @Test
    void kernelThatRefusesSegmentationGetsDatagramsOneByOne() throws IOException {
        path.udp().refuse(message -> message.segmentBytes() > 0 ? EIO : 0);
        deliverSuperPacket(45);
        deliverSuperPacket(3);

        path.tunToUdp();

        assertThat(datagrams())
                .hasSize(48)
                .allSatisfy(packet -> assertThat(Naive.problems(packet)).isEmpty());
        assertThat(Naive.join(datagrams().stream().map(Naive::payload).toArray(byte[][]::new)))
                .isEqualTo(Naive.join(PacketBuilder.pattern(45 * MSS), PacketBuilder.pattern(3 * MSS)));
        assertForwarded(TUN_TO_UDP, PEER_B, 48, 48L * MTU);
        int calls = path.udp().calls();
        deliverSuperPacket(3);
        path.tunToUdp();
        assertThat(path.udp().calls()).as("asked for segments no more").isEqualTo(calls + 1);
    }

    @Test
    void peerTowardsWhichTheKernelRefusesSegmentsIsNoneOfTheOthers() throws IOException {
        path.udp().refuse(message -> message.segmentBytes() > 0 && message.to().equals(B) ? EIO : 0);
        deliverSuperPacket(3);
        path.tun()
                .deliver(
                        PacketBuilder.ipv4()
                                .to("10.3.0.9")
                                .tcp(1, 2)
                                .payload(3 * 1000)
                                .buildPartial(),
                        VirtioNetHeader.GSO_TCPV4,
                        1000,
                        20,
                        16);

        path.tunToUdp();

        assertThat(path.gso().isActive()).isTrue();
        assertThat(path.udp().sent())
                .filteredOn(sent -> sent.to().equals(C))
                .singleElement()
                .satisfies(sent -> assertThat(sent.segmentBytes()).isPositive());
    }

    @Test
    void refusedMessageOfSeveralIsTriedOneByOneAndEachIsJudgedAlone() throws IOException {
        path.udp().refuse(message -> message.bytes().length > 1000 ? EMSGSIZE : 0);
        deliverSuperPacket(3);
        deliver(PacketBuilder.ipv4().to("10.2.0.9").udp(5, 6).payload(100).build());

        path.tunToUdp();

        assertDropped(TUN_TO_UDP, DropReason.PKT_TOO_BIG, 3, 3L * MTU);
        assertThat(path.forwarded(TUN_TO_UDP).packets()).isEqualTo(1);
        path.udp().refuse(message -> 0);
        deliverSuperPacket(3);
        path.tunToUdp();
        assertThat(path.udp().sent().get(path.udp().sent().size() - 1).segmentBytes())
                .as("still asks for segments")
                .isEqualTo(MTU);
    }

    @Test
    void errorThatIsNotOfTheSegmentationLeavesItOn() throws IOException {
        path.udp().refuse(message -> EIO);
        deliverSuperPacket(3);

        path.tunToUdp();

        assertThat(path.gso().isActive()).isTrue();
        assertDropped(TUN_TO_UDP, DropReason.SEND_FAILED, 3, 3L * MTU);
        assertThat(path.counters().sendErrors(EIO)).isEqualTo(3);
    }

    @Test
    void whatTheKernelDidNotTakeIsSentAgain() throws IOException {
        path.udp().takeAtMost(2);
        List<byte[]> packets = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            packets.add(tcpToB().payload(i * 10).build());
        }
        deliver(packets.toArray(byte[][]::new));

        path.tunToUdp();

        assertThat(datagrams()).containsExactlyElementsOf(packets);
        assertThat(path.udp().calls()).isEqualTo(4);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(EAGAIN, DropReason.SOCKET_SNDBUF),
                Arguments.of(EMSGSIZE, DropReason.PKT_TOO_BIG),
                Arguments.of(ENETUNREACH, DropReason.SEND_FAILED));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusedMessageDiesAlone(int errno, DropReason reason) throws IOException {
        path.udp().refuse(message -> message.bytes().length == 60 ? errno : 0);
        byte[][] packets = new byte[5][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = tcpToB().payload(10 * i).build();
        }
        deliver(packets);

        path.tunToUdp();

        assertThat(datagrams()).containsExactly(packets[0], packets[1], packets[3], packets[4]);
        assertDropped(TUN_TO_UDP, reason, 1, 60);
        assertThat(path.counters().sendErrors(errno)).isEqualTo(1);
    }
}
