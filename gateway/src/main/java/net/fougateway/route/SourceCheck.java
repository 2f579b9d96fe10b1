package net.fougateway.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.InnerPacket;

/**
 * Decides which peer a packet came from and whether that peer may send it. One object per worker: it remembers the last answer,
 * because packets come in runs.
 *
 * <p>Use: {@link #from} once for each datagram, {@link #check} for each packet in it.
 */
public final class SourceCheck {

    /** How strictly inner sources are checked. The outer source must be a peer's in every mode. */
    public enum Mode {
        /** The inner source must be in the allowed IPs of the sending peer. */
        STRICT,
        /** The inner source must be in the allowed IPs of any peer. */
        LOOSE,
        /** Any inner source is taken. */
        OFF
    }

    private final Mode mode;
    private final RouteTable routes;
    private final PrefixTable peerByIpv4;
    private final PrefixTable peerByIpv6;
    private final Peer[] peers;
    private final EmbeddedAddress[] embedded;
    private final int[] embeddedPeer;
    private final long[] embeddedLocal;

    private boolean outerIpv4;
    private long outerHigh;
    private long outerLow;
    private int outerPeer = RouteTable.NONE;
    private boolean outerIsEmbedded;
    private boolean innerIpv4;
    private long innerHigh;
    private long innerLow;
    private int innerOwner = RouteTable.NONE;
    private boolean innerOwnerIsSender;

    /** A check against the given peers and their routes. */
    public SourceCheck(Mode mode, List<Peer> peers, RouteTable routes) {
        this.mode = mode;
        this.routes = routes;
        this.peers = peers.toArray(Peer[]::new);
        List<Peer> automatic =
                peers.stream().filter(peer -> peer.embedded().isPresent()).toList();
        embedded = automatic.stream().map(peer -> peer.embedded().orElseThrow()).toArray(EmbeddedAddress[]::new);
        embeddedPeer = automatic.stream().mapToInt(Peer::index).toArray();
        embeddedLocal = automatic.stream()
                .mapToLong(peer -> AddressBits.high(peer.local().orElseThrow()))
                .toArray();
        peerByIpv4 = byRemote(true, peers);
        peerByIpv6 = byRemote(false, peers);
    }

    private static PrefixTable byRemote(boolean ipv4, List<Peer> peers) {
        Map<Prefix, Integer> table = new HashMap<>();
        peers.stream()
                .filter(peer -> peer.isIpv4Underlay() == ipv4 && peer.hasAddress())
                .forEach(peer -> table.putIfAbsent(new Prefix(peer.remote(), ipv4 ? 32 : 128), peer.index()));
        return new PrefixTable(ipv4, table);
    }

    /** Takes the outer source address of the next datagram. */
    public void from(boolean ipv4, long high, long low) {
        boolean asBefore = high == outerHigh && low == outerLow && ipv4 == outerIpv4;
        if (asBefore && outerPeer != RouteTable.NONE && !outerIsEmbedded) {
            return;
        }
        outerIpv4 = ipv4;
        outerHigh = high;
        outerLow = low;
        outerPeer = ipv4 ? peerByIpv4.lookup(high, 0) : peerByIpv6.lookup(high, low);
        outerIsEmbedded = outerPeer == RouteTable.NONE && ipv4 && embedded.length > 0;
        innerOwner = RouteTable.NONE;
    }

    /** {@code null} when the packet may pass, otherwise why not. */
    public DropReason check(InnerPacket packet) {
        if (outerIsEmbedded) {
            DropReason verdict = findEmbeddedPeer(packet);
            if (verdict != null) {
                return verdict;
            }
        }
        if (outerPeer == RouteTable.NONE) {
            return DropReason.UNKNOWN_PEER;
        }
        if (mode == Mode.OFF) {
            return null;
        }
        findOwner(packet);
        boolean allowed = mode == Mode.STRICT ? innerOwnerIsSender : innerOwner != RouteTable.NONE;
        return allowed ? null : DropReason.SOURCE_NOT_ALLOWED;
    }

    /**
     * The kernel's rules against spoofing in {@code sit}: the address inside the inner source is the outer source, that inside the
     * inner destination, but for ISATAP, is our own.
     */
    private DropReason findEmbeddedPeer(InnerPacket packet) {
        outerPeer = RouteTable.NONE;
        if (packet.isIpv4()) {
            return null;
        }
        long high = packet.sourceHigh();
        long low = packet.sourceLow();
        for (int i = 0; i < embedded.length; i++) {
            if (embedded[i].covers(high, low)) {
                outerPeer = embeddedPeer[i];
                boolean honest = embedded[i].of(high, low) == outerHigh && isForUs(packet, i);
                return honest ? null : DropReason.ADDRESS_SPOOFED;
            }
        }
        return null;
    }

    private boolean isForUs(InnerPacket packet, int i) {
        long high = packet.destinationHigh();
        long low = packet.destinationLow();
        return embedded[i].isatap() || !embedded[i].covers(high, low) || embedded[i].of(high, low) == embeddedLocal[i];
    }

    private void findOwner(InnerPacket packet) {
        long high = packet.sourceHigh();
        long low = packet.sourceLow();
        boolean ipv4 = packet.isIpv4();
        if (high == innerHigh && low == innerLow && ipv4 == innerIpv4 && innerOwner != RouteTable.NONE) {
            return;
        }
        innerIpv4 = ipv4;
        innerHigh = high;
        innerLow = low;
        innerOwner = routes.lookup(ipv4, high, low);
        innerOwnerIsSender =
                innerOwner != RouteTable.NONE && peers[innerOwner].remote().equals(peers[outerPeer].remote());
    }

    /** True when the outer source of the datagram is a peer's. */
    public boolean isKnown() {
        return outerPeer != RouteTable.NONE;
    }

    /** Index of the peer that the packet of the last passed {@link #check} is counted for. */
    public int peer() {
        return innerOwnerIsSender && innerOwner != RouteTable.NONE ? innerOwner : outerPeer;
    }
}
