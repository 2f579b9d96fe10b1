package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowHashTest {

    private final FlowHash hash = new FlowHash(0x1234_5678_9abc_def0L);

    private int of(PacketBuilder packet) {
        return hash.of(Merger.parse(packet.build()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFlowKeepsItsHashWhateverElseChanges(boolean ipv4) {
        int expected = of(PacketBuilder.ip(ipv4).tcp(1000, 443));
        assertThat(of(PacketBuilder.ip(ipv4).tcp(1000, 443).ttl(3))).isEqualTo(expected);
        assertThat(of(PacketBuilder.ip(ipv4).tcp(1000, 443).tos(0xff))).isEqualTo(expected);
        assertThat(of(PacketBuilder.ip(ipv4).tcp(1000, 443).id(9).dontFragment(false)))
                .isEqualTo(expected);
        assertThat(of(PacketBuilder.ip(ipv4).tcp(1000, 443).flowLabel(0xfffff))).isEqualTo(expected);
        assertThat(of(PacketBuilder.ip(ipv4).tcp(1000, 443).sequence(99).payload(7)))
                .isEqualTo(expected);
        assertThat(of(PacketBuilder.ip(ipv4).tcp(1000, 443).padding(7))).isEqualTo(expected);
    }

    @Test
    void optionsAndExtensionHeadersDoNotCount() {
        assertThat(of(PacketBuilder.ipv4().ipOptions(new byte[4]))).isEqualTo(of(PacketBuilder.ipv4()));
        assertThat(of(PacketBuilder.ipv6().extension(Ip.V6_DESTINATION_OPTIONS, 16)))
                .isEqualTo(of(PacketBuilder.ipv6()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyPartOfTheTupleCounts(boolean ipv4) {
        Set<Integer> hashes = new HashSet<>();
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(1000, 443)));
        hashes.add(of(PacketBuilder.ip(ipv4).udp(1000, 443)));
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(1001, 443)));
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(1000, 444)));
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(443, 1000)));
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(1000, 443).from(ipv4 ? "10.9.9.9" : "fd09::")));
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(1000, 443).to(ipv4 ? "10.9.9.9" : "fd09::")));
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(1000, 443).from(ipv4 ? "10.9.9.8" : "fd00:1::2")));
        hashes.add(of(PacketBuilder.ip(ipv4).tcp(1000, 443).to(ipv4 ? "10.9.9.8" : "fd00:2::3")));
        assertThat(hashes).hasSize(9);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allFragmentsOfAPacketShareOne(boolean ipv4) {
        int first = of(PacketBuilder.ip(ipv4).fragment(0, true).udp(1000, 443).payload(64));
        byte[] rest = PacketBuilder.pattern(64);
        assertThat(of(PacketBuilder.ip(ipv4).fragment(72, true).transport(Ip.UDP, rest)))
                .isEqualTo(first);
        assertThat(of(PacketBuilder.ip(ipv4).fragment(136, false).transport(Ip.UDP, PacketBuilder.pattern(3))))
                .isEqualTo(first);
    }

    /** RFC 8200: what can be fragmented may begin with extension headers, which are in the first fragment only. */
    @Test
    void soDoFragmentsThatBeginWithAnExtensionHeader() {
        int first = of(PacketBuilder.ipv6()
                .fragment(0, true)
                .extension(Ip.V6_DESTINATION_OPTIONS, 8)
                .payload(32));
        int second = of(PacketBuilder.ipv6()
                .fragment(48, false)
                .transport(Ip.V6_DESTINATION_OPTIONS, PacketBuilder.pattern(64)));
        assertThat(second).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void echoGoesByIdentifier(boolean ipv4) {
        int expected = of(PacketBuilder.ip(ipv4).echo(77, 1));
        assertThat(of(PacketBuilder.ip(ipv4).echo(77, 2))).isEqualTo(expected);
        assertThat(of(PacketBuilder.ip(ipv4).echo(78, 1))).isNotEqualTo(expected);
        byte[] error = {3, 4, 0, 0, 0, 77, 0, 1, 0, 0, 0, 0};
        byte[] other = {3, 4, 0, 0, 0, 78, 0, 1, 0, 0, 0, 0};
        int protocol = ipv4 ? Ip.ICMP : Ip.ICMPV6;
        assertThat(of(PacketBuilder.ip(ipv4).transport(protocol, error)))
                .isEqualTo(of(PacketBuilder.ip(ipv4).transport(protocol, other)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ipsecGoesBySpi(boolean ipv4) {
        byte[] spi1 = {0, 0, 0, 1, 0, 0, 0, 2, 5, 5};
        byte[] spi1Later = {0, 0, 0, 1, 0, 0, 0, 3, 6, 6};
        byte[] spi2 = {0, 0, 0, 9, 0, 0, 0, 2, 5, 5};
        assertThat(of(PacketBuilder.ip(ipv4).transport(Ip.ESP, spi1Later)))
                .isEqualTo(of(PacketBuilder.ip(ipv4).transport(Ip.ESP, spi1)));
        assertThat(of(PacketBuilder.ip(ipv4).transport(Ip.ESP, spi2)))
                .isNotEqualTo(of(PacketBuilder.ip(ipv4).transport(Ip.ESP, spi1)));
        byte[] ah = {6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7};
        byte[] ahLater = {6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 8};
        byte[] ahOther = {6, 4, 0, 0, 0, 0, 0, 2, 0, 0, 0, 8};
        assertThat(of(PacketBuilder.ip(ipv4).transport(Ip.AH, ahLater)))
                .isEqualTo(of(PacketBuilder.ip(ipv4).transport(Ip.AH, ah)));
        assertThat(of(PacketBuilder.ip(ipv4).transport(Ip.AH, ahOther)))
                .isNotEqualTo(of(PacketBuilder.ip(ipv4).transport(Ip.AH, ah)));
    }

    @Test
    void aStubOfATransportHeaderIsNotRead() {
        assertThat(of(PacketBuilder.ipv4().transport(Ip.UDP, new byte[] {1, 2, 3})))
                .isEqualTo(of(PacketBuilder.ipv4().transport(Ip.UDP, new byte[] {4, 5})));
    }

    @Test
    void theKeyDecides() {
        InnerPacket packet = Merger.parse(PacketBuilder.ipv4().build());
        assertThat(new FlowHash(1).of(packet)).isNotEqualTo(new FlowHash(2).of(packet));
        assertThat(new FlowHash(1).of(packet)).isEqualTo(new FlowHash(1).of(packet));
    }

    @Test
    void bucketsAreEvenAndInRange() {
        assertThat(FlowHash.bucket(0, 1000)).isZero();
        assertThat(FlowHash.bucket(-1, 1000)).isEqualTo(999);
        assertThat(FlowHash.bucket(Integer.MIN_VALUE, 1000)).isEqualTo(500);
        assertThat(FlowHash.bucket(-1, 1)).isZero();
    }
}
