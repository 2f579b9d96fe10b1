package net.fougateway.path;

import static net.fougateway.codec.Direction.TUN_TO_UDP;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Peers;
import net.fougateway.route.Underlay;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that contain one another, and peers that share an address in the underlay. */
class LoopsAndSharesTest extends PathCase {

    private void send(byte[] packet) throws IOException {
        path.tun().deliver(packet);
        path.tunToUdp();
    }

    /** Over as many peers as there are, and from one family to the other. */
    @ParameterizedTest
    @CsvSource({
        "192.0.2.2, 198.51.100.2, 203.0.113.2",
        "192.0.2.2, 2001:db8::2, 203.0.113.2",
        "2001:db8::2, 2001:db8:1::2, 2001:db8:2::2"
    })
    void peersThatContainEachOther(String a, String b, String c) throws IOException {
        List<String> addresses = List.of(a, b, c);
        path = path(Peers.peer(0, a, host(b), "10.2.0.0/16"), Peers.peer(1, b, host(c)), Peers.peer(2, c, host(a)));
        for (String outer : addresses) {
            boolean ipv4 = !outer.contains(":");
            send(PacketBuilder.ip(ipv4).to(outer).udp(50_007, 5555).payload(100).build());
        }
        assertThat(path.udp().sent()).isEmpty();
        assertThat(path.counters().dropped(TUN_TO_UDP, DropReason.ROUTING_LOOP).packets())
                .isEqualTo(3);
    }

    private static String host(String address) {
        return address + (address.contains(":") ? "/128" : "/32");
    }

    /** What goes to the same machine, but not to its tunnel, is a packet like any other. */
    @Test
    void otherTrafficToThePeersHost() throws IOException {
        path = path(Peers.peer(0, "192.0.2.2", "0.0.0.0/0"), Peers.peer(1, "192.0.2.3", "10.3.0.0/16"));
        send(PacketBuilder.ipv4().to("192.0.2.2").udp(40_000, 53).build());
        send(PacketBuilder.ipv4().to("192.0.2.3").tcp(40_000, 5555).build());
        send(PacketBuilder.ipv4().to("192.0.2.4").udp(40_000, 5555).build());
        assertThat(path.udp().sent()).hasSize(3);
    }

    /** 6to4 and 6rd, both to the same site, from the same socket: each has its own counters, and its own path MTU. */
    @Test
    void peersWhoseSitesAreAtOneAddressShareNothing() throws IOException {
        Peer sixToFour = Peers.embedded(0, EmbeddedAddress.SIX_TO_FOUR, "192.0.2.1", "2002::/16");
        Peer sixRd = Peers.embedded(
                1, EmbeddedAddress.sixRapidDeployment(0x20010db8_00000000L, 32, 0, 0), "192.0.2.1", "2001:db8::/32");
        path = path(sixToFour, sixRd);
        for (int round = 0; round < 40; round++) {
            path.tun()
                    .deliver(PacketBuilder.ipv6()
                            .to("2002:c000:202::1")
                            .payload(100 + round % 2)
                            .build());
            path.tun()
                    .deliver(PacketBuilder.ipv6()
                            .to("2001:db8:c000:202::1")
                            .payload(100 + round % 2)
                            .build());
        }
        path.tunToUdp();
        assertThat(path.forwarded(TUN_TO_UDP, 0).packets()).isEqualTo(40);
        assertThat(path.forwarded(TUN_TO_UDP, 1).packets()).isEqualTo(40);
    }

    /** A socket that several peers share carries neither TTL nor source address; those that it does not share do. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ttlOfASharedSocketIsInTheMessage(boolean shared) throws IOException {
        Peer ten = withTtl(0, "192.0.2.2", 10);
        Peer twenty = withTtl(1, "192.0.2.3", 20);
        path = shared ? InMemoryPath.onListeningSockets(ten, twenty) : path(ten, twenty);
        send(PacketBuilder.ipv4().to("10.0.0.1").build());
        send(PacketBuilder.ipv4().to("10.0.1.1").build());
        assertThat(path.udp().sent())
                .extracting(InMemoryUdp.Sent::ttl)
                .containsExactly(shared ? new Integer[] {10, 20} : new Integer[] {0, 0});
    }

    private static Peer withTtl(int index, String remote, int ttl) {
        return new Peer(
                index,
                "peer" + index,
                Peers.address(remote),
                Optional.empty(),
                Underlay.ANY,
                Peer.Ports.all(5555),
                5555,
                true,
                Fou.PLAIN,
                Gre.PLAIN,
                ttl,
                Peer.INHERIT_TOS,
                true,
                true,
                false,
                Peers.peer(index, remote, "10.0.%d.0/24".formatted(index)).allowedIps(),
                PeerFrames.NONE,
                1500);
    }
}
