package net.fougateway.ethernet;

import java.util.List;
import java.util.stream.IntStream;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.Vxlan;
import net.fougateway.route.PairTable;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/**
 * Which peer a frame goes to, and whether one may come from a peer. Made anew when the peers change; the table of learned addresses stays.
 * Any worker may use it.
 */
public final class Switching {

    /** Answer where no peer is known at an address. */
    public static final int NONE = -1;

    private static final int NO_VNI = -1;

    private final MacTable macs;
    private final boolean learning;
    private final PairTable fixed = new PairTable();
    private final boolean hasFixed;
    private final int[] portOfPeer;
    private final int[] peerOfPort;
    private final int[] vniOfPeer;
    private final boolean[] onlyFixed;
    private final int[] flooded;
    private final InnerSources inner;

    /**
     * What follows from the peers.
     *
     * @param macs learned addresses
     * @param learning whether frames from peers teach where addresses are
     * @param peers in the order of their indexes
     * @param routes their allowed IPs
     */
    public Switching(MacTable macs, boolean learning, List<Peer> peers, RouteTable routes, SourceCheck.Mode mode) {
        this.macs = macs;
        this.learning = learning;
        portOfPeer = peers.stream().mapToInt(peer -> macs.port(peer.name())).toArray();
        peerOfPort = IntStream.rangeClosed(0, IntStream.of(portOfPeer).max().orElse(0))
                .map(port -> NONE)
                .toArray();
        vniOfPeer = peers.stream()
                .mapToInt(peer -> peer.encapsulation() instanceof Vxlan vxlan ? vxlan.vni() : NO_VNI)
                .toArray();
        onlyFixed = new boolean[peers.size()];
        for (Peer peer : peers) {
            peerOfPort[portOfPeer[peer.index()]] = peer.index();
            peer.frames().macs().forEach(mac -> fixed.putIfAbsent(mac, 0, peer.index()));
            onlyFixed[peer.index()] =
                    mode == SourceCheck.Mode.STRICT && !peer.frames().macs().isEmpty();
        }
        hasFixed = peers.stream().anyMatch(peer -> !peer.frames().macs().isEmpty());
        flooded = peers.stream()
                .filter(peer -> peer.frames().flood() && peer.isResolved())
                .mapToInt(Peer::index)
                .toArray();
        inner = new InnerSources(peers, routes, mode);
    }

    /** The time as the other methods want it. */
    public long nowMillis() {
        return macs.nowMillis();
    }

    /** Notes that a frame came from our own side. */
    public void seenHere(EthernetFrame frame, long nowMillis) {
        macs.learn(frame.source(), frame.vlan(), MacTable.LOCAL, nowMillis);
    }

    /** Index of the peer that a frame from our own side goes to, or {@link #NONE}. */
    public int peer(EthernetFrame frame, long nowMillis) {
        long destination = frame.destination();
        int peer = hasFixed ? fixed.get(destination, 0) : PairTable.NONE;
        if (peer != PairTable.NONE) {
            return peer;
        }
        int port = macs.lookup(destination, frame.vlan(), nowMillis);
        return port == MacTable.NONE || port >= peerOfPort.length ? NONE : peerOfPort[port];
    }

    /** Number of peers that get what goes to everybody. */
    public int floodedPeers() {
        return flooded.length;
    }

    /** Index of one of the peers that get what goes to everybody. */
    public int floodedPeer(int i) {
        return flooded[i];
    }

    /** Whether VXLAN from a peer is of its network; {@code null}, or why not. */
    public DropReason checkNetwork(int vni, int peer) {
        return vniOfPeer[peer] == vni ? null : DropReason.VNI_UNKNOWN;
    }

    /** Whether a frame may come from a peer, where its source then is; {@code null}, or why not. */
    public DropReason admit(EthernetFrame frame, int peer, long nowMillis) {
        long source = frame.source();
        if (!EthernetFrame.isSource(source)) {
            return DropReason.MAC_SOURCE_INVALID;
        }
        int owner = hasFixed ? fixed.get(source, 0) : PairTable.NONE;
        if (owner != PairTable.NONE && owner != peer) {
            return DropReason.MAC_STATIC_MOVED;
        }
        if (owner == PairTable.NONE && onlyFixed[peer]) {
            return DropReason.MAC_NOT_ALLOWED;
        }
        DropReason verdict = inner.check(frame, peer);
        return verdict == null ? learn(frame, peer, nowMillis) : verdict;
    }

    /** Also where addresses of peers are not learned, what comes back in a loop is noticed. */
    private DropReason learn(EthernetFrame frame, int peer, long nowMillis) {
        if (!learning && macs.lookup(frame.source(), frame.vlan(), nowMillis) != MacTable.LOCAL) {
            return null;
        }
        MacTable.Learned learned = macs.learn(frame.source(), frame.vlan(), portOfPeer[peer], nowMillis);
        return learned == MacTable.Learned.LOOP ? DropReason.MAC_LOOP : null;
    }
}
