package net.fougateway.route;

import java.util.List;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Format;
import net.fougateway.codec.GreHeader;
import net.fougateway.codec.InnerPacket;

/**
 * Decides which peer a packet came from and whether that peer may send it. One object per worker: it remembers the last answers,
 * because packets come in runs.
 *
 * <p>Use: {@link #from} and {@link #to} once for each datagram, {@link #check} for each packet in it.
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
    private final RouteCache cache;
    private final Neighbours neighbours;
    private final EmbeddedAddress[] embedded;
    private final int[] embeddedPeer;
    private final long[] embeddedLocal;

    private boolean outerIpv4;
    private long outerHigh;
    private int outerPeer = RouteTable.NONE;
    private int sender = RouteTable.NONE;
    private int innerOwner = RouteTable.NONE;

    /** A check against the given peers and their routes. */
    public SourceCheck(Mode mode, List<Peer> peers, RouteCache cache) {
        this.mode = mode;
        this.cache = cache;
        routes = cache.routes();
        List<Peer> automatic =
                peers.stream().filter(peer -> peer.embedded().isPresent()).toList();
        embedded = automatic.stream().map(peer -> peer.embedded().orElseThrow()).toArray(EmbeddedAddress[]::new);
        embeddedPeer = automatic.stream().mapToInt(Peer::index).toArray();
        embeddedLocal = automatic.stream()
                .mapToLong(peer -> AddressBits.high(peer.local().orElseThrow()))
                .toArray();
        neighbours = new Neighbours(peers);
    }

    /** Takes the outer source address of the next datagram. */
    public void from(boolean ipv4, long high, long low) {
        outerIpv4 = ipv4;
        outerHigh = high;
        outerPeer = neighbours.first(ipv4, high, low);
        sender = outerPeer;
    }

    /**
     * Takes where the datagram came to.
     *
     * @param localHigh our own address: IPv4 in the low 32 bits, or high half of IPv6
     * @param localLow 0, or low half of IPv6
     * @param payload format of the port
     */
    public void to(long localHigh, long localLow, int port, Format payload) {
        neighbours.at(outerIpv4, localHigh, localLow, port, payload);
    }

    /**
     * {@code null} when the packet may pass, otherwise why not.
     *
     * @param gre the header that it came in, or {@code null}
     */
    public DropReason check(InnerPacket packet, GreHeader gre) {
        sender = outerPeer;
        if (outerIpv4 && embedded.length > 0 && !packet.isIpv4()) {
            DropReason verdict = findEmbeddedPeer(packet);
            if (verdict != null) {
                return verdict;
            }
        }
        if (sender == RouteTable.NONE) {
            return DropReason.UNKNOWN_PEER;
        }
        boolean alone = sender != outerPeer || !neighbours.isShared(sender);
        if (mode == Mode.OFF && alone) {
            return null;
        }
        findOwner(packet);
        return mode == Mode.STRICT ? checkStrictly() : findSender(alone, gre);
    }

    private DropReason checkStrictly() {
        if (innerOwner == RouteTable.NONE || !neighbours.areTogether(innerOwner, sender)) {
            return DropReason.SOURCE_NOT_ALLOWED;
        }
        sender = innerOwner;
        return null;
    }

    private DropReason findSender(boolean alone, GreHeader gre) {
        if (!alone) {
            sender = neighbours.sender(outerPeer, gre, innerOwner);
        }
        return mode == Mode.LOOSE && innerOwner == RouteTable.NONE ? DropReason.SOURCE_NOT_ALLOWED : null;
    }

    /**
     * The kernel's rules against spoofing in {@code sit}: the address inside the inner source is the outer source, that inside the
     * inner destination, but for ISATAP, is our own. At an address where a peer is the inner source has to be the site's.
     */
    private DropReason findEmbeddedPeer(InnerPacket packet) {
        long high = packet.sourceHigh();
        long low = packet.sourceLow();
        for (int i = 0; i < embedded.length; i++) {
            if (embedded[i].covers(high, low)) {
                boolean honest = embedded[i].of(high, low) == outerHigh && isForUs(packet, i);
                if (outerPeer == RouteTable.NONE) {
                    sender = embeddedPeer[i];
                    return honest ? null : DropReason.ADDRESS_SPOOFED;
                }
                findOwner(packet);
                sender = honest && innerOwner == embeddedPeer[i] ? innerOwner : outerPeer;
                return null;
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
        int target = cache.lookup(packet.isIpv4(), packet.sourceHigh(), packet.sourceLow());
        innerOwner = RouteTable.isGroup(target) ? ownerIn(target) : target;
    }

    /** Of several peers that share a prefix the one that the packet comes from owns it; else the first. */
    private int ownerIn(int group) {
        for (int leg = 0; leg < routes.legs(group); leg++) {
            int peer = routes.leg(group, leg);
            if (sender != RouteTable.NONE && neighbours.areTogether(peer, sender)) {
                return peer;
            }
        }
        return routes.leg(group, 0);
    }

    /** True when the outer source of the datagram is a peer's. */
    public boolean isKnown() {
        return sender != RouteTable.NONE;
    }

    /** Index of the peer that the packet of the last passed {@link #check} is counted for. */
    public int peer() {
        return sender;
    }
}
