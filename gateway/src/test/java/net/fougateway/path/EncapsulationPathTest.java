package net.fougateway.path;

import static net.fougateway.codec.Direction.TUN_TO_UDP;
import static net.fougateway.codec.Direction.UDP_TO_TUN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Format;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Gue;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.tun.InMemoryTun;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every encapsulation, through both directions of the path. */
class EncapsulationPathTest extends PathCase {

    private static final int SEGMENT_BYTES = 1300;
    private static final int SEGMENTS = 30;

    static Stream<Arguments> encapsulations() {
        List<Arguments> all = new ArrayList<>();
        for (boolean ipv4 : new boolean[] {true, false}) {
            for (Gre gre : new Gre[] {null, Gre.PLAIN, new Gre(true, 42, false, false), new Gre(true, 7, true, true)}) {
                for (boolean gue : new boolean[] {true, false}) {
                    all.add(Arguments.of(Encapsulation.of(gue ? Format.GUE : Format.FOU, false, gre), ipv4));
                }
                all.add(Arguments.of(new Gue(true, gre), ipv4));
            }
        }
        return all.stream();
    }

    private static Peer peerWith(Encapsulation encapsulation) {
        Gre gre = encapsulation.greHeader().orElse(Gre.PLAIN);
        return Peers.peer(0, "192.0.2.2", encapsulation, gre, PEER_B.allowedIps());
    }

    private static PacketBuilder toB(boolean ipv4) {
        return PacketBuilder.ip(ipv4).to(ipv4 ? "10.2.0.9" : "fd00:2::9");
    }

    private static List<byte[]> decapsulated(InMemoryUdp.Sent message, Encapsulation encapsulation) {
        List<byte[]> packets = new ArrayList<>();
        for (byte[] datagram : message.datagrams()) {
            ByteBuffer buffer = ByteBuffer.wrap(datagram);
            InnerPacket inner = new InnerPacket();
            PortPayload port = new PortPayload(encapsulation.format(), InnerProtocol.AUTO);
            assertThat(new Decapsulator().decapsulate(buffer, 0, datagram.length, port, inner))
                    .isNull();
            byte[] packet = new byte[inner.length()];
            buffer.get(inner.offset(), packet);
            packets.add(packet);
        }
        return packets;
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void superPacketAndUnfinishedPacketLeaveWhole(Encapsulation encapsulation, boolean ipv4) throws IOException {
        path = path(peerWith(encapsulation));
        int start = ipv4 ? 20 : 40;
        byte[] big = toB(ipv4).tcp(1, 2).payload(SEGMENTS * SEGMENT_BYTES).buildPartial();
        byte[] small = toB(ipv4).udp(3, 4).payload(77).buildPartial();
        byte[] finished = toB(ipv4).udp(3, 4).payload(78).build();
        path.tun().deliver(big, ipv4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6, SEGMENT_BYTES, start, 16);
        path.tun().deliver(small, VirtioNetHeader.GSO_NONE, 0, start, 6);
        path.tun().deliver(finished);

        path.tunToUdp();

        List<byte[]> packets = path.udp().sent().stream()
                .flatMap(message -> decapsulated(message, encapsulation).stream())
                .toList();
        assertThat(packets)
                .hasSize(SEGMENTS + 2)
                .allSatisfy(packet -> assertThat(Naive.problems(packet)).isEmpty())
                .contains(toB(ipv4).udp(3, 4).payload(77).build(), finished);
        byte[] payload = Naive.join(packets.stream()
                .filter(packet -> Naive.protocol(packet) == 6)
                .map(Naive::payload)
                .toArray(byte[][]::new));
        assertThat(payload).isEqualTo(PacketBuilder.pattern(SEGMENTS * SEGMENT_BYTES));
        assertForwarded(TUN_TO_UDP, PEER_B, SEGMENTS + 2, bytes(packets.toArray(byte[][]::new)));
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void whatOneGatewaySendsTheOtherJoinsAgain(Encapsulation encapsulation, boolean ipv4) throws IOException {
        InMemoryPath sender = path(peerWith(encapsulation));
        byte[] big = PacketBuilder.ip(ipv4)
                .from(ipv4 ? "10.2.0.2" : "fd00:2::2")
                .to(ipv4 ? "10.2.0.9" : "fd00:2::9")
                .tcp(1, 2)
                .payload(SEGMENTS * SEGMENT_BYTES)
                .buildPartial();
        int gsoType = ipv4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
        sender.tun().deliver(big, gsoType, SEGMENT_BYTES, ipv4 ? 20 : 40, 16);
        sender.tunToUdp();
        path = path(peerWith(encapsulation));
        for (InMemoryUdp.Sent message : sender.udp().sent()) {
            path.udp().arrive(B, 0, message.segmentBytes(), message.bytes());
        }

        path.udpToTun(new PortPayload(encapsulation.format(), InnerProtocol.AUTO));

        assertThat(path.tun().written()).hasSize(1);
        InMemoryTun.Written run = path.tun().written().get(0);
        assertThat(VirtioNetHeader.gsoSize(run.virtio(), 0)).isEqualTo(SEGMENT_BYTES);
        assertThat(Naive.payload(run.packet())).isEqualTo(PacketBuilder.pattern(SEGMENTS * SEGMENT_BYTES));
        assertForwarded(UDP_TO_TUN, PEER_B, SEGMENTS, SEGMENTS * (SEGMENT_BYTES + (ipv4 ? 40L : 60L)));
    }

    @Test
    void aWrongKeyIsDropped() throws IOException {
        path = path(peerWith(new Fou(new Gre(true, 42, false, false))));
        byte[] packet = fromB().payload(10).build();
        path.udp().arrive(B, 0, 0, Naive.join(new byte[] {0x20, 0, 8, 0, 0, 0, 0, 41}, packet));

        path.udpToTun();

        assertThat(path.tun().written()).isEmpty();
        assertDropped(UDP_TO_TUN, DropReason.GRE_KEY_MISMATCH, 1, packet.length);
    }

    @Test
    void automaticPeersAreReachedAtTheAddressInsideTheDestination() throws IOException {
        path = path(PEER_B, Peers.embedded(1, EmbeddedAddress.SIX_TO_FOUR, "192.0.2.1", "2002::/16", "fd00:9::/32"));
        byte[] site7 = PacketBuilder.ipv6().to("2002:c000:207::1").payload(10).build();
        byte[] site8 = PacketBuilder.ipv6().to("2002:c000:208::1").payload(10).build();
        byte[] nowhere = PacketBuilder.ipv6().to("fd00:9::1").payload(10).build();
        for (byte[] packet : new byte[][] {site7, site8, site7, nowhere, site8}) {
            path.tun().deliver(packet);
        }

        path.tunToUdp();

        assertThat(path.udp().sent().stream().map(InMemoryUdp.Sent::to).distinct())
                .containsExactlyInAnyOrder(Peers.address("192.0.2.7"), Peers.address("192.0.2.8"));
        assertThat(path.udp().sent())
                .allMatch(message -> message.port() == 5555)
                .allSatisfy(message -> {
                    byte[] expected = message.to().equals(Peers.address("192.0.2.7")) ? site7 : site8;
                    assertThat(message.datagrams()).containsOnly(expected);
                });
        assertForwarded(TUN_TO_UDP, Peers.peer(1, "192.0.2.9"), 4, 4L * site7.length);
        assertDropped(TUN_TO_UDP, DropReason.NO_EMBEDDED_ADDRESS, 1, nowhere.length);
    }
}
