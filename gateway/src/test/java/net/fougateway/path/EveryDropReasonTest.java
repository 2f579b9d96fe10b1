package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.fougateway.capture.Capture;
import net.fougateway.capture.CapturedPacket;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Frames;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.Vxlan;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Peers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every row of the table can happen; a new one does not compile until this test says how. */
class EveryDropReasonTest extends PathCase {

    private static final int SNAP_BYTES = 100;
    private static final String MINE = "192.0.2.1";
    private static final byte[] GOOD = fromB().udp(1, 2).payload(60).build();
    private static final String VNI_42 = "0800000000002a00";
    private static final byte[] A_FRAME = Frames.ip(Frames.A, Frames.B, GOOD);
    private static final byte[] TO_B =
            PacketBuilder.ipv4().udp(1, 2).payload(60).build();

    @ParameterizedTest
    @EnumSource
    void happensAndIsCaptured(DropReason reason) throws Exception {
        path = pathFor(reason);
        Capture capture = path.captures().start(true, SNAP_BYTES);
        provoke(reason);

        long drops = Arrays.stream(Direction.values())
                .filter(reason::in)
                .mapToLong(
                        direction -> path.counters().dropped(direction, reason).packets())
                .sum();
        assertThat(drops).isEqualTo(1);
        assertWhose(reason);
        assertThat(capture.take(10, Duration.ZERO))
                .extracting(CapturedPacket::dropped)
                .containsExactly(reason);
    }

    /** Of what came in the outer source, of what cannot go out the inner destination. */
    private void assertWhose(DropReason reason) {
        switch (reason) {
            case UNKNOWN_PEER, ADDRESS_SPOOFED -> assertLast(Direction.UDP_TO_TUN, reason, "192.0.2.77");
            case GUE_UNEXPECTED, GRE_KEY_MISMATCH, ECN_ILLEGAL -> assertLast(Direction.UDP_TO_TUN, reason, "192.0.2.2");
            case NO_ROUTE -> assertLast(Direction.TUN_TO_UDP, reason, "10.9.0.1");
            case NO_EMBEDDED_ADDRESS -> assertLast(Direction.TUN_TO_UDP, reason, "fd00:9::1");
            default -> {}
        }
    }

    private void assertLast(Direction direction, DropReason reason, String address) {
        assertThat(path.counters().lastDrop(direction, reason))
                .hasValueSatisfying(last -> assertThat(last.address()).isEqualTo(address));
    }

    private static InMemoryPath pathFor(DropReason reason) {
        return switch (reason) {
            case ROUTING_LOOP -> path(Peers.peer(0, "192.0.2.2", "192.0.2.0/24"));
            case VNI_UNKNOWN, MAC_SOURCE_INVALID, MAC_NOT_ALLOWED, MAC_STATIC_MOVED, MAC_LOOP, FLOOD_LIMIT ->
                path(ofFrames(0, "192.0.2.2", 0x02000000000bL), ofFrames(1, "192.0.2.3", 0x02000000000cL));
            default ->
                path(
                        Peers.peer(
                                0, "192.0.2.2", Fou.PLAIN, gre(reason == DropReason.GRE_SEQUENCE), PEER_B.allowedIps()),
                        Peers.embedded(1, EmbeddedAddress.SIX_TO_FOUR, MINE, "2002::/16", "fd00:9::/32"),
                        Peers.peer(2, "0.0.0.0", "10.8.0.0/16"));
        };
    }

    private static Peer ofFrames(int index, String remote, long mac) {
        return Peers.ofFrames(
                index, remote, new Vxlan(42), new PeerFrames(List.of(mac), true, EthernetFrame.BASE_BYTES));
    }

    private static Gre gre(boolean sequence) {
        return new Gre(true, 42, false, sequence);
    }

    private void provoke(DropReason reason) throws IOException {
        switch (reason) {
            case PKT_TOO_SMALL -> fou("");
            case DATAGRAM_TRUNCATED -> receive(PortPayload.FOU, Arrays.copyOf(GOOD, 65_537));
            case INTERNAL_ERROR -> {
                path.breakPeer(PEER_B);
                fou("", GOOD);
            }
            case UNHANDLED_PROTO -> fou("50");
            case IP_INHDR -> fou("", fromB().badIpChecksum().build());
            case HDR_TRUNC -> fou("", Arrays.copyOf(GOOD, 40));
            case GUE_UNEXPECTED -> fou("00 04 00 00", GOOD);
            case GUE_TRUNCATED -> gue("1f 04 00 00", GOOD);
            case GUE_VERSION -> gue("80 04 00 00", GOOD);
            case GUE_FLAGS -> gue("00 04 00 02", GOOD);
            case GUE_CONTROL -> gue("20 04 00 00", GOOD);
            case GUE_PROTO_ZERO -> gue("00 00 00 00", GOOD);
            case GUE_REMOTE_CHECKSUM -> gue("02 04 00 01 80 00 00 00 00 14 ff 00", GOOD);
            case GRE_HEADER -> fou("00 01 08 00", GOOD);
            case GRE_CHECKSUM -> fou("80 00 08 00 00 00 00 00", GOOD);
            case GRE_PAYLOAD -> fou("00 00 65 58", GOOD);
            case GRE_CHECKSUM_MISMATCH -> fou("a0 00 08 00 " + checksum() + " 00 00 00 00 00 2a", GOOD);
            case GRE_KEY_MISMATCH -> fou("20 00 08 00 00 00 00 2b", GOOD);
            case GRE_SEQUENCE -> fou("20 00 08 00 00 00 00 2a", GOOD);
            case VXLAN_FLAGS -> receive(PortPayload.VXLAN, Naive.join(new byte[8], GOOD));
            case UNKNOWN_PEER -> {
                path.udp().arrive(Peers.address("192.0.2.77"), 0, 0, GOOD);
                path.udpToTun();
            }
            case ADDRESS_SPOOFED -> {
                path.udp().arrive(Peers.address("192.0.2.77"), 0, 0, fromSite("2002:c000:24e::1"));
                path.udpToTun();
            }
            case SOURCE_NOT_ALLOWED ->
                fou("", PacketBuilder.ipv4().from("10.9.9.9").build());
            case ECN_ILLEGAL -> {
                path.udp().arrive(B, 3, 0, GOOD);
                path.udpToTun();
            }
            case TUN_NOT_READY -> {
                path.tun().refuse(written -> EIO);
                fou("", GOOD);
            }
            case NO_ROUTE -> send(PacketBuilder.ipv4().to("10.9.0.1").build());
            case VNI_UNKNOWN, MAC_SOURCE_INVALID, MAC_NOT_ALLOWED, MAC_STATIC_MOVED, MAC_LOOP, FLOOD_LIMIT ->
                provokeWithFrame(reason);
            case PEER_UNRESOLVED -> send(PacketBuilder.ipv4().to("10.8.0.1").build());
            case NO_EMBEDDED_ADDRESS ->
                send(PacketBuilder.ipv6().to("fd00:9::1").build());
            case PKT_TOO_BIG ->
                send(PacketBuilder.ipv4().dontFragment(true).payload(1500).build());
            case ROUTING_LOOP ->
                send(PacketBuilder.ipv4().to("192.0.2.2").udp(1, 5555).build());
            case SOCKET_SNDBUF -> refused(EAGAIN);
            case SEND_FAILED -> refused(ENETUNREACH);
        }
    }

    private void provokeWithFrame(DropReason reason) throws IOException {
        switch (reason) {
            case VNI_UNKNOWN -> vxlan("0800000000002b00", A_FRAME);
            case MAC_SOURCE_INVALID -> vxlan(VNI_42, Frames.ip(Frames.A, Frames.ALL, GOOD));
            case MAC_NOT_ALLOWED -> vxlan(VNI_42, Frames.ip(Frames.A, "02:00:00:00:00:0d", GOOD));
            case MAC_STATIC_MOVED -> vxlan(VNI_42, Frames.ip(Frames.A, "02:00:00:00:00:0c", GOOD));
            case MAC_LOOP -> {
                path.tun().deliver(A_FRAME);
                path.tunToUdp();
                vxlan(VNI_42, A_FRAME);
            }
            case FLOOD_LIMIT -> {
                for (int i = 0; i <= InMemoryPath.FLOOD; i++) {
                    path.tun().deliver(Frames.ip(Frames.ALL, Frames.A, GOOD));
                }
                path.tunToUdp();
            }
            default -> throw new IllegalArgumentException(reason.slug());
        }
    }

    private static byte[] fromSite(String source) {
        return PacketBuilder.ipv6().from(source).to("2002:c000:201::1").build();
    }

    private static String checksum() {
        byte[] header = HexFormat.of().parseHex("a0000800000000000000002a");
        return HexFormat.of().toHexDigits((short) Naive.checksum(header, GOOD));
    }

    private void fou(String header, byte... packet) throws IOException {
        receive(PortPayload.FOU, Naive.join(HexFormat.of().parseHex(header.replace(" ", "")), packet));
    }

    private void gue(String header, byte... packet) throws IOException {
        receive(PortPayload.GUE, Naive.join(HexFormat.of().parseHex(header.replace(" ", "")), packet));
    }

    private void vxlan(String header, byte... frame) throws IOException {
        receive(PortPayload.VXLAN, Naive.join(Frames.bytes(header), frame));
    }

    private void receive(PortPayload port, byte... datagram) throws IOException {
        path.udp().arrive(B, 0, 0, datagram);
        path.udpToTun(port);
    }

    private void send(byte... packet) throws IOException {
        path.tun().deliver(packet);
        path.tunToUdp();
    }

    private void refused(int errno) throws IOException {
        path.udp().refuse(message -> errno);
        send(TO_B);
    }
}
