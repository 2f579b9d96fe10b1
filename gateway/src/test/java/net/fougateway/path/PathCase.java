package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.metrics.Snapshot;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Peers;
import net.fougateway.route.SourceCheck;
import net.fougateway.route.Underlay;
import org.junit.jupiter.api.AfterEach;

/** Two peers, B over IPv4 and C over IPv6, and a path to them; whatever a case does, the books must balance. */
class PathCase {

    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int EMSGSIZE = 90;
    static final int ENETUNREACH = 101;

    static final InetAddress B = Peers.address("192.0.2.2");
    static final InetAddress C = Peers.address("2001:db8::3");
    static final Peer PEER_B = Peers.peer(0, "192.0.2.2", "10.2.0.0/16", "fd00:2::/32");
    static final Peer PEER_C = Peers.peer(1, "2001:db8::3", "10.3.0.0/16", "fd00:3::/32");

    /** B again, without path MTU discovery, without UDP checksums, and with the inner TTL. */
    static final Peer OLD_FASHIONED_B = new Peer(
            0,
            "b",
            B,
            Optional.empty(),
            Underlay.ANY,
            new Peer.Ports(5555, 5556, 5557),
            0,
            false,
            Fou.PLAIN,
            Gre.PLAIN,
            Peer.INHERIT_TTL,
            0x20,
            false,
            false,
            false,
            PEER_B.allowedIps(),
            PeerFrames.NONE,
            1500);

    InMemoryPath path = path(PEER_B, PEER_C);

    static InMemoryPath path(Peer... peers) {
        return new InMemoryPath(List.of(peers), SourceCheck.Mode.STRICT, true);
    }

    @AfterEach
    void receivedIsForwardedPlusDropped() {
        for (Direction direction : Direction.values()) {
            Snapshot.Traffic received = path.counters().received(direction);
            Snapshot.Traffic forwarded = path.forwarded(direction);
            Snapshot.Traffic dropped = path.dropped(direction);
            assertThat(received.packets()).isEqualTo(forwarded.packets() + dropped.packets());
            assertThat(received.bytes()).isEqualTo(forwarded.bytes() + dropped.bytes());
        }
    }

    /** A packet from the network behind B to ours. */
    static PacketBuilder fromB() {
        return PacketBuilder.ipv4().from("10.2.0.2").to("10.1.0.1");
    }

    void assertForwarded(Direction direction, Peer peer, int packets, long bytes) {
        assertThat(path.forwarded(direction, peer.index())).isEqualTo(new Snapshot.Traffic(packets, bytes));
    }

    void assertDropped(Direction direction, DropReason reason, int packets, long bytes) {
        assertThat(path.counters().dropped(direction, reason)).isEqualTo(new Snapshot.Traffic(packets, bytes));
    }

    static int bytes(byte[]... packets) {
        return Naive.join(packets).length;
    }
}
