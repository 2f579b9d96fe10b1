package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Frames;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.Vxlan;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.route.SourceCheck;
import net.fougateway.udp.InMemoryUdp.Sent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where frames go, and which of those that come are delivered. */
class FramesPathTest extends FramesCase {

    @Test
    void whereAFrameCameFromFramesGoTo() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        arrive(d, udp(HERE, AT_C, 30));
        byte[] toB = udp(AT_B, HERE, 40);
        byte[] toD = udp(AT_C, HERE, 50);

        send(toB);
        send(toD);

        assertDelivered(udp(HERE, AT_B, 30), udp(HERE, AT_C, 30));
        assertThat(sent()).extracting(Sent::to).containsExactly(b.remote(), d.remote());
        assertThat(sent().get(0).bytes()).isEqualTo(Naive.join(VXLAN, toB));
        assertThat(sent().get(1).bytes()).isEqualTo(Naive.join(GRETAP, toD));
        assertForwarded(Direction.TUN_TO_UDP, b, 1, toB.length);
        assertForwarded(Direction.UDP_TO_TUN, d, 1, 72);
    }

    @Test
    void sourcePortIsThatOfTheInnerFlow() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        for (int flow = 0; flow < 100; flow++) {
            byte[] packet = PacketBuilder.ipv4().udp(flow, 53).payload(10).build();
            send(Frames.ip(AT_B, HERE, packet));
            send(Frames.ip(AT_B, HERE, packet));
        }
        List<Integer> sockets = sent().stream().map(Sent::socket).toList();
        assertThat(sockets.stream().distinct().count()).isGreaterThan(80);
        for (int i = 0; i < sockets.size(); i += 2) {
            assertThat(sockets.get(i)).isEqualTo(sockets.get(i + 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Frames.ALL, "01:00:5e:00:00:01", "33:33:00:00:00:01", NOBODY})
    void whatIsForAllGoesToEachPeerOnce(String destination) throws Exception {
        byte[] frame = Frames.tagged(
                destination, HERE, "81000007", PacketBuilder.ipv4().udp(1, 2).build());

        send(frame);

        assertThat(sent()).extracting(Sent::to).containsExactly(b.remote(), c.remote(), d.remote());
        assertThat(sent()).allSatisfy(copy -> assertThat(frameOf(copy)).isEqualTo(frame));
        assertThat(path.counters().received(Direction.TUN_TO_UDP).packets()).isEqualTo(3);
    }

    @Test
    void arpIsCarried() throws Exception {
        byte[] request = Frames.padded(Frames.arpRequest(AT_B, "0a2a0001"));
        arrive(b, request);
        byte[] answer = Frames.other(AT_B, HERE, "0806", PacketBuilder.pattern(28));
        send(answer);
        assertDelivered(request);
        assertThat(sent()).hasSize(1);
        assertThat(frameOf(sent().get(0))).isEqualTo(answer);
    }

    @Test
    void framesFromAPeerGoToTheDeviceOnly() throws Exception {
        arrive(b, udp(Frames.ALL, AT_B, 30));
        arrive(b, udp(AT_C, AT_B, 30));
        assertThat(sent()).isEmpty();
        assertThat(path.tun().written()).hasSize(2);
    }

    @Test
    void peerThatShallGetNoFloodGetsNone() throws Exception {
        path = path(b, Peers.ofFrames(1, "192.0.2.3", new Vxlan(42), frames(List.of(), false)));
        send(udp(Frames.ALL, HERE, 30));
        assertThat(sent()).extracting(Sent::to).containsExactly(b.remote());
    }

    @Test
    void withNobodyToFloodThereIsNoRoute() throws Exception {
        path = path(Peers.ofFrames(0, "192.0.2.2", new Vxlan(42), frames(List.of(), false)));
        byte[] frame = udp(NOBODY, HERE, 30);
        send(frame);
        assertDropped(Direction.TUN_TO_UDP, DropReason.NO_ROUTE, 1, frame.length);
    }

    @Test
    void floodsOfEachCauseHaveALimitOfTheirOwn() throws Exception {
        for (int i = 0; i < InMemoryPath.FLOOD + 5; i++) {
            send(udp(NOBODY, HERE, 30));
        }
        send(udp(Frames.ALL, HERE, 30));
        assertThat(sent()).hasSize(3 * (InMemoryPath.FLOOD + 1));
        assertDropped(Direction.TUN_TO_UDP, DropReason.FLOOD_LIMIT, 5, 5 * 72);
        path.pass(Duration.ofMillis(200));
        send(udp(NOBODY, HERE, 30));
        assertThat(sent()).hasSize(3 * (InMemoryPath.FLOOD + 2));
    }

    @Test
    void whoMovesIsFoundWithItsFirstFrame() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        arrive(c, udp(HERE, AT_B, 30));
        send(udp(AT_B, HERE, 30));
        assertThat(sent()).extracting(Sent::to).containsExactly(c.remote());
        assertThat(path.macs().moves()).isEqualTo(1);
    }

    @Test
    void whoIsSilentIsForgotten() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        path.pass(Duration.ofSeconds(InMemoryPath.AGE_SECONDS + 1));
        send(udp(AT_B, HERE, 30));
        assertThat(sent()).hasSize(3);
    }

    @Test
    void vlansAreLearnedApart() throws Exception {
        byte[] packet = PacketBuilder.ipv4().udp(1, 2).build();
        arrive(b, Frames.tagged(HERE, AT_B, "81000007", packet));
        send(Frames.tagged(AT_B, HERE, "81000007", packet));
        assertThat(sent()).hasSize(1);
        send(Frames.ip(AT_B, HERE, packet));
        assertThat(sent()).hasSize(4);
    }

    @Test
    void macsOfAPeerAreThereAndNowhereElse() throws Exception {
        path = path(Peers.ofFrames(0, "192.0.2.2", new Vxlan(42), frames(List.of(mac(AT_B)), true)), c);

        send(udp(AT_B, HERE, 30));
        arrive(b, udp(HERE, AT_B, 30));
        arrive(b, udp(HERE, NOBODY, 30));
        arrive(c, udp(HERE, AT_B, 30));
        arrive(c, udp(HERE, AT_C, 30));

        assertThat(sent()).extracting(Sent::to).containsExactly(b.remote());
        assertDropped(Direction.UDP_TO_TUN, DropReason.MAC_NOT_ALLOWED, 1, 72);
        assertDropped(Direction.UDP_TO_TUN, DropReason.MAC_STATIC_MOVED, 1, 72);
        assertThat(path.tun().written()).hasSize(2);
    }

    @Test
    void withoutStrictCheckAPeerMayHaveOtherMacsToo() throws Exception {
        Peer fixed = Peers.ofFrames(0, "192.0.2.2", new Vxlan(42), frames(List.of(mac(AT_B)), true), "10.2.0.0/16");
        path = new InMemoryPath(List.of(fixed), SourceCheck.Mode.OFF, true);
        arrive(b, udp(HERE, NOBODY, 30));
        assertThat(path.tun().written()).hasSize(1);
    }

    @Test
    void innerAddressesAreCheckedWhereAPeerHasSome() throws Exception {
        path = path(Peers.ofFrames(0, "192.0.2.2", new Vxlan(42), PLAIN, "10.2.0.0/16", "fd00:2::/64"), c);
        byte[] good = Frames.ip(HERE, AT_B, fromB().udp(1, 2).build());
        byte[] arp = Frames.arpRequest(AT_B, "0a020002");
        byte[] probe = Frames.arpRequest(AT_B, "00000000");
        byte[] linkLocal = Frames.ip(
                HERE, AT_B, PacketBuilder.ipv6().from("fe80::1").udp(1, 2).build());
        byte[] other = Frames.other(HERE, AT_B, "88cc", new byte[50]);

        for (byte[] frame : List.of(good, arp, probe, linkLocal, other)) {
            arrive(b, frame);
        }
        arrive(b, Frames.ip(HERE, AT_B, PacketBuilder.ipv4().from("10.9.0.1").build()));
        arrive(b, Frames.ip(HERE, AT_B, PacketBuilder.ipv6().from("fd00:9::1").build()));
        arrive(b, Frames.arpRequest(AT_B, "0a090001"));
        arrive(b, Frames.other(Frames.ALL, AT_B, "0806", new byte[20]));
        arrive(c, Frames.ip(HERE, AT_C, PacketBuilder.ipv4().from("10.9.0.1").build()));

        assertThat(path.tun().written()).hasSize(6);
        assertThat(path.counters()
                        .dropped(Direction.UDP_TO_TUN, DropReason.SOURCE_NOT_ALLOWED)
                        .packets())
                .isEqualTo(4);
    }

    @Test
    void whatComesBackInALoopIsDroppedAndNoticed() throws Exception {
        byte[] broadcast = udp(Frames.ALL, HERE, 30);
        send(broadcast);
        arrive(b, broadcast);
        assertDropped(Direction.UDP_TO_TUN, DropReason.MAC_LOOP, 1, 72);
        assertThat(path.macs().loopingPeer(5000)).isEqualTo("peer0");

        path.pass(Duration.ofMillis(1100));
        arrive(b, broadcast);
        send(udp(HERE, AT_C, 30));

        assertThat(path.tun().written()).hasSize(1);
        assertThat(sent().get(sent().size() - 1).to()).isEqualTo(b.remote());
    }

    @Test
    void otherNetworksAndInvalidSourcesAreDropped() throws Exception {
        byte[] frame = udp(HERE, AT_B, 30);
        path.udp().arrive(b.remote(), 0, 0, Naive.join(Frames.bytes("0800000000002b00"), frame));
        path.udpToTun(PortPayload.VXLAN);
        assertDropped(Direction.UDP_TO_TUN, DropReason.VNI_UNKNOWN, 1, 72);
        path.udp().arrive(d.remote(), 0, 0, Naive.join(VXLAN, frame));
        path.udpToTun(PortPayload.VXLAN);
        assertDropped(Direction.UDP_TO_TUN, DropReason.VNI_UNKNOWN, 2, 144);
        path.udp().arrive(d.remote(), 0, 0, Naive.join(Frames.bytes("2000655800000008"), frame));
        path.udpToTun(PortPayload.FOU);
        assertDropped(Direction.UDP_TO_TUN, DropReason.GRE_KEY_MISMATCH, 1, 72);
        arrive(b, udp(HERE, "01:00:5e:00:00:01", 30));
        arrive(b, udp(HERE, "00:00:00:00:00:00", 30));
        assertDropped(Direction.UDP_TO_TUN, DropReason.MAC_SOURCE_INVALID, 2, 144);
        send(udp(AT_B, "01:00:5e:00:00:01", 30));
        assertDropped(Direction.TUN_TO_UDP, DropReason.MAC_SOURCE_INVALID, 1, 72);
        assertThat(path.tun().written()).isEmpty();
    }

    /** More addresses than there is room for: those that are known stay. */
    @Test
    void tableIsBoundedAndKeepsWhatItKnows() throws Exception {
        arrive(b, udp(HERE, AT_B, 30));
        for (int i = 0; i < 10_000; i++) {
            arrive(c, udp(HERE, "02:00:00:01:%02x:%02x".formatted(i >> 8, i & 0xff), 30));
        }
        assertThat(path.macs().list()).hasSizeBetween(InMemoryPath.MAC_ENTRIES / 2, InMemoryPath.MAC_ENTRIES);
        assertThat(path.macs().refused()).isGreaterThan(9000);
        send(udp(AT_B, HERE, 30));
        assertThat(sent()).extracting(Sent::to).containsExactly(b.remote());
    }
}
