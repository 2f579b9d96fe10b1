package net.fougateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Format;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.GreHeader;
import net.fougateway.codec.Gue;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.route.SourceCheck.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers behind one outer address are told apart by all that a datagram shows, however strictly inner sources are checked. */
class PeersAtOneAddressTest {

    private static final String A = "192.0.2.1";
    private static final String A6 = "2001:db8::1";
    private static final String OURS = "192.0.2.91";
    private static final String OURS_TOO = "192.0.2.92";

    private final List<Peer> peers = new ArrayList<>();
    private String outer = A;
    private String local = OURS;
    private int port = 5555;
    private Format format = Format.FOU;
    private String source = "10.9.0.1";

    private int add(String remote, String local, int port, Encapsulation encapsulation, Gre gre, String... prefixes) {
        Peer like = Peers.peer(
                peers.size(),
                remote,
                encapsulation,
                gre,
                List.of(prefixes).stream().map(Peers::prefix).toList());
        peers.add(new Peer(
                like.index(),
                like.name(),
                like.remote(),
                Optional.empty(),
                Underlay.from(local == null ? null : Peers.address(local)),
                Peer.Ports.all(port),
                0,
                true,
                encapsulation,
                gre,
                64,
                Peer.INHERIT_TOS,
                true,
                true,
                false,
                like.allowedIps(),
                PeerFrames.NONE,
                1500));
        return like.index();
    }

    private int add(Encapsulation encapsulation, String... prefixes) {
        Gre gre = encapsulation.gre() == null ? Gre.PLAIN : encapsulation.gre();
        return add(A, null, 5555, encapsulation, gre, prefixes);
    }

    private static Gre keyed(int key) {
        return new Gre(true, key, false, false);
    }

    /** The peer that a packet is counted for, or why it is dropped. */
    private Object sender(Mode mode, Gre gre) {
        SourceCheck check = new SourceCheck(mode, peers, new RouteCache(RouteTable.ofAllowedIps(peers)));
        InetAddress from = Peers.address(outer);
        InetAddress to = Peers.address(local);
        check.from(!outer.contains(":"), AddressBits.high(from), AddressBits.low(from));
        check.to(AddressBits.high(to), AddressBits.low(to), port, format);
        byte[] inner = PacketBuilder.ip(!source.contains(":")).from(source).build();
        byte[] bytes = gre == null ? inner : Naive.join(greHeader(gre), inner);
        Decapsulator decapsulator = new Decapsulator();
        InnerPacket packet = new InnerPacket();
        assertThat(decapsulator.decapsulate(ByteBuffer.wrap(bytes), 0, bytes.length, PortPayload.FOU, packet))
                .isNull();
        GreHeader header = decapsulator.hasGre() ? decapsulator.gre() : null;
        DropReason verdict = check.check(packet, header);
        if (verdict == null && header != null) {
            verdict = new GreCheck(peers).check(header, check.peer());
        }
        return verdict == null ? (Object) check.peer() : verdict;
    }

    private byte[] greHeader(Gre gre) {
        int type = source.contains(":") ? 0x86dd : 0x0800;
        byte[] header = new byte[gre.keyed() ? 8 : 4];
        Naive.put16(header, 0, gre.keyed() ? 0x2000 : 0);
        Naive.put16(header, 2, type);
        if (gre.keyed()) {
            Naive.put16(header, 6, gre.key());
        }
        return header;
    }

    /** The kernel selects by key. */
    @ParameterizedTest
    @CsvSource({"OFF, 10.9.0.1", "OFF, 10.1.0.1", "OFF, 10.2.0.1", "OFF, fd99::1", "LOOSE, 10.1.0.1", "LOOSE, 10.2.0.1"
    })
    void byGreKey(Mode mode, String from) {
        source = from;
        int none = add(new Fou(Gre.PLAIN), "10.1.0.0/16");
        int one = add(new Fou(keyed(1)), "10.2.0.0/16");
        int zero = add(new Fou(keyed(0)), "10.3.0.0/16");
        int bare = add(Fou.PLAIN, "10.4.0.0/16");
        assertThat(sender(mode, Gre.PLAIN)).isEqualTo(none);
        assertThat(sender(mode, keyed(1))).isEqualTo(one);
        assertThat(sender(mode, keyed(0))).isEqualTo(zero);
        assertThat(sender(mode, null)).isEqualTo(bare);
        assertThat(sender(mode, keyed(7))).isEqualTo(DropReason.GRE_KEY_MISMATCH);
    }

    /** In strict mode the inner source decides, and the key of its owner is asked for. */
    @Test
    void byInnerSource() {
        int one = add(new Fou(keyed(1)), "10.1.0.0/16");
        int two = add(new Fou(keyed(2)), "10.2.0.0/16", "fd02::/64");
        source = "10.1.0.1";
        assertThat(sender(Mode.STRICT, keyed(1))).isEqualTo(one);
        assertThat(sender(Mode.STRICT, keyed(2))).isEqualTo(DropReason.GRE_KEY_MISMATCH);
        source = "fd02::1";
        assertThat(sender(Mode.STRICT, keyed(2))).isEqualTo(two);
        assertThat(sender(Mode.OFF, keyed(2))).isEqualTo(two);
    }

    @ParameterizedTest
    @EnumSource
    void byInnerSourceWithoutGreInEveryMode(Mode mode) {
        add(Fou.PLAIN, "10.1.0.0/16");
        int two = add(Fou.PLAIN, "10.2.0.0/16");
        source = "10.2.0.1";
        assertThat(sender(mode, null)).isEqualTo(two);
    }

    @Test
    void byFormat() {
        int fou = add(Fou.PLAIN, "10.1.0.0/16");
        int gue = add(new Gue(false, null), "10.2.0.0/16");
        assertThat(sender(Mode.OFF, null)).isEqualTo(fou);
        format = Format.GUE;
        assertThat(sender(Mode.OFF, null)).isEqualTo(gue);
        source = "10.1.0.1";
        assertThat(sender(Mode.LOOSE, null)).isEqualTo(gue);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1, 192.0.2.91, 192.0.2.92, 192.0.2.93", "2001:db8::1, fd00::91, fd00::92, fd00::93"})
    void byOurOwnAddress(String remote, String ours, String oursToo, String another) {
        outer = remote;
        int one = add(remote, ours, 5555, Fou.PLAIN, Gre.PLAIN, "10.1.0.0/16");
        int two = add(remote, oursToo, 5555, Fou.PLAIN, Gre.PLAIN, "10.2.0.0/16");
        int any = add(remote, null, 5555, Fou.PLAIN, Gre.PLAIN, "10.3.0.0/16");
        local = oursToo;
        assertThat(sender(Mode.OFF, null)).isEqualTo(two);
        source = "10.2.0.1";
        local = ours;
        assertThat(sender(Mode.LOOSE, null)).isEqualTo(one);
        local = another;
        assertThat(sender(Mode.LOOSE, null)).isEqualTo(any);
    }

    @Test
    void byPort() {
        int one = add(A, null, 5555, Fou.PLAIN, Gre.PLAIN, "10.1.0.0/16");
        int two = add(A, null, 6666, Fou.PLAIN, Gre.PLAIN, "10.2.0.0/16");
        port = 6666;
        assertThat(sender(Mode.OFF, null)).isEqualTo(two);
        port = 7777;
        assertThat(sender(Mode.OFF, null)).isEqualTo(one);
    }

    /** What does not fit anybody does not make strangers of peers. */
    @ParameterizedTest
    @EnumSource
    void whatFitsNobodyDoesNotCount(Mode mode) {
        int one = add(A6, "fd00::91", 5555, new Fou(Gre.PLAIN), Gre.PLAIN, "10.1.0.0/16");
        add(A6, "fd00::91", 5555, new Fou(Gre.PLAIN), Gre.PLAIN, "10.2.0.0/16");
        outer = A6;
        local = OURS_TOO;
        port = 9;
        format = Format.GUE;
        source = "10.1.0.1";
        assertThat(sender(mode, null)).isEqualTo(one);
    }

    /** A 6to4 relay that is a peer itself also sends from its own 6to4 prefix. */
    @ParameterizedTest
    @EnumSource
    void siteAndFixedPeerAtOneAddress(Mode mode) {
        int relay = add(Fou.PLAIN, "2001:db8::/32");
        peers.add(Peers.embedded(1, EmbeddedAddress.SIX_TO_FOUR, OURS, "2002::/16"));
        source = "2002:c000:201::1";
        assertThat(sender(mode, null)).isEqualTo(1);
        source = "2001:db8::9";
        assertThat(sender(mode, null)).isEqualTo(relay);
    }

    @Test
    void manyKeysAreManyPeers() {
        for (int key = 0; key < 3000; key++) {
            add(new Fou(keyed(key)), "10.%d.%d.0/24".formatted(key / 256, key % 256));
        }
        for (int key = 0; key < 3000; key += 7) {
            assertThat(sender(Mode.OFF, keyed(key))).isEqualTo(key);
        }
    }
}
