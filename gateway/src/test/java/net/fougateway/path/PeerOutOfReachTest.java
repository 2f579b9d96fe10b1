package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import net.fougateway.codec.Fou;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.route.Peer;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tells that a peer cannot be reached where it is, so that its name is looked up again. */
class PeerOutOfReachTest extends UnderlayErrorCase {

    @ParameterizedTest
    @CsvSource({"101, true", "113, true", "111, true", "1, false", "5, false", "11, false", "90, false", "105, false"})
    void errorsOfSending(int errno, boolean outOfReach) throws IOException {
        path.udp().refuse(message -> errno);

        path.tun().deliver(PacketBuilder.ipv4().to("10.2.0.1").payload(20).build());
        path.tunToUdp();

        assertThat(path.takeUnreachable(PEER_C)).isFalse();
        assertThat(path.takeUnreachable(PEER_B)).isEqualTo(outOfReach);
        assertThat(path.takeUnreachable(PEER_B)).isFalse();
    }

    /** An inherited TTL that runs out is the sender's own; another one does so in a loop. */
    @ParameterizedTest
    @CsvSource({
        "UNREACHABLE, 64, true",
        "UNREACHABLE, 0, true",
        "TOO_BIG, 64, false",
        "TIME_EXCEEDED, 64, true",
        "TIME_EXCEEDED, 0, false",
    })
    void errorsOfRouters(IcmpError.Kind kind, int ttl, boolean outOfReach) {
        Peer peer = peer(true, Fou.PLAIN, ttl);
        path = path(peer, PEER_C);

        arrive(
                kind,
                kind == IcmpError.Kind.TOO_BIG ? 1400 : 0,
                datagram(true, 5555, inner(true).build()).build());

        assertThat(path.takeUnreachable(peer)).isEqualTo(outOfReach);
        assertThat(path.takeUnreachable(PEER_C)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, true", "40001, false"})
    void aShortQuoteCountsWhereNobodyCanForgeIt(int sourcePort, boolean outOfReach) {
        Peer peer = peer(true, Fou.PLAIN, 64, sourcePort, null);
        path = path(peer);
        byte[] quoted = datagram(true, 5555, inner(true).build())
                .udp(sourcePort == 0 ? InMemoryUdp.FIRST_PORT + 7 : sourcePort, 5555)
                .build();

        arrive(IcmpError.Kind.UNREACHABLE, 0, Arrays.copyOf(quoted, 28));

        assertThat(path.takeUnreachable(peer)).isEqualTo(outOfReach);
    }

    @Test
    void aForgedErrorTellsNothing() {
        Peer peer = peer(true, Fou.PLAIN, 64);
        path = path(peer);

        arrive(
                IcmpError.Kind.UNREACHABLE,
                0,
                datagram(true, 5555, inner(true).build())
                        .udp(OUR_PORT + 1, 5555)
                        .build());

        assertThat(path.takeUnreachable(peer)).isFalse();
    }
}
