package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import net.fougateway.codec.Fou;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.route.Peer;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ICMP errors that cannot be about a datagram of ours change nothing. */
class ForgedErrorsTest extends UnderlayErrorCase {

    /** Whatever is true of the quote but its outer source. */
    @ParameterizedTest
    @CsvSource({
        "true, 192.0.2.99,",
        "true, 192.0.2.1, 192.0.2.77",
        "true, 10.1.0.1,",
        "false, 2001:db8::99,",
        "false, 2001:db8::1, 2001:db8::77"
    })
    void forgedOuterSource(boolean ipv4Underlay, String source, String local) {
        Peer peer = peer(ipv4Underlay, Fou.PLAIN, 64, OUR_PORT, local);
        path = path(peer);
        PacketBuilder quoted = datagram(ipv4Underlay, 5555, inner(true).build()).from(source);
        for (IcmpError.Kind kind : IcmpError.Kind.values()) {
            arrive(kind, kind == IcmpError.Kind.TOO_BIG ? 600 : 0, quoted.build());
        }
        assertNotBelieved(peer, 3);
    }

    /** A flow leaves from one port of the pool, by a hash that is secret. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void forgedSourcePortOfThePool(boolean ipv4) throws IOException {
        Peer peer = peer(true, Fou.PLAIN, 64, 0, null);
        path = path(peer);
        byte[] about = inner(ipv4).build();
        path.tun().deliver(about);
        path.tunToUdp();
        int sentFrom = path.udp().sent().get(0).socket() - 1000 + InMemoryUdp.FIRST_PORT;
        int port = ipv4 ? 5555 : 5556;
        for (int guess = InMemoryUdp.FIRST_PORT; guess < InMemoryUdp.FIRST_PORT + 100; guess++) {
            if (guess != sentFrom) {
                arrive(
                        IcmpError.Kind.TOO_BIG,
                        1300,
                        datagram(true, port, about).udp(guess, port).build());
            }
        }
        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1500);

        arrive(
                IcmpError.Kind.TOO_BIG,
                1300,
                datagram(true, port, about).udp(sentFrom, port).build());
        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1300);
    }

    @Test
    void forgedInnerPacket() {
        Peer peer = peer(true, new Fou(FULL_GRE), 64);
        path = path(peer);
        byte[] gre = {(byte) 0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 42, 0, 0, 0, 9};
        byte[] otherKey = gre.clone();
        otherKey[11] = 41;
        byte[] otherFlags = gre.clone();
        otherFlags[0] = (byte) 0x90;
        byte[] about = inner(true).build();
        arrive(
                IcmpError.Kind.TOO_BIG,
                1300,
                datagram(true, 5557, Naive.join(otherKey, about)).build());
        arrive(
                IcmpError.Kind.TOO_BIG,
                1300,
                datagram(true, 5557, Naive.join(otherFlags, about)).build());
        arrive(
                IcmpError.Kind.TOO_BIG,
                1300,
                datagram(true, 5557, Naive.join(gre, inner(true).to("10.9.0.1").build()))
                        .build());
        arrive(IcmpError.Kind.TOO_BIG, 1300, datagram(true, 5557, new byte[100]).build());
        assertNotBelieved(peer, 4);
        arrive(
                IcmpError.Kind.TOO_BIG,
                1300,
                datagram(true, 5557, Naive.join(gre, about)).build());
        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1300);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void errorsAboutSomebodyElsesDatagramsAreIgnored(boolean ipv4Underlay) {
        Peer peer = peer(ipv4Underlay, Fou.PLAIN, 64);
        path = path(peer);
        byte[] about = inner(true).build();
        PacketBuilder ours = datagram(ipv4Underlay, 5555, about);
        arrive(IcmpError.Kind.TOO_BIG, 1400, ours.udp(OUR_PORT + 1, 5555).build());
        arrive(IcmpError.Kind.TOO_BIG, 1400, ours.udp(0, 5555).build());
        arrive(IcmpError.Kind.TOO_BIG, 1400, ours.udp(OUR_PORT, 53).build());
        arrive(
                IcmpError.Kind.TOO_BIG,
                1400,
                ours.udp(OUR_PORT, 5555)
                        .to(ipv4Underlay ? "192.0.2.3" : "2001:db8::3")
                        .build());
        assertThat(path.pathMtu(peer).bytes()).isEqualTo(1500);
        assertThat(written()).isEmpty();
    }
}
