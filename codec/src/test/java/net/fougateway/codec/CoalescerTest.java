package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each rule in the Javadoc of {@link Coalescer}, for IPv4 and for IPv6. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class CoalescerTest extends CoalescerCase {

    private static final List<List<Integer>> JOINED = List.of(List.of(0, 1));
    private static final List<List<Integer>> APART = List.of(List.of(0), List.of(1));
    private static final int PSH = 0x08;
    private static final int ACK = 0x10;

    CoalescerTest(boolean ipv4) {
        super(ipv4);
    }

    private static List<List<Integer>> groups(PacketBuilder... packets) {
        byte[][] built = new byte[packets.length][];
        for (int i = 0; i < packets.length; i++) {
            built[i] = packets[i].build();
        }
        return Merger.groups(built);
    }

    /** What becomes of two packets of which the second has something changed. */
    private List<List<Integer>> tcpWith(UnaryOperator<PacketBuilder> change) {
        return groups(tcp(0), change.apply(tcp(1)));
    }

    private List<List<Integer>> udpWith(UnaryOperator<PacketBuilder> change) {
        return groups(udp(0), change.apply(udp(1)));
    }

    @Test
    void consecutiveSegmentsAreJoined() {
        assertThat(groups(tcp(0), tcp(1))).isEqualTo(JOINED);
        assertThat(groups(tcp(0), tcp(1), tcp(2), tcp(3))).isEqualTo(List.of(List.of(0, 1, 2, 3)));
    }

    @Test
    void nothingGetsInFrontOfAFragmentOfItsFlow() {
        assertThat(groups(udp(0), udp(1), udp(2).fragment(0, true), udp(3), udp(4)))
                .isEqualTo(List.of(List.of(0, 1), List.of(2), List.of(3, 4)));
        assertThat(groups(udp(0), udp(1).fragment(1480, false), udp(2)))
                .isEqualTo(List.of(List.of(0), List.of(1), List.of(2)));
    }

    /** But for those whose addresses have the same hash. */
    @Test
    void fragmentsOfOtherAddressesKeepNobodyApart() {
        assertThat(IntStream.range(1, 20)
                        .mapToObj(i -> ipv4 ? "10.77.0." + i : "fd77::" + i)
                        .filter(other -> groups(udp(0), udp(7).from(other).fragment(0, true), udp(1))
                                .equals(List.of(List.of(0, 2), List.of(1)))))
                .hasSizeGreaterThan(5);
    }

    @Test
    void datagramsOfEqualSizeAreJoined() {
        assertThat(groups(udp(0), udp(1))).isEqualTo(JOINED);
        assertThat(groups(udp(0), udp(1), udp(2), udp(3))).isEqualTo(List.of(List.of(0, 1, 2, 3)));
    }

    @Test
    void theSuperPacketIsWhatTheKernelWouldMake() {
        byte[] part = PacketBuilder.pattern(SIZE);
        byte[] tail = PacketBuilder.pattern(30);
        List<Merger.Run> runs = Merger.merge(List.of(
                tcp(0).build(),
                tcp(1).build(),
                tcp(2).payload(tail).flags(ACK | PSH).build()));
        byte[] expected =
                tcp(0).payload(Naive.join(part, part, tail)).flags(ACK | PSH).buildPartial();
        assertThat(runs).hasSize(1);
        assertThat(runs.get(0).bytes()).isEqualTo(expected);
        assertVirtio(runs.get(0), ipv4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6, 16);
        runs = Merger.merge(List.of(udp(0).build(), udp(1).payload(tail).build()));
        assertThat(runs).hasSize(1);
        assertThat(runs.get(0).bytes())
                .isEqualTo(udp(0).payload(Naive.join(part, tail)).buildPartial());
        assertVirtio(runs.get(0), VirtioNetHeader.GSO_UDP_L4, 6);
    }

    private void assertVirtio(Merger.Run run, int gsoType, int checksumOffset) {
        assertThat(VirtioNetHeader.needsChecksum(run.virtio(), 0)).isTrue();
        assertThat(VirtioNetHeader.gsoType(run.virtio(), 0)).isEqualTo(gsoType);
        assertThat(VirtioNetHeader.gsoSize(run.virtio(), 0)).isEqualTo(SIZE);
        assertThat(VirtioNetHeader.checksumStart(run.virtio(), 0)).isEqualTo(ipv4 ? 20 : 40);
        assertThat(VirtioNetHeader.checksumOffset(run.virtio(), 0)).isEqualTo(checksumOffset);
    }

    @Test
    void aPacketThatStaysAloneIsUntouched() {
        byte[] packet = tcp(0).build();
        Merger.Run run = Merger.merge(List.of(packet)).get(0);
        assertThat(run.bytes()).isEqualTo(packet);
        assertThat(run.virtio().array()).containsOnly(0);
    }

    @Test
    void otherAddressesAreAnotherFlow() {
        String other = ipv4 ? "10.9.9.9" : "fd00:9::9";
        assertThat(tcpWith(packet -> packet.from(other))).isEqualTo(APART);
        assertThat(tcpWith(packet -> packet.to(other))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.from(other))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.to(other))).isEqualTo(APART);
    }

    @Test
    void otherPortsAreAnotherFlow() {
        assertThat(tcpWith(packet -> packet.tcp(1001, 443))).isEqualTo(APART);
        assertThat(tcpWith(packet -> packet.tcp(1000, 444))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.udp(1001, 443))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.udp(1000, 444))).isEqualTo(APART);
    }

    @Test
    void anotherProtocolIsAnotherFlow() {
        assertThat(groups(udp(0), tcp(1))).isEqualTo(APART);
        assertThat(groups(tcp(0), udp(1))).isEqualTo(APART);
    }

    @Test
    void tosMustBeEqual() {
        assertThat(tcpWith(packet -> packet.tos(1))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.tos(0x20))).isEqualTo(APART);
    }

    @Test
    void ttlMustBeEqual() {
        assertThat(tcpWith(packet -> packet.ttl(63))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.ttl(63))).isEqualTo(APART);
    }

    @Test
    void dontFragmentMustBeEqual() {
        assertThat(tcpWith(packet -> packet.dontFragment(false))).isEqualTo(ipv4 ? APART : JOINED);
        assertThat(udpWith(packet -> packet.dontFragment(false))).isEqualTo(ipv4 ? APART : JOINED);
    }

    @Test
    void flowLabelMustBeEqual() {
        assertThat(tcpWith(packet -> packet.flowLabel(1))).isEqualTo(ipv4 ? JOINED : APART);
        assertThat(udpWith(packet -> packet.flowLabel(0x10000))).isEqualTo(ipv4 ? JOINED : APART);
    }

    @Test
    void tcpOptionsMustBeEqual() {
        assertThat(groups(tcp(0).tcpOptions(new byte[12]), tcp(1).tcpOptions(new byte[12])))
                .isEqualTo(JOINED);
        assertThat(groups(tcp(0).tcpOptions(new byte[4]), tcp(1).tcpOptions((byte) 0, (byte) 0, (byte) 0, (byte) 1)))
                .isEqualTo(APART);
        assertThat(groups(tcp(0).tcpOptions(new byte[4]), tcp(1).tcpOptions(new byte[8])))
                .isEqualTo(APART);
    }

    @Test
    void windowMustBeEqual() {
        assertThat(tcpWith(packet -> packet.window(999))).isEqualTo(APART);
    }

    @Test
    void acknowledgmentMustBeEqual() {
        assertThat(tcpWith(packet -> packet.acknowledgment(2))).isEqualTo(APART);
    }

    @Test
    void urgentPointerMustBeEqual() {
        assertThat(tcpWith(packet -> packet.urgent(5))).isEqualTo(APART);
    }

    @Test
    void aGapInTheSequenceSeparates() {
        assertThat(groups(tcp(0), tcp(2).id(501))).isEqualTo(APART);
        assertThat(groups(tcp(1), tcp(0))).isEqualTo(APART);
        assertThat(groups(tcp(0), tcp(0))).isEqualTo(APART);
    }

    @Test
    void onlyAckPushAndEceAreAllowed() {
        for (int flags = 0; flags < 256; flags++) {
            int both = flags;
            boolean allowed = (flags & ACK) != 0 && (flags & 0xa7) == 0;
            assertThat(groups(tcp(0).flags(both & ~PSH), tcp(1).flags(both)))
                    .as("flags %02x", flags)
                    .isEqualTo(allowed ? JOINED : APART);
        }
        assertThat(tcpWith(packet -> packet.flags(ACK | 0x40))).isEqualTo(APART);
    }

    @Test
    void pushEndsARun() {
        assertThat(groups(tcp(0), tcp(1).flags(ACK | PSH), tcp(2))).isEqualTo(List.of(List.of(0, 1), List.of(2)));
        assertThat(groups(tcp(0).flags(ACK | PSH), tcp(1))).isEqualTo(APART);
    }

    @Test
    void aShorterOneEndsARun() {
        assertThat(groups(tcp(0), tcp(1).payload(50), tcp(2).sequence(0xffff_ff80 + 150)))
                .isEqualTo(List.of(List.of(0, 1), List.of(2)));
        assertThat(groups(udp(0), udp(1).payload(50), udp(2).payload(50)))
                .isEqualTo(List.of(List.of(0, 1), List.of(2)));
    }

    @Test
    void aLongerOneIsNotJoined() {
        assertThat(tcpWith(packet -> packet.payload(SIZE + 1))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.payload(SIZE + 1))).isEqualTo(APART);
    }

    @Test
    void withoutPayloadThereIsNothingToJoin() {
        assertThat(tcpWith(packet -> packet.payload(0))).isEqualTo(APART);
        assertThat(udpWith(packet -> packet.payload(0))).isEqualTo(APART);
        assertThat(groups(udp(0).payload(0), udp(1).payload(0))).isEqualTo(APART);
    }

    @Test
    void idsCountUpWithDontFragmentClear() {
        assertThat(groups(tcp(0).dontFragment(false), tcp(1).dontFragment(false)))
                .isEqualTo(JOINED);
        assertThat(groups(
                        udp(0).dontFragment(false).id(0xffff),
                        udp(1).dontFragment(false).id(0)))
                .isEqualTo(JOINED);
        assertThat(groups(tcp(0).dontFragment(false), tcp(1).dontFragment(false).id(502)))
                .isEqualTo(ipv4 ? APART : JOINED);
        assertThat(groups(udp(0).dontFragment(false), udp(1).dontFragment(false).id(500)))
                .isEqualTo(ipv4 ? APART : JOINED);
    }

    @Test
    void idsAreAnythingWithDontFragmentSet() {
        assertThat(tcpWith(packet -> packet.id(9))).isEqualTo(JOINED);
        assertThat(udpWith(packet -> packet.id(500))).isEqualTo(JOINED);
    }

    @Test
    void aPacketWithABadChecksumStaysAloneAndUntouched() {
        assertUntouched(tcp(0), tcp(1).badChecksum(), tcp(2));
        assertUntouched(udp(0), udp(1).badChecksum(), udp(2));
    }

    @Test
    void soDoesOneAtTheHead() {
        assertUntouched(tcp(0).badChecksum(), tcp(1));
        assertUntouched(udp(0).badChecksum(), udp(1));
        assertThat(groups(tcp(0).badChecksum(), tcp(1), tcp(2))).isEqualTo(List.of(List.of(0), List.of(1, 2)));
    }

    @Test
    void soDoDatagramsWithoutChecksum() {
        assertUntouched(udp(0).noChecksum(), udp(1).noChecksum());
        assertUntouched(udp(0), udp(1).noChecksum(), udp(2));
    }

    private static void assertUntouched(PacketBuilder... packets) {
        List<byte[]> built = Stream.of(packets).map(PacketBuilder::build).toList();
        List<Merger.Run> runs = Merger.merge(built);
        assertThat(runs).hasSize(built.size());
        for (int i = 0; i < built.size(); i++) {
            assertThat(runs.get(i).bytes()).isEqualTo(built.get(i));
            assertThat(runs.get(i).virtio().array()).containsOnly(0);
        }
    }

    @Test
    void aUdpLengthThatDiffersFromTheIpLengthStaysAlone() {
        byte[] odd = udp(1).build();
        Naive.put16(odd, Naive.transportOffset(odd) + 4, SIZE + 7);
        assertThat(Merger.groups(udp(0).build(), odd)).isEqualTo(APART);
    }

    @Test
    void fragmentsStayAlone() {
        assertThat(groups(udp(0).fragment(0, true), udp(1).fragment(0, true))).isEqualTo(APART);
        assertThat(groups(tcp(0).fragment(800, false), tcp(1).fragment(800, false)))
                .isEqualTo(APART);
    }

    @Test
    void optionsAndExtensionHeadersStayAlone() {
        assertThat(groups(
                        tcp(0).ipOptions(new byte[4]).extension(60, 8),
                        tcp(1).ipOptions(new byte[4]).extension(60, 8)))
                .isEqualTo(APART);
    }

    @Test
    void otherProtocolsStayAlone() {
        PacketBuilder echo = PacketBuilder.ip(ipv4).echo(1, 1);
        assertThat(groups(echo, echo)).isEqualTo(APART);
    }

    @Test
    void aTcpHeaderThatIsMalformedStaysAlone() {
        byte[] tooShort = tcp(1).build();
        tooShort[Naive.transportOffset(tooShort) + 12] = 0x40;
        byte[] tooLong = tcp(1).payload(20).build();
        tooLong[Naive.transportOffset(tooLong) + 12] = (byte) 0xf0;
        assertThat(Merger.groups(tooShort, tooShort)).isEqualTo(APART);
        assertThat(Merger.groups(tooLong, tooLong)).isEqualTo(APART);
    }

    @Test
    void onlyTheNewestRunOfAFlowGrows() {
        assertThat(groups(tcp(0), tcp(3), tcp(1))).isEqualTo(List.of(List.of(0), List.of(1), List.of(2)));
        assertThat(groups(tcp(0), tcp(1).payload(0), tcp(1))).isEqualTo(List.of(List.of(0), List.of(1), List.of(2)));
        assertThat(groups(tcp(0), tcp(1).payload(0).flags(0x11), tcp(1)))
                .isEqualTo(List.of(List.of(0), List.of(1), List.of(2)));
    }

    @Test
    void nothingGetsInFrontOfAPacketWhoseExtensionHeadersHideItsFlow() {
        PacketBuilder hidden = PacketBuilder.ipv6().udp(1000, 443).payload(SIZE);
        for (int i = 0; i < 9; i++) {
            hidden.extension(Ip.V6_DESTINATION_OPTIONS, 8);
        }
        assertThat(groups(udp(0), hidden, udp(1)))
                .isEqualTo(ipv4 ? List.of(List.of(0, 2), List.of(1)) : List.of(List.of(0), List.of(1), List.of(2)));
    }

    @Test
    void flowsAreJoinedThoughTheyAlternate() {
        assertThat(groups(tcp(0), udp(0).udp(2000, 53), tcp(1), udp(1).udp(2000, 53)))
                .isEqualTo(List.of(List.of(0, 2), List.of(1, 3)));
    }
}
