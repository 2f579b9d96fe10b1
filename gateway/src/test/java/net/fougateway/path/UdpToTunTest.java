package net.fougateway.path;

import static net.fougateway.codec.Direction.UDP_TO_TUN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.route.Peers;
import net.fougateway.route.SourceCheck;
import net.fougateway.tun.InMemoryTun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** From the network to the device, system calls apart. */
class UdpToTunTest extends PathCase {

    private static byte[] segment(int flow, int index, int payload) {
        return fromB().tcp(40_000 + flow, 443)
                .sequence(index * 1400)
                .payload(payload)
                .build();
    }

    private List<byte[]> written() {
        return path.tun().written().stream().map(InMemoryTun.Written::packet).toList();
    }

    @Test
    void packetsOfBothFamiliesAndPeersPassUnchanged() throws IOException {
        byte[] four = fromB().udp(1, 2).payload(100).build();
        byte[] six = PacketBuilder.ipv6()
                .from("fd00:3::1")
                .to("fd00:1::1")
                .tcp(1, 2)
                .payload(99)
                .build();
        path.udp().arrive(B, 0, 0, four);
        path.udp().arrive(C, 0, 0, six);

        path.udpToTun();

        assertThat(written()).containsExactly(four, six);
        assertThat(path.tun().written())
                .allSatisfy(packet -> assertThat(packet.virtioHeader()).containsOnly(0));
        assertForwarded(UDP_TO_TUN, PEER_B, 1, four.length);
        assertForwarded(UDP_TO_TUN, PEER_C, 1, six.length);
        assertThat(path.counters().peers().lastReceiveMillis(PEER_B.name())).isPositive();
    }

    @Test
    void joinedSegmentsOfTheNetworkBecomeOneSuperPacket() throws IOException {
        byte[][] segments = new byte[45][];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = segment(0, i, i < 44 ? 1400 : 77);
        }
        path.udp().arrive(B, 0, segments[0].length, Naive.join(segments));

        path.udpToTun();

        assertThat(path.tun().writes()).isEqualTo(1);
        InMemoryTun.Written run = path.tun().written().get(0);
        assertThat(VirtioNetHeader.needsChecksum(run.virtio(), 0)).isTrue();
        assertThat(VirtioNetHeader.gsoType(run.virtio(), 0)).isEqualTo(VirtioNetHeader.GSO_TCPV4);
        assertThat(VirtioNetHeader.gsoSize(run.virtio(), 0)).isEqualTo(1400);
        assertThat(run.virtio().getShort(2)).isEqualTo((short) 40);
        assertThat(VirtioNetHeader.checksumStart(run.virtio(), 0)).isEqualTo(20);
        assertThat(VirtioNetHeader.checksumOffset(run.virtio(), 0)).isEqualTo(16);
        assertThat(run.packet()).hasSize(40 + 44 * 1400 + 77);
        assertThat(Naive.u16(run.packet(), 2)).isEqualTo(run.packet().length);
        assertThat(Naive.payload(run.packet()))
                .isEqualTo(
                        Naive.join(Arrays.stream(segments).map(Naive::payload).toArray(byte[][]::new)));
        assertForwarded(UDP_TO_TUN, PEER_B, 45, bytes(segments));
        assertThat(path.counters().peers().joined(PEER_B.name())).isEqualTo(45);
    }

    @Test
    void flowsInTurnsBecomeOneSuperPacketEach() throws IOException {
        for (int i = 0; i < 160; i++) {
            path.udp().arrive(B, 0, 0, segment(i % 16, i / 16, 1400));
        }

        path.udpToTun();

        // Three visits: 64, 64 and 32 messages.
        assertThat(written()).hasSize(48);
        assertThat(written().get(0)).hasSize(40 + 4 * 1400);
        assertForwarded(UDP_TO_TUN, PEER_B, 160, 160 * 1440);
    }

    @Test
    void sizesMixAndOrderStays() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        for (int payload : new int[] {10, 1200, 1200, 500, 3, 1400}) {
            packets.add(fromB().udp(1, 2).payload(payload).build());
        }
        packets.forEach(packet -> path.udp().arrive(B, 0, 0, packet));

        path.udpToTun();

        assertThat(written().stream().map(packet -> packet.length))
                .containsExactly(38, 28 + 1200 + 1200 + 500, 31, 28 + 1400);
        assertForwarded(UDP_TO_TUN, PEER_B, 6, bytes(packets.toArray(byte[][]::new)));
    }

    @Test
    void samePortsOfTwoPeersStayApart() throws IOException {
        path = new InMemoryPath(List.of(PEER_B, PEER_C), SourceCheck.Mode.OFF, true);
        path.udp().arrive(B, 0, 0, segment(0, 0, 1400));
        path.udp().arrive(C, 0, 0, segment(0, 1, 1400));

        path.udpToTun();

        assertThat(written()).hasSize(2);
        assertForwarded(UDP_TO_TUN, PEER_B, 1, 1440);
        assertForwarded(UDP_TO_TUN, PEER_C, 1, 1440);
    }

    @Test
    void congestionMarkOfTheUnderlayIsHandedOn() throws IOException {
        path.udp().arrive(B, 3, 0, fromB().tos(2).payload(8).build());
        path.udp().arrive(C, 3, 0, PacketBuilder.ipv6().from("fd00:3::1").tos(1).build());

        path.udpToTun();

        assertThat(written().get(0)).isEqualTo(fromB().tos(3).payload(8).build());
        assertThat(written().get(1))
                .isEqualTo(PacketBuilder.ipv6().from("fd00:3::1").tos(3).build());
    }

    @Test
    void paddingIsCutOff() throws IOException {
        path.udp().arrive(B, 0, 0, fromB().payload(8).padding(5).build());

        path.udpToTun();

        assertThat(written()).containsExactly(fromB().payload(8).build());
        assertForwarded(UDP_TO_TUN, PEER_B, 1, 36);
    }

    static Stream<Arguments> bad() {
        byte[] good = fromB().payload(100).build();
        byte[] other = PacketBuilder.ipv6().from("fd00:2::1").build();
        return Stream.of(
                Arguments.of(DropReason.PKT_TOO_SMALL, 0, new byte[0]),
                Arguments.of(DropReason.PKT_TOO_SMALL, 0, Arrays.copyOf(good, 19)),
                Arguments.of(DropReason.DATAGRAM_TRUNCATED, 0, Arrays.copyOf(good, 65_537)),
                Arguments.of(DropReason.UNHANDLED_PROTO, 0, new byte[30]),
                Arguments.of(DropReason.UNHANDLED_PROTO, 0, other),
                Arguments.of(DropReason.IP_INHDR, 0, fromB().badIpChecksum().build()),
                Arguments.of(DropReason.HDR_TRUNC, 0, Arrays.copyOf(good, 100)),
                Arguments.of(
                        DropReason.SOURCE_NOT_ALLOWED,
                        0,
                        PacketBuilder.ipv4().from("10.3.0.1").build()),
                Arguments.of(DropReason.ECN_ILLEGAL, 3, good));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void badPacketIsDroppedAndItsNeighbourPasses(DropReason reason, int outerTos, byte[] bytes) throws IOException {
        byte[] good = fromB().udp(7, 7).payload(10).build();
        path.udp().arrive(B, outerTos, 0, bytes);
        path.udp().arrive(B, 0, 0, good);

        path.udpToTun(PortPayload.fou(InnerProtocol.IPV4));

        assertThat(written()).containsExactly(good);
        assertDropped(UDP_TO_TUN, reason, 1, Math.min(bytes.length, 65_536));
        assertForwarded(UDP_TO_TUN, PEER_B, 1, good.length);
    }

    @Test
    void strangerIsDropped() throws IOException {
        byte[] packet = fromB().payload(1000).build();
        path.udp().arrive(Peers.address("198.51.100.9"), 0, packet.length, Naive.join(packet, packet, packet));

        path.udpToTun();

        assertThat(path.tun().writes()).isZero();
        assertDropped(UDP_TO_TUN, DropReason.UNKNOWN_PEER, 3, 3L * packet.length);
    }

    @Test
    void deviceThatIsDownIsAskedOnceForABatch() throws IOException {
        path.tun().refuse(packet -> EIO);
        for (int flow = 0; flow < 10; flow++) {
            path.udp().arrive(B, 0, 0, segment(flow, 0, 100));
        }

        path.udpToTun();

        assertThat(path.tun().writes()).isEqualTo(1);
        assertDropped(UDP_TO_TUN, DropReason.TUN_NOT_READY, 10, 1400);
        assertThat(path.counters().writeErrors(EIO)).isEqualTo(10);
    }

    @Test
    void packetThatTheDeviceRefusesDiesAlone() throws IOException {
        path.tun().refuse(packet -> packet.packet().length == 140 ? EAGAIN : 0);
        path.udp().arrive(B, 0, 0, segment(0, 0, 100));
        path.udp().arrive(B, 0, 0, segment(1, 0, 200));

        path.udpToTun();

        assertThat(written()).containsExactly(segment(1, 0, 200));
        assertDropped(UDP_TO_TUN, DropReason.TUN_NOT_READY, 1, 140);
        assertThat(path.counters().writeErrors(EAGAIN)).isEqualTo(1);
    }
}
