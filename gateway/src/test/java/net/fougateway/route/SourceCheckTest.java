package net.fougateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.route.SourceCheck.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SourceCheckTest {

    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";
    private static final String C = "2001:db8::3";

    /** Peers 0 and 3 are one machine. */
    private static final List<Peer> PEERS = List.of(
            Peers.peer(0, A, "10.0.0.0/24", "fd00::/64"),
            Peers.peer(1, B, "10.0.1.0/24"),
            Peers.peer(2, C, "10.0.2.0/24", "fd02::/64"),
            Peers.peer(3, A, "10.0.3.0/24"));

    private static SourceCheck check(Mode mode) {
        return new SourceCheck(mode, PEERS, new RouteCache(RouteTable.ofAllowedIps(PEERS)));
    }

    private static void from(SourceCheck check, String outer) {
        InetAddress address = Peers.address(outer);
        check.from(!outer.contains(":"), AddressBits.high(address), AddressBits.low(address));
    }

    private static DropReason inner(SourceCheck check, String source) {
        byte[] bytes = PacketBuilder.ip(!source.contains(":")).from(source).build();
        InnerPacket packet = new InnerPacket();
        assertThat(packet.parse(ByteBuffer.wrap(bytes), 0, bytes.length)).isNull();
        return check.check(packet, null);
    }

    @ParameterizedTest
    @EnumSource
    void aSenderThatIsNoPeerIsRefusedInEveryMode(Mode mode) {
        SourceCheck check = check(mode);
        assertThat(inner(check, "10.0.0.1")).isEqualTo(DropReason.UNKNOWN_PEER);
        from(check, "192.0.2.99");
        assertThat(inner(check, "10.0.0.1")).isEqualTo(DropReason.UNKNOWN_PEER);
        from(check, "2001:db8::99");
        assertThat(inner(check, "10.0.0.1")).isEqualTo(DropReason.UNKNOWN_PEER);
        from(check, "::192.0.2.1");
        assertThat(inner(check, "10.0.0.1")).isEqualTo(DropReason.UNKNOWN_PEER);
    }

    @ParameterizedTest
    @EnumSource
    void aPeersOwnSourcesPass(Mode mode) {
        SourceCheck check = check(mode);
        from(check, A);
        assertThat(inner(check, "10.0.0.1")).isNull();
        assertThat(inner(check, "fd00::1")).isNull();
        assertThat(check.peer()).isZero();
        from(check, C);
        assertThat(inner(check, "10.0.2.1")).isNull();
        assertThat(inner(check, "fd02::1")).isNull();
        assertThat(check.peer()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void anotherPeersSourcePassesUnlessStrict(Mode mode) {
        SourceCheck check = check(mode);
        from(check, B);
        assertThat(inner(check, "10.0.0.1")).isEqualTo(mode == Mode.STRICT ? DropReason.SOURCE_NOT_ALLOWED : null);
        if (mode != Mode.STRICT) {
            assertThat(check.peer()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anybodysSourcePassesOnlyWhenOff(Mode mode) {
        SourceCheck check = check(mode);
        from(check, B);
        assertThat(inner(check, "8.8.8.8")).isEqualTo(mode == Mode.OFF ? null : DropReason.SOURCE_NOT_ALLOWED);
        assertThat(inner(check, "fd99::1")).isEqualTo(mode == Mode.OFF ? null : DropReason.SOURCE_NOT_ALLOWED);
    }

    @Test
    void peersWithOneRemoteAreToldApartByTheInnerSource() {
        SourceCheck check = check(Mode.STRICT);
        from(check, A);
        assertThat(inner(check, "10.0.3.1")).isNull();
        assertThat(check.peer()).isEqualTo(3);
        assertThat(inner(check, "10.0.0.1")).isNull();
        assertThat(check.peer()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void whatItRemembersNeverChangesAnAnswer(Mode mode) {
        long seed = 11;
        Random random = new Random(seed);
        List<String> outers = List.of(A, B, C, "192.0.2.99", "::192.0.2.1");
        List<String> inners =
                List.of("10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1", "8.8.8.8", "fd00::1", "fd02::1", "fd99::1");
        SourceCheck check = check(mode);
        for (int i = 0; i < 5000; i++) {
            String outer = outers.get(random.nextInt(outers.size()));
            from(check, outer);
            for (int j = random.nextInt(4); j > 0; j--) {
                String source = inners.get(random.nextInt(inners.size()));
                SourceCheck fresh = check(mode);
                from(fresh, outer);
                DropReason expected = inner(fresh, source);
                assertThat(inner(check, source))
                        .as("seed %d, step %d: %s from %s", seed, i, source, outer)
                        .isEqualTo(expected);
                if (expected == null) {
                    assertThat(check.peer()).isEqualTo(fresh.peer());
                }
            }
        }
    }

    private static final List<Peer> AUTOMATIC = List.of(
            Peers.embedded(0, EmbeddedAddress.SIX_TO_FOUR, A, "2002::/16"),
            Peers.embedded(1, EmbeddedAddress.ISATAP, A, "2001:db8:1::/64"),
            Peers.peer(2, B, "2001:db8:2::/48"));

    @ParameterizedTest
    @CsvSource({
        "192.0.2.9, 2002:c000:0209::1, 2002:c000:0201::1,",
        "192.0.2.9, 2002:c000:0209::1, 2001:db8:9::1,",
        "192.0.2.9, 2002:c000:0209::1, 2002:c000:0202::1, ADDRESS_SPOOFED",
        "192.0.2.8, 2002:c000:0209::1, 2002:c000:0201::1, ADDRESS_SPOOFED",
        "192.0.2.9, 2002:e000:0001::1, 2002:c000:0201::1, ADDRESS_SPOOFED",
        "192.0.2.9, 2001:db8:1::5efe:c000:209, 2001:db8:1::5efe:c000:299,",
        "192.0.2.8, 2001:db8:1::5efe:c000:209, 2001:db8:1::5efe:c000:201, ADDRESS_SPOOFED",
        "192.0.2.9, 2001:db8:7::5efe:c000:209, 2001:db8:1::1, SOURCE_NOT_ALLOWED",
        "192.0.2.9, 2001:db8:1::1, 2002:c000:0201::1, UNKNOWN_PEER",
        "192.0.2.9, 10.0.0.1, 10.0.0.2, UNKNOWN_PEER",
        "192.0.2.2, 2001:db8:2::1, 2002:c000:0201::1,",
    })
    void automaticPeersAreKnownByTheirInnerAddress(
            String outer, String source, String destination, DropReason verdict) {
        SourceCheck check = new SourceCheck(Mode.STRICT, AUTOMATIC, new RouteCache(RouteTable.ofAllowedIps(AUTOMATIC)));
        byte[] bytes = PacketBuilder.ip(!source.contains(":"))
                .from(source)
                .to(destination)
                .build();
        InnerPacket packet = new InnerPacket();
        assertThat(packet.parse(ByteBuffer.wrap(bytes), 0, bytes.length)).isNull();
        for (int i = 0; i < 2; i++) {
            from(check, outer);
            assertThat(check.check(packet, null)).isEqualTo(verdict);
        }
    }
}
