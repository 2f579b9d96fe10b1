package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Frames;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.VirtioNetHeader;
import org.junit.jupiter.api.Test;

/** What is done with the IP packets in frames: as without Ethernet, behind its header. */
class PacketsInFramesTest extends FramesCase {

    @Test
    void superFrameIsCutWithItsEthernetHeader() throws Exception {
        arrive(b, Frames.tagged(HERE, AT_B, "81000007", fromB().build()));
        PacketBuilder tcp = PacketBuilder.ipv4().tcp(1, 2).flags(0x10);
        byte[] superFrame =
                Frames.tagged(AT_B, HERE, "81000007", tcp.payload(3000).buildPartial());
        path.tun().deliver(superFrame, VirtioNetHeader.GSO_TCPV4, 1000, 38, 16);
        path.tunToUdp();
        assertThat(sent().stream().flatMap(message -> message.datagrams().stream()))
                .hasSize(3)
                .allSatisfy(datagram -> assertThat(datagram).hasSize(8 + 18 + 40 + 1000))
                .allSatisfy(datagram -> assertThat(Naive.problems(Arrays.copyOfRange(datagram, 26, datagram.length)))
                        .isEmpty());
        assertForwarded(Direction.TUN_TO_UDP, b, 3, 3 * (18 + 40 + 1000));
    }

    @Test
    void superFrameForAllIsCutForEachPeer() throws Exception {
        byte[] superFrame = Frames.ip(
                NOBODY, HERE, PacketBuilder.ipv6().udp(1, 2).payload(2500).buildPartial());
        path.tun().deliver(superFrame, VirtioNetHeader.GSO_UDP_L4, 1000, 54, 6);
        path.tunToUdp();
        assertThat(sent().stream().flatMap(message -> message.datagrams().stream()))
                .hasSize(9)
                .allSatisfy(datagram -> assertThat(Naive.problems(Arrays.copyOfRange(datagram, 22, datagram.length)))
                        .isEmpty());
    }

    @Test
    void checksumThatTheKernelLeftIsFinishedOnceForAll() throws Exception {
        byte[] packet = PacketBuilder.ipv4().udp(1, 2).payload(100).build();
        byte[] partial = PacketBuilder.ipv4().udp(1, 2).payload(100).buildPartial();
        path.tun().deliver(Frames.ip(Frames.ALL, HERE, partial), VirtioNetHeader.GSO_NONE, 0, 34, 6);
        path.tunToUdp();
        assertThat(sent())
                .hasSize(3)
                .allSatisfy(copy -> assertThat(frameOf(copy)).isEqualTo(Frames.ip(Frames.ALL, HERE, packet)));
    }

    @Test
    void segmentsAreJoinedBehindTheirEthernetHeader() throws Exception {
        byte[] first = tcpSegment(0);
        byte[] second = tcpSegment(1);
        byte[] datagrams = Naive.join(
                Naive.join(VXLAN, Frames.ip(HERE, AT_B, first)), Naive.join(VXLAN, Frames.ip(HERE, AT_B, second)));
        path.udp().arrive(b.remote(), 0, datagrams.length / 2, datagrams);
        path.udpToTun(PortPayload.VXLAN);

        assertThat(path.tun().written()).hasSize(1);
        byte[] written = path.tun().written().get(0).packet();
        assertThat(written).hasSize(14 + 40 + 2000).startsWith(Frames.bytes(HERE + AT_B + "0800"));
        assertForwarded(Direction.UDP_TO_TUN, b, 2, 2 * (14 + 40 + 1000));
    }

    private static byte[] tcpSegment(int number) {
        return PacketBuilder.ipv4()
                .tcp(1, 2)
                .flags(0x10)
                .sequence(1000 * number)
                .payload(1000)
                .build();
    }

    @Test
    void whoSendsTooLargePacketsIsToldByTheOneItSentTo() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        arrive(b, Frames.tagged(HERE, AT_B, "81000007", fromB().build()));
        path.tun().written().clear();
        byte[] packet = PacketBuilder.ipv4()
                .from("10.1.0.1")
                .dontFragment(true)
                .udp(1, 2)
                .payload(1500 - 28)
                .build();

        send(Frames.tagged(AT_B, HERE, "81000007", packet));
        path.tun().deliver(Frames.ip(AT_B, HERE, packet));
        path.tunToUdp();

        byte[] tagged = path.tun().written().get(0).packet();
        assertThat(tagged).startsWith(Frames.bytes(HERE + AT_B + "81000007" + "0800"));
        assertThat(Naive.u16(tagged, 18 + 20 + 6)).isEqualTo(1500 - OVERHEAD_BYTES - 18);
        byte[] answer = path.tun().written().get(1).packet();
        assertThat(answer).startsWith(Frames.bytes(HERE + AT_B + "0800"));
        assertThat(Naive.problemsOfIcmp(Arrays.copyOfRange(answer, 14, answer.length)))
                .isEmpty();
        assertThat(Naive.u16(answer, 14 + 20 + 6)).isEqualTo(1500 - OVERHEAD_BYTES - 14);
    }

    @Test
    void packetThatMayBeFragmentedIsSo() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        byte[] packet =
                PacketBuilder.ipv4().dontFragment(false).udp(1, 2).payload(1472).build();
        send(Frames.ip(AT_B, HERE, packet));
        assertThat(sent().stream().flatMap(message -> message.datagrams().stream()))
                .hasSize(2)
                .allSatisfy(datagram -> assertThat(datagram.length).isLessThanOrEqualTo(1500 - 28));
    }

    @Test
    void connectionsGetASegmentSizeThatFits() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        byte[] syn = PacketBuilder.ipv4()
                .tcp(1, 2)
                .flags(2)
                .tcpOptions(new byte[] {2, 4, 5, (byte) 0xb4})
                .build();
        send(Frames.ip(AT_B, HERE, syn));
        send(Frames.tagged(AT_C, HERE, "81000007", syn));
        arrive(b, Frames.ip(HERE, AT_B, syn));
        byte[] untagged = frameOf(sent().get(0));
        assertThat(Naive.u16(untagged, 14 + 20 + 22)).isEqualTo(1450 - 40);
        assertThat(Naive.problems(Arrays.copyOfRange(untagged, 14, untagged.length)))
                .isEmpty();
        assertThat(Naive.u16(frameOf(sent().get(1)), 18 + 20 + 22)).isLessThanOrEqualTo(1446 - 40);
        byte[] delivered = path.tun().written().get(1).packet();
        assertThat(Naive.u16(delivered, 14 + 20 + 22)).isEqualTo(1450 - 40);
    }

    @Test
    void congestionMarksReachIpAndSpareTheRest() throws Exception {
        byte[] ecnCapable =
                Frames.ip(HERE, AT_B, PacketBuilder.ipv4().tos(2).udp(1, 2).build());
        byte[] arp = Frames.arpRequest(AT_B, "0a2a0001");
        for (byte[] frame : List.of(ecnCapable, arp, udp(HERE, AT_B, 30))) {
            path.udp().arrive(b.remote(), 3, 0, Naive.join(VXLAN, frame));
        }
        path.udpToTun(PortPayload.VXLAN);
        assertThat(path.tun().written()).hasSize(2);
        assertThat(path.tun().written().get(0).packet()[15]).isEqualTo((byte) 3);
        assertDropped(Direction.UDP_TO_TUN, DropReason.ECN_ILLEGAL, 1, 72);
    }
}
