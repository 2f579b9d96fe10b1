package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.fougateway.codec.Direction;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Underlay;
import net.fougateway.udp.InMemoryUdp;
import org.junit.jupiter.api.Test;

/** What must arrive in order leaves in order, whichever sockets it leaves from, and what the path cannot take as a whole hinders nothing. */
class OrderTest extends PathCase {

    private static final int NARROW_PATH_BYTES = 1280;

    private static Peer peer(Encapsulation encapsulation, boolean pmtuDiscovery) {
        return new Peer(
                0,
                "b",
                B,
                Optional.empty(),
                Underlay.ANY,
                Peer.Ports.all(5555),
                0,
                true,
                encapsulation,
                Gre.PLAIN,
                64,
                Peer.INHERIT_TOS,
                pmtuDiscovery,
                false,
                false,
                PEER_B.allowedIps(),
                PeerFrames.NONE,
                NARROW_PATH_BYTES);
    }

    private static byte[] ipv6(int bytes, int flow) {
        return PacketBuilder.ipv6()
                .to("fd00:2::9")
                .udp(flow, 2)
                .payload(bytes - 48)
                .build();
    }

    @Test
    void numbersOfGreLeaveInOrder() throws IOException {
        path = path(peer(new Fou(new Gre(false, 0, false, true)), true));
        for (int i = 0; i < 6; i++) {
            path.tun().deliver(ipv6(i % 2 == 0 ? 1280 : 100, i));
            path.tun().deliver(PacketBuilder.ipv4().payload(100 + i % 3).build());
        }
        path.tunToUdp();

        List<Integer> numbers = path.udp().sent().stream()
                .flatMap(sent -> sent.datagrams().stream())
                .map(datagram -> ByteBuffer.wrap(datagram).getInt(4))
                .toList();
        assertThat(numbers).isEqualTo(IntStream.range(0, 12).boxed().toList());
        assertThat(path.udp().sent().stream().map(InMemoryUdp.Sent::socket).distinct())
                .as("from one source port, so that the network keeps the order too")
                .hasSize(1);
    }

    @Test
    void packetsOfOneFlowKeepTheirOrderWhetherFragmentedOutsideOrNot() throws IOException {
        path = path(peer(Fou.PLAIN, true));
        int[] sizes = {100, 1280, 101, 1279, 1278, 102};
        for (int size : sizes) {
            path.tun().deliver(ipv6(size, 1));
        }
        path.tunToUdp();

        assertThat(path.udp().sent().stream()
                        .flatMap(sent -> sent.datagrams().stream())
                        .map(datagram -> datagram.length))
                .containsExactly(100, 1280, 101, 1279, 1278, 102);
        assertThat(path.udp().sent().stream().map(InMemoryUdp.Sent::socket).distinct())
                .as("from one source port, so that the network keeps the order too")
                .hasSize(1);
    }

    @Test
    void datagramThatExceedsThePathIsAMessageOfItsOwn() throws IOException {
        path = path(peer(Fou.PLAIN, false));
        for (int size : new int[] {1280, 1280, 200, 1280, 200, 200}) {
            path.tun().deliver(ipv6(size, 1));
        }
        path.tunToUdp();

        assertThat(path.udp().sent())
                .filteredOn(sent -> sent.bytes().length >= 1280)
                .hasSize(3)
                .allSatisfy(sent -> assertThat(sent.segmentBytes()).isZero());
        assertThat(path.forwarded(Direction.TUN_TO_UDP).packets()).isEqualTo(6);
    }
}
