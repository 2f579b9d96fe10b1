package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Gre;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Peers;
import net.fougateway.route.Underlay;
import net.fougateway.tun.InMemoryTun;

/** ICMP errors about datagrams to B, whatever its options are. */
class UnderlayErrorCase extends PathCase {

    static final int OUR_PORT = 40_001;
    static final Gre FULL_GRE = new Gre(true, 42, true, true);

    static Peer peer(boolean ipv4Underlay, Encapsulation encapsulation, int ttl) {
        return peer(ipv4Underlay, encapsulation, ttl, OUR_PORT, null);
    }

    static Peer peer(boolean ipv4Underlay, Encapsulation encapsulation, int ttl, int sourcePort, String local) {
        return new Peer(
                0,
                "b",
                Peers.address(ipv4Underlay ? "192.0.2.2" : "2001:db8::2"),
                Optional.empty(),
                Underlay.from(local == null ? null : Peers.address(local)),
                new Peer.Ports(5555, 5556, 5557),
                sourcePort,
                true,
                encapsulation,
                Gre.PLAIN,
                ttl,
                Peer.INHERIT_TOS,
                true,
                true,
                false,
                PEER_B.allowedIps(),
                PeerFrames.NONE,
                1500);
    }

    static PacketBuilder inner(boolean ipv4) {
        return PacketBuilder.ip(ipv4).to(ipv4 ? "10.2.0.9" : "fd00:2::9").payload(200);
    }

    /** A datagram of ours. */
    static PacketBuilder datagram(boolean ipv4Underlay, int port, byte... payload) {
        return PacketBuilder.ip(ipv4Underlay)
                .from(ipv4Underlay ? "192.0.2.1" : "2001:db8::1")
                .to(ipv4Underlay ? "192.0.2.2" : "2001:db8::2")
                .udp(OUR_PORT, port)
                .payload(payload);
    }

    /** An error as a raw socket gives it. */
    static byte[] error(IcmpError.Kind kind, int mtu, byte[] quoted) {
        boolean ipv4 = Naive.isIpv4(quoted);
        byte[] message = new byte[8];
        message[0] = (byte) (ipv4 ? new int[] {3, 3, 11} : new int[] {2, 1, 3})[kind.ordinal()];
        message[1] = (byte) (ipv4 && kind != IcmpError.Kind.TIME_EXCEEDED ? (mtu > 0 ? 4 : 1) : 0);
        Naive.put16(message, 6, mtu);
        message = Naive.join(message, quoted);
        Naive.put16(message, 2, Naive.checksum(message));
        return ipv4
                ? PacketBuilder.ipv4()
                        .from("198.51.100.1")
                        .transport(1, message)
                        .build()
                : message;
    }

    void arrive(IcmpError.Kind kind, int mtu, byte[] quoted) {
        assertThat(path.underlayError(Naive.isIpv4(quoted), error(kind, mtu, quoted)))
                .isTrue();
    }

    List<byte[]> written() {
        return path.tun().written().stream().map(InMemoryTun.Written::packet).toList();
    }

    void assertRelayed(IcmpError.Kind kind, int mtu, byte[] about) {
        assertThat(written()).hasSize(1);
        byte[] relayed = written().get(0);
        boolean ipv4 = Naive.isIpv4(about);
        int icmp = ipv4 ? 20 : 40;
        int[] typeAndCode = ipv4 ? new int[] {0x0304, 0x0301, 0x0b00} : new int[] {0x0200, 0x0103, 0x0300};
        assertThat(Naive.problemsOfIcmp(relayed)).isEmpty();
        assertThat(Naive.u16(relayed, icmp)).isEqualTo(typeAndCode[kind.ordinal()]);
        assertThat(Naive.u16(relayed, icmp + 6)).isEqualTo(mtu);
        assertThat(Arrays.copyOfRange(relayed, icmp + 8, relayed.length))
                .isEqualTo(Arrays.copyOf(about, Math.min(about.length, relayed.length - icmp - 8)));
        assertThat(path.counters().icmpErrorsSent(kind)).isEqualTo(1);
    }

    void assertNotBelieved(Peer peer, int errors) {
        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1500);
        assertThat(written()).isEmpty();
        assertThat(path.counters().icmpErrorsIgnored()).isEqualTo(errors);
    }
}
