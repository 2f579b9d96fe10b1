package net.fougateway.path;

import static net.fougateway.codec.Direction.TUN_TO_UDP;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Gue;
import net.fougateway.codec.IcmpError;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of packets from the device that do not fit the path. */
class OversizedTest extends PathCase {

    private static final int ICMP_V4_MTU = 26;
    private static final int ICMP_V6_MTU = 44;

    private static PacketBuilder toB(boolean ipv4) {
        return PacketBuilder.ip(ipv4).to(ipv4 ? "10.2.0.9" : "fd00:2::9");
    }

    private static PacketBuilder toC(boolean ipv4) {
        return PacketBuilder.ip(ipv4).to(ipv4 ? "10.3.0.9" : "fd00:3::9");
    }

    /** As long as {@code bytes}, headers included. */
    private static byte[] sized(PacketBuilder builder, boolean ipv4, int bytes) {
        return builder.payload(bytes - (ipv4 ? 28 : 48)).build();
    }

    private void deliverTcp(PacketBuilder builder, boolean ipv4, int segments, int mss) {
        byte[] packet = builder.tcp(1, 2).payload(segments * mss).buildPartial();
        int type = ipv4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
        path.tun().deliver(packet, type, mss, ipv4 ? 20 : 40, 16);
    }

    private List<byte[]> written() {
        return path.tun().written().stream().map(InMemoryTun.Written::packet).toList();
    }

    private void assertToldMtu(boolean ipv4, int mtuBytes, byte[] about) {
        assertThat(written()).hasSize(1);
        byte[] error = written().get(0);
        assertThat(Naive.problemsOfIcmp(error)).isEmpty();
        assertThat(Naive.u16(error, ipv4 ? 20 : 40)).isEqualTo(ipv4 ? 0x0304 : 0x0200);
        assertThat(Naive.u16(error, ipv4 ? ICMP_V4_MTU : ICMP_V6_MTU + 2)).isEqualTo(mtuBytes);
        int quote = ipv4 ? 28 : 48;
        assertThat(Arrays.copyOfRange(error, quote, error.length))
                .isEqualTo(Arrays.copyOf(about, error.length - quote));
        assertThat(path.tun().written().get(0).virtioHeader()).containsOnly(0);
        assertThat(path.counters().icmpErrorsSent(IcmpError.Kind.TOO_BIG)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"true, true, 1472", "false, true, 1472", "true, false, 1452", "false, false, 1452"})
    void senderIsToldTheMtu(boolean ipv4, boolean ipv4Underlay, int mtu) throws IOException {
        PacketBuilder builder = ipv4Underlay ? toB(ipv4) : toC(ipv4);
        byte[] fits = sized(builder, ipv4, mtu);
        byte[] tooBig = sized(builder, ipv4, mtu + 1);
        path.tun().deliver(fits);
        path.tun().deliver(tooBig);

        path.tunToUdp();

        assertThat(path.udp().sent()).extracting(InMemoryUdp.Sent::bytes).containsExactly(fits);
        assertDropped(TUN_TO_UDP, DropReason.PKT_TOO_BIG, 1, tooBig.length);
        assertToldMtu(ipv4, mtu, tooBig);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void senderOfASuperPacketIsToldOnce(boolean ipv4) throws IOException {
        int headers = ipv4 ? 40 : 60;
        deliverTcp(toB(ipv4), ipv4, 20, 1473 - headers);

        path.tunToUdp();

        assertThat(path.udp().sent()).isEmpty();
        assertDropped(TUN_TO_UDP, DropReason.PKT_TOO_BIG, 20, 20 * 1473);
        assertToldMtu(
                ipv4, 1472, toB(ipv4).tcp(1, 2).payload(20 * (1473 - headers)).buildPartial());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lowerPathMtuHoldsAtOnceAndForTenMinutes(boolean ipv4) throws IOException {
        byte[] packet = sized(toB(ipv4), ipv4, 1400);
        path.pathMtu(PEER_B).lower(1400);
        path.tun().deliver(packet);
        path.tunToUdp();
        assertToldMtu(ipv4, 1372, packet);
        assertDropped(TUN_TO_UDP, DropReason.PKT_TOO_BIG, 1, 1400);

        path.pass(Duration.ofMinutes(10));
        path.pathMtu(PEER_B).age();
        path.tun().deliver(packet);
        path.tunToUdp();

        assertForwarded(TUN_TO_UDP, PEER_B, 1, 1400);
    }

    @Test
    void nobodyIsToldAboutAnIcmpErrorThatDoesNotFit() throws IOException {
        byte[] error = new byte[1500];
        error[0] = 3;
        path.tun().deliver(toB(true).transport(1, error).build());

        path.tunToUdp();

        assertThat(written()).isEmpty();
        assertDropped(TUN_TO_UDP, DropReason.PKT_TOO_BIG, 1, 1520);
    }

    @Test
    void errorsAreLimited() throws IOException {
        byte[] packet = sized(toB(true), true, 1500);
        for (int i = 0; i < 2 * InMemoryPath.ICMP_BURST; i++) {
            path.tun().deliver(packet);
        }
        path.tunToUdp();
        assertThat(written()).hasSize(InMemoryPath.ICMP_BURST);

        path.pass(Duration.ofMillis(2));
        for (int i = 0; i < 5; i++) {
            path.tun().deliver(packet);
        }
        path.tunToUdp();

        assertThat(written()).hasSize(InMemoryPath.ICMP_BURST + 2);
        assertThat(path.counters().icmpErrorsSent(IcmpError.Kind.TOO_BIG)).isEqualTo(InMemoryPath.ICMP_BURST + 2);
    }

    @Test
    void errorThatTheDeviceRefusesIsCounted() throws IOException {
        path.tun().refuse(packet -> EIO);
        path.tun().deliver(sized(toB(true), true, 1500));

        path.tunToUdp();

        assertThat(path.counters().icmpErrorsSent(IcmpError.Kind.TOO_BIG)).isZero();
        assertThat(path.counters().writeErrors(EIO)).isEqualTo(1);
    }

    static Stream<Encapsulation> encapsulations() {
        Gre full = new Gre(true, 42, true, true);
        return Stream.of(Fou.PLAIN, new Gue(false, null), new Gue(true, null), new Fou(full), new Gue(true, full));
    }

    private static Peer peerWith(Encapsulation encapsulation) {
        Gre gre = encapsulation.greHeader().orElse(Gre.PLAIN);
        return Peers.peer(0, "192.0.2.2", encapsulation, gre, PEER_B.allowedIps());
    }

    private List<byte[]> innerPackets(Encapsulation encapsulation) {
        List<byte[]> packets = new ArrayList<>();
        for (InMemoryUdp.Sent message : path.udp().sent()) {
            for (byte[] datagram : message.datagrams()) {
                assertThat(datagram).hasSizeLessThanOrEqualTo(1472);
                InnerPacket inner = new InnerPacket();
                PortPayload port = new PortPayload(encapsulation.format(), InnerProtocol.AUTO);
                ByteBuffer buffer = ByteBuffer.wrap(datagram);
                assertThat(new Decapsulator().decapsulate(buffer, 0, datagram.length, port, inner))
                        .isNull();
                packets.add(Arrays.copyOfRange(datagram, inner.offset(), inner.end()));
            }
        }
        return packets;
    }

    /** The packets that fragments, all in order, are parts of. */
    private static List<byte[]> reassembled(List<byte[]> fragments) {
        List<byte[]> packets = new ArrayList<>();
        byte[] packet = {};
        for (byte[] fragment : fragments) {
            int field = Naive.u16(fragment, 6);
            if ((field & 0x1fff) == 0) {
                packet = Arrays.copyOf(fragment, 20);
            }
            assertThat((field & 0x1fff) * 8).isEqualTo(packet.length - 20);
            packet = Naive.join(packet, Arrays.copyOfRange(fragment, 20, fragment.length));
            if ((field & 0x2000) == 0) {
                Naive.put16(packet, 2, packet.length);
                Naive.put16(packet, 6, 0);
                Naive.put16(packet, 10, 0);
                Naive.put16(packet, 10, Naive.checksum(Arrays.copyOf(packet, 20)));
                packets.add(packet);
            }
        }
        return packets;
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void ipv4WithoutDontFragmentIsFragmented(Encapsulation encapsulation) throws IOException {
        path = path(peerWith(encapsulation));
        PacketBuilder builder = toB(true).dontFragment(false).id(77).udp(5, 6).payload(4000);
        path.tun().deliver(builder.build());
        path.tun().deliver(builder.buildPartial(), VirtioNetHeader.GSO_NONE, 0, 20, 6);

        path.tunToUdp();

        List<byte[]> fragments = innerPackets(encapsulation);
        assertThat(fragments).hasSize(6);
        assertThat(reassembled(fragments)).containsExactly(builder.build(), builder.build());
        assertThat(written()).isEmpty();
        assertThat(path.udp().sent().stream().map(InMemoryUdp.Sent::socket).distinct())
                .hasSize(1);
        assertForwarded(TUN_TO_UDP, PEER_B, 6, bytes(fragments.toArray(byte[][]::new)));
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void segmentsWithoutDontFragmentAreFragmented(Encapsulation encapsulation) throws IOException {
        path = path(peerWith(encapsulation));
        path.pathMtu(PEER_B).lower(900);
        deliverTcp(toB(true).dontFragment(false).id(1), true, 40, 1400);
        byte[] udp = toB(true)
                .dontFragment(false)
                .id(500)
                .udp(7, 8)
                .payload(10 * 1000)
                .buildPartial();
        path.tun().deliver(udp, VirtioNetHeader.GSO_UDP_L4, 1000, 20, 6);

        path.tunToUdp();

        List<byte[]> fragments = innerPackets(encapsulation);
        assertThat(fragments)
                .hasSize(100)
                .allSatisfy(fragment ->
                        assertThat(fragment.length).isLessThanOrEqualTo(900 - 28 - encapsulation.headerBytes()));
        List<byte[]> packets = reassembled(fragments);
        assertThat(packets)
                .hasSize(50)
                .allSatisfy(packet -> assertThat(Naive.problems(packet)).isEmpty());
        assertThat(payloads(packets.subList(0, 40))).isEqualTo(PacketBuilder.pattern(40 * 1400));
        assertThat(payloads(packets.subList(40, 50))).isEqualTo(PacketBuilder.pattern(10_000));
        assertForwarded(TUN_TO_UDP, PEER_B, 100, bytes(fragments.toArray(byte[][]::new)));
    }

    private static byte[] payloads(List<byte[]> packets) {
        return Naive.join(packets.stream().map(Naive::payload).toArray(byte[][]::new));
    }

    @Test
    void manyFragmentsOfManyPacketsArrive() throws IOException {
        byte[] packet = toB(true).dontFragment(false).payload(65_000).build();
        path.pathMtu(PEER_B).lower(552);
        for (int i = 0; i < 60; i++) {
            path.tun().deliver(packet);
        }

        path.tunToUdp();

        List<byte[]> fragments = path.udp().sent().stream()
                .flatMap(message -> message.datagrams().stream())
                .toList();
        assertThat(reassembled(fragments)).hasSize(60).allMatch(whole -> Arrays.equals(whole, packet));
        assertForwarded(TUN_TO_UDP, PEER_B, fragments.size(), bytes(fragments.toArray(byte[][]::new)));
    }

    @Test
    void ipv6UpTo1280PassesANarrowerPathInOuterFragments() throws IOException {
        path.pathMtu(PEER_B).lower(1000);
        byte[] fits = sized(toB(false), false, 972);
        byte[] ipv4 = sized(toB(true), true, 972);
        byte[] smallest = sized(toB(false), false, 1280);
        byte[] tooBig = sized(toB(false), false, 1281);
        path.tun().deliver(fits);
        path.tun().deliver(smallest);
        path.tun().deliver(tooBig);
        deliverTcp(toB(false), false, 3, 1220);
        path.tun().deliver(ipv4);

        path.tunToUdp();

        assertThat(path.udp().sent())
                .filteredOn(message -> message.socket() == InMemoryUdp.FRAGMENTED_SOCKET)
                .allMatch(message -> message.segmentBytes() == 0)
                .extracting(message -> message.bytes().length)
                .containsExactly(972, 1280, 1280, 1280, 1280);
        assertThat(path.udp().sent())
                .filteredOn(message -> message.socket() != InMemoryUdp.FRAGMENTED_SOCKET)
                .extracting(InMemoryUdp.Sent::bytes)
                .containsExactly(ipv4);
        assertToldMtu(false, 1280, tooBig);
    }

    @Test
    void withoutPathMtuDiscoveryEverythingIsSentWhole() throws IOException {
        path = path(OLD_FASHIONED_B);
        byte[] packet = toB(true).payload(4000).build();
        path.tun().deliver(packet);

        path.tunToUdp();

        assertThat(path.udp().sent()).extracting(InMemoryUdp.Sent::bytes).containsExactly(packet);
        assertThat(written()).isEmpty();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(Arguments.of(EMSGSIZE, true), Arguments.of(EAGAIN, false), Arguments.of(ENETUNREACH, false));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void kernelThatFindsADatagramTooBigIsToBeAsked(int errno, boolean refused) throws IOException {
        path.udp().refuse(message -> errno);
        path.tun().deliver(sized(toB(true), true, 1400));
        deliverTcp(toB(false), false, 3, 1000);

        path.tunToUdp();

        assertThat(path.pathMtu(PEER_B).takeRefused()).isEqualTo(refused);
        assertThat(path.pathMtu(PEER_C).takeRefused()).isFalse();
    }
}
