package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Gue;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.log.LogLimit;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Peers;
import net.fougateway.route.Prefix;
import net.fougateway.route.Underlay;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** From a router's ICMP error to the path MTU and to the inner sender. */
class UnderlayErrorsTest extends UnderlayErrorCase {

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void tooBigLowersThePathMtuAndIsRelayed(boolean ipv4Underlay, boolean ipv4) {
        Peer peer = peer(ipv4Underlay, Fou.PLAIN, 64);
        path = path(peer);
        byte[] about = inner(ipv4).build();

        arrive(
                IcmpError.Kind.TOO_BIG,
                1400,
                datagram(ipv4Underlay, ipv4 ? 5555 : 5556, about).build());

        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1400);
        assertRelayed(IcmpError.Kind.TOO_BIG, 1400 - (ipv4Underlay ? 28 : 48), about);
    }

    static Stream<Arguments> encapsulations() {
        byte[] gre = {(byte) 0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 42, 0, 0, 0, 9};
        return Stream.of(
                Arguments.of(new Gue(false, null), 5555, new byte[] {0, 4, 0, 0}),
                Arguments.of(new Gue(true, null), 5555, new byte[] {0, 4, 0, 0}),
                Arguments.of(new Gue(true, null), 5555, new byte[] {2, 4, 0, 1, (byte) 0x80, 0, 0, 0, 0, 20, 0, 26}),
                Arguments.of(new Fou(Gre.PLAIN), 5557, new byte[] {0, 0, 8, 0}),
                Arguments.of(new Fou(FULL_GRE), 5557, gre),
                Arguments.of(new Gue(false, FULL_GRE), 5557, Naive.join(new byte[] {0, 47, 0, 0}, gre)));
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void innerPacketIsFoundBehindEveryHeader(Encapsulation encapsulation, int port, byte[] header) {
        Peer peer = peer(true, encapsulation, 64);
        path = path(peer);
        byte[] about = inner(true).build();
        byte[] quoted = datagram(true, port, Naive.join(header, about)).build();

        arrive(IcmpError.Kind.UNREACHABLE, 0, Arrays.copyOf(quoted, 28 + header.length + 28));

        assertRelayed(IcmpError.Kind.UNREACHABLE, 0, Arrays.copyOf(about, 28));
        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1500);
    }

    /** Old routers quote eight bytes behind the IP header. Only a source port that cannot be guessed vouches for them. */
    @ParameterizedTest
    @MethodSource("encapsulations")
    void quoteThatIsCutBeforeTheInnerPacketIsBelievedOnlyOfAPool(Encapsulation encapsulation, int port, byte[] header) {
        for (boolean pool : new boolean[] {true, false}) {
            for (int length = 0; length < header.length + 20; length++) {
                Peer peer = peer(true, encapsulation, 64, pool ? 0 : OUR_PORT, null);
                path = path(peer);
                byte[] quoted = datagram(
                                true, port, Naive.join(header, inner(true).build()))
                        .udp(pool ? InMemoryUdp.FIRST_PORT + 7 : OUR_PORT, port)
                        .build();

                arrive(IcmpError.Kind.TOO_BIG, 1300, Arrays.copyOf(quoted, 28 + length));

                assertThat(path.pathMtu(peer).bytes()).isEqualTo(pool ? 1300 : 1500);
                assertThat(written()).isEmpty();
                assertThat(path.counters().icmpErrorsIgnored()).isEqualTo(pool ? 0 : 1);
            }
        }
    }

    /** Errors about one peer, forged or not, do not use up what senders to another may be told. */
    @Test
    void eachPeerHasABudgetOfItsOwn() {
        Peer one = peer(true, Fou.PLAIN, 64);
        path = path(one, PEER_C);
        for (int i = 0; i < 3 * InMemoryPath.ICMP_BURST; i++) {
            arrive(
                    IcmpError.Kind.UNREACHABLE,
                    0,
                    datagram(true, 5555, inner(true).build()).build());
        }
        assertThat(written()).hasSize(InMemoryPath.ICMP_BURST);
        byte[] toC = PacketBuilder.ipv4().to("10.3.0.1").payload(1480).build();
        path.tun().deliver(toC);
        assertThatCode(() -> path.tunToUdp()).doesNotThrowAnyException();
        assertThat(path.counters().icmpErrorsSent(IcmpError.Kind.TOO_BIG)).isEqualTo(1);
    }

    /** Only the peer that the inner packet was for is concerned, however many there are at the address. */
    @Test
    void amongManyPeersTheInnerPacketTellsWhich() {
        Peer[] many = IntStream.range(0, 3000)
                .mapToObj(i -> Peers.peer(
                        i,
                        "192.0.2.2",
                        i % 2 == 0 ? Fou.PLAIN : new Fou(new Gre(true, i, false, false)),
                        Gre.PLAIN,
                        List.of(new Prefix(Peers.address("10.%d.%d.0".formatted(i / 256, i % 256)), 24))))
                .toArray(Peer[]::new);
        path = path(many);
        byte[] about =
                inner(true).to("10.4.7.1").dontFragment(true).fragment(8, false).build();
        byte[] header = {0x20, 0, 8, 0, 0, 0, 4, 7};
        arrive(
                IcmpError.Kind.TOO_BIG,
                1300,
                datagram(true, 5555, Naive.join(header, about))
                        .udp(InMemoryUdp.FIRST_PORT, 5555)
                        .build());
        for (Peer peer : many) {
            assertThat(path.pathMtu(peer).bytes()).isEqualTo(peer.index() == 4 * 256 + 7 ? 1300 : 1500);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 0, TIME_EXCEEDED", "false, 0, TIME_EXCEEDED", "true, 64, UNREACHABLE", "false, 64, UNREACHABLE"})
    void timeExceededIsTheSendersOwnWhereItSetTheTtl(boolean ipv4, int ttl, IcmpError.Kind relayed) {
        for (boolean ipv4Underlay : new boolean[] {true, false}) {
            path = path(peer(ipv4Underlay, Fou.PLAIN, ttl));
            byte[] about = inner(ipv4).build();
            byte[] quoted = datagram(ipv4Underlay, 5555, about).build();

            arrive(IcmpError.Kind.TIME_EXCEEDED, 0, quoted);

            assertRelayed(relayed, 0, about);
        }
    }

    @Test
    void tooBigAboutAPacketThatMayBeFragmentedIsNotRelayed() {
        Peer peer = peer(true, Fou.PLAIN, 64);
        path = path(peer);
        arrive(
                IcmpError.Kind.TOO_BIG,
                1400,
                datagram(true, 5555, inner(true).dontFragment(false).build()).build());
        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1400);
        assertThat(written()).isEmpty();
    }

    @Test
    void ipv6SenderIsNeverToldLessThan1280() {
        path = path(peer(true, Fou.PLAIN, 64));
        byte[] about = inner(false).build();
        arrive(IcmpError.Kind.TOO_BIG, 1000, datagram(true, 5556, about).build());
        assertRelayed(IcmpError.Kind.TOO_BIG, 1280, about);
    }

    /** Of 6to4 sites only the inner packet can tell that the datagram was ours. */
    @Test
    void siteWhoseAddressIsInsideTheInnerOneIsKnownByTheInnerPacket() {
        Peer sites = new Peer(
                0,
                "sites",
                Peers.address("0.0.0.0"),
                Optional.of(EmbeddedAddress.SIX_TO_FOUR),
                Underlay.from(Peers.address("192.0.2.1")),
                Peer.Ports.all(5555),
                OUR_PORT,
                true,
                Fou.PLAIN,
                Gre.PLAIN,
                64,
                Peer.INHERIT_TOS,
                true,
                true,
                false,
                List.of(new Prefix(Peers.address("2002::"), 16)),
                PeerFrames.NONE,
                1500);
        path = path(sites);
        byte[] there = PacketBuilder.ipv6().to("2002:c000:202::9").payload(1300).build();
        byte[] elsewhere =
                PacketBuilder.ipv6().to("2002:c000:203::9").payload(1300).build();

        arrive(IcmpError.Kind.TOO_BIG, 1400, datagram(true, 5555, elsewhere).build());
        arrive(
                IcmpError.Kind.TOO_BIG,
                1400,
                Arrays.copyOf(datagram(true, 5555, there).build(), 60));
        assertThat(path.pathMtu(sites).bytes()).isEqualTo(1500);
        assertThat(written()).isEmpty();

        arrive(IcmpError.Kind.TOO_BIG, 1400, datagram(true, 5555, there).build());
        assertThat(path.pathMtu(sites).bytes()).isEqualTo(1400);
        assertRelayed(IcmpError.Kind.TOO_BIG, 1372, there);
    }

    @Test
    void quotedPacketThatIsNotRoutedToThePeerIsNotRelayed() {
        path = path(peer(true, Fou.PLAIN, 64), PEER_C);
        arrive(
                IcmpError.Kind.UNREACHABLE,
                0,
                datagram(true, 5555, inner(true).to("10.3.0.1").build()).build());
        arrive(
                IcmpError.Kind.UNREACHABLE,
                0,
                datagram(true, 5555, inner(true).to("10.9.0.1").build()).build());
        assertThat(written()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsRelayedAboutAnIcmpError(boolean ipv4) {
        path = path(peer(true, Fou.PLAIN, 64));
        byte[] error = {(byte) (ipv4 ? 3 : 1), 0, 0, 0, 0, 0, 0, 0};
        byte[] about = inner(ipv4).transport(ipv4 ? 1 : 58, error).build();
        arrive(
                IcmpError.Kind.UNREACHABLE,
                0,
                datagram(true, ipv4 ? 5555 : 5556, about).build());
        assertThat(written()).isEmpty();
    }

    /** Each of them lowers the path MTU a little more. */
    @Test
    void aFloodOfErrorsIsNoFloodOfLogLines() {
        path = path(peer(true, Fou.PLAIN, 64));
        byte[] about = datagram(true, 5555, inner(true).build()).build();
        Logger logger = (Logger) LoggerFactory.getLogger(UnderlayErrors.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        try {
            for (int mtuBytes = 1499; mtuBytes > 1499 - 900; mtuBytes--) {
                arrive(IcmpError.Kind.TOO_BIG, mtuBytes, about);
            }
        } finally {
            logger.detachAppender(logged);
        }

        assertThat(logged.list).hasSizeLessThanOrEqualTo(LogLimit.LINES);
    }
}
