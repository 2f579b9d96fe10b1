package net.fougateway.ethernet;

import java.nio.ByteBuffer;
import java.util.List;
import net.fougateway.codec.Bytes;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/**
 * Whether the IP source of a frame may come from a peer: of an IP packet, and of an ARP message (RFC 826), which claims one. Only peers
 * with allowed IPs are looked at. Addresses that mean something on one link only pass: the unspecified ones, from which a host asks
 * whether an address is free, and IPv6's link-local ones.
 */
final class InnerSources {

    private static final int ARP = 0x0806;
    private static final int ARP_BYTES = 28;
    private static final int ARP_SENDER = 14;
    /** Hardware Ethernet, protocol IPv4, and the lengths of both addresses. */
    private static final long ARP_FOR_IPV4 = 0x0001_0800_0604L;

    private final RouteTable routes;
    private final SourceCheck.Mode mode;
    private final boolean[] checked;

    InnerSources(List<Peer> peers, RouteTable routes, SourceCheck.Mode mode) {
        this.routes = routes;
        this.mode = mode;
        checked = new boolean[peers.size()];
        peers.forEach(peer -> checked[peer.index()] =
                mode != SourceCheck.Mode.OFF && !peer.allowedIps().isEmpty());
    }

    /** {@code null}, or why not. */
    DropReason check(EthernetFrame frame, int peer) {
        if (!checked[peer]) {
            return null;
        }
        if (frame.isIp()) {
            return isAllowed(frame.isIpv4(), frame.sourceHigh(), frame.sourceLow(), peer)
                    ? null
                    : DropReason.SOURCE_NOT_ALLOWED;
        }
        return frame.etherType() == ARP ? checkArp(frame, peer) : null;
    }

    private DropReason checkArp(EthernetFrame frame, int peer) {
        ByteBuffer buffer = frame.buffer();
        int arp = frame.offset();
        boolean plain = frame.length() >= ARP_BYTES && Bytes.i64(buffer, arp) >>> Short.SIZE == ARP_FOR_IPV4;
        return plain && isAllowed(true, Bytes.i32(buffer, arp + ARP_SENDER) & 0xffffffffL, 0, peer)
                ? null
                : DropReason.SOURCE_NOT_ALLOWED;
    }

    private boolean isAllowed(boolean ipv4, long high, long low, int peer) {
        if (isOfTheLink(ipv4, high, low)) {
            return true;
        }
        int owner = routes.lookup(ipv4, high, low);
        return mode == SourceCheck.Mode.STRICT ? owner == peer : owner != RouteTable.NONE;
    }

    private static boolean isOfTheLink(boolean ipv4, long high, long low) {
        boolean linkLocal = !ipv4 && high >>> 54 == 0xfe80 >>> 6;
        return linkLocal || (high == 0 && low == 0);
    }
}
