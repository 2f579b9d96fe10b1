package net.fougateway.codec;

import java.util.Locale;

/**
 * Every way a packet can die in the gateway: the one table from which metrics, {@code status} and the documentation take
 * their rows. Slugs follow the kernel's {@code enum skb_drop_reason} where it has a cousin.
 */
public enum DropReason {
    PKT_TOO_SMALL(
            Scope.BOTH,
            "Too short to hold an IP header, or with a TAP device an Ethernet header.",
            "Is something else sending to this port? Look at the sender: fou-gateway expects a bare IP packet in UDP."),
    DATAGRAM_TRUNCATED(
            Scope.UDP_TO_TUN,
            "The datagram was larger than the receive slot and was cut.",
            "No FOU peer sends datagrams above 65,507 bytes; look at the sender."),
    INTERNAL_ERROR(
            Scope.BOTH,
            "The gateway failed on this packet, or on another of the same batch.",
            "This is a fault of fou-gateway: please report it with the stack trace from the log."),
    UNHANDLED_PROTO(
            Scope.BOTH,
            "The packet is neither IPv4 nor IPv6 nor GRE, or not what ipproto of the port, the GUE header, the EtherType or mode of the device calls for.",
            "Compare ipproto of the listen entry with the protocol of the peer's tunnel (ipip is 4, sit is 41, gre is 47)."),
    IP_INHDR(
            Scope.BOTH,
            "The inner IP header is malformed: bad header length, bad total length or bad IPv4 header checksum.",
            "The sender or a middlebox damages packets; capture on the underlay and look at the inner header."),
    HDR_TRUNC(
            Scope.BOTH,
            "The inner packet claims more bytes than there are.",
            "The packet was cut on the way: look for a middlebox or an MTU problem at the sender."),
    GUE_UNEXPECTED(
            Scope.UDP_TO_TUN,
            "A GUE header came to a port for plain FOU.",
            "Set encapsulation: gue on the listen entry, or make the sender send plain FOU (encap fou)."),
    GUE_TRUNCATED(
            Scope.UDP_TO_TUN,
            "The datagram is shorter than its GUE header.",
            "Does the sender speak GUE? A plain FOU sender needs a listen entry without encapsulation: gue."),
    GUE_VERSION(
            Scope.UDP_TO_TUN,
            "A GUE header of version 2 or 3, which nobody has defined.",
            "Something else than GUE is sent to this port, perhaps GRE in plain FOU: that needs a listen entry without encapsulation: gue."),
    GUE_FLAGS(
            Scope.UDP_TO_TUN,
            "The GUE header has flags that the kernel does not know either, or too little room for the options they announce.",
            "Configure the sender to send what the kernel takes: no options but remote checksum offload."),
    GUE_CONTROL(
            Scope.UDP_TO_TUN,
            "A GUE control message, for which neither the kernel nor fou-gateway has a use.",
            "Nothing needs to be done, unless the sender depends on them."),
    GUE_PROTO_ZERO(
            Scope.UDP_TO_TUN,
            "The GUE header announces IP protocol 0.",
            "Look at the sender: payload is 4 (IPv4), 41 (IPv6) or 47 (GRE)."),
    GUE_REMOTE_CHECKSUM(
            Scope.UDP_TO_TUN,
            "The checksum that the sender left to the receiver lies outside the packet.",
            "The sender or a middlebox damages packets; switch remote_checksum (encap-remcsum) off at the sender to find out."),
    GRE_HEADER(
            Scope.UDP_TO_TUN,
            "The GRE header is cut short, has the routing bit, or is not of version 0.",
            "Does the sender speak GRE of RFC 2784? PPTP (version 1) and source routes are not supported."),
    GRE_CHECKSUM(
            Scope.UDP_TO_TUN,
            "The GRE checksum is wrong.",
            "The packet was damaged on the way: look for a middlebox, and let the peer send UDP checksums, which find such damage earlier."),
    GRE_PAYLOAD(
            Scope.UDP_TO_TUN,
            "The GRE payload is neither IPv4 nor IPv6, nor Ethernet for a TAP device.",
            "Use type gre at the sender, or type gretap where device.mode is tap here; MPLS is not carried."),
    GRE_CHECKSUM_MISMATCH(
            Scope.UDP_TO_TUN,
            "The GRE header has a checksum and gre.checksum of the peer is off, or the other way round.",
            "Make gre.checksum of the peer and ocsum of its kernel link agree."),
    GRE_KEY_MISMATCH(
            Scope.UDP_TO_TUN,
            "The GRE key is not gre.key of the peer, or one of both has none.",
            "Make gre.key of the peer and okey of its kernel link agree."),
    GRE_SEQUENCE(
            Scope.UDP_TO_TUN,
            "gre.sequence is on, and the GRE sequence number is missing, old or a duplicate.",
            "Look for reordering on the path; a peer that was started again is heard as soon as we are started again, too."),
    VXLAN_FLAGS(
            Scope.UDP_TO_TUN,
            "The VXLAN header lacks the I flag, or has bits that RFC 7348 reserves.",
            "Switch extensions such as GBP and GPE off at the sender; if it speaks no VXLAN, give it another port."),
    VNI_UNKNOWN(
            Scope.UDP_TO_TUN,
            "The VXLAN network identifier is not vni of the peer, or the peer has encapsulation other than vxlan.",
            "Make vni of the peer and id of its kernel link agree."),
    MAC_SOURCE_INVALID(
            Scope.BOTH,
            "The source MAC address of the frame is zero or that of a group.",
            "No host sends such frames: look at the sender for a broken driver or an attack."),
    MAC_NOT_ALLOWED(
            Scope.UDP_TO_TUN,
            "The source MAC address is not in macs of the peer that sent it.",
            "Add the address to macs of that peer, leave macs out, or set source_check: loose or off."),
    MAC_STATIC_MOVED(
            Scope.UDP_TO_TUN,
            "The source MAC address is in macs of another peer.",
            "Move the address to macs of the peer that it is at now, or find out who uses it a second time."),
    MAC_LOOP(
            Scope.UDP_TO_TUN,
            "The source MAC address was on our own side less than a second ago, so the frame has gone round in a loop.",
            "Are the two networks joined elsewhere, too? Take one of the ways out, or use STP. A machine that has just moved is heard a second later."),
    UNKNOWN_PEER(
            Scope.UDP_TO_TUN,
            "The outer source address belongs to no configured peer.",
            "Add the sender as a peer (its remote must be the address packets come from), or block it in the firewall."),
    ADDRESS_SPOOFED(
            Scope.UDP_TO_TUN,
            "The outer source is not the IPv4 address inside the inner 6to4, 6rd or ISATAP source, or that inside the destination is not ours.",
            "Somebody sends with a foreign address, local is not the peer's outer address, or the prefixes of 6rd differ between the sites."),
    SOURCE_NOT_ALLOWED(
            Scope.UDP_TO_TUN,
            "The inner source address is not in allowed_ips of the peer that sent it.",
            "Add the prefix to allowed_ips of that peer, or set source_check: loose or off."),
    ECN_ILLEGAL(
            Scope.UDP_TO_TUN,
            "The underlay marked congestion (CE) on a packet whose inner header is not ECN-capable (RFC 6040).",
            "The peer copies ECN wrongly, or a router remarks TOS; set tos on the peer to a fixed value to find out."),
    TUN_NOT_READY(
            Scope.UDP_TO_TUN,
            "The TUN device is down or refused the packet.",
            "Bring it up: ip link set DEVICE up. If it is up, look at fou_tun_write_errors_total."),
    NO_ROUTE(
            Scope.TUN_TO_UDP,
            "No peer's allowed_ips covers the destination; the sender was told by ICMP, unless routes of the host are followed.",
            "Add the prefix to a peer, or remove the host route that sends it into the device."),
    FLOOD_LIMIT(
            Scope.TUN_TO_UDP,
            "More frames than ethernet.flood allows would have gone to every peer within a second.",
            "Look at fou_flooded_packets_total for the cause; unknown destinations come from a scan or from hosts that never answer. Raise ethernet.flood if it is wanted."),
    PEER_UNRESOLVED(
            Scope.TUN_TO_UDP,
            "The name of the peer has not been resolved yet; the sender was told by ICMP.",
            "Look at the findings in fou-gateway status for the name, then at DNS; it is tried again every few seconds."),
    NO_EMBEDDED_ADDRESS(
            Scope.TUN_TO_UDP,
            "The destination, routed to a peer of type 6to4, 6rd or isatap, has no IPv4 address in it.",
            "Give the prefix to a peer of type fixed, such as a relay, or correct the prefixes of 6rd."),
    PKT_TOO_BIG(
            Scope.TUN_TO_UDP,
            "The packet does not fit the path MTU to the peer; its sender was told by ICMP.",
            "Nothing, when it stays at a few for each sender. When it goes on, see whether ICMP is filtered between device and sender."),
    ROUTING_LOOP(
            Scope.TUN_TO_UDP,
            "The packet goes to the outer address of a peer: the underlay itself is routed into the tunnel.",
            "Route the peer's outer address over the underlay device: ip route add REMOTE via GATEWAY dev DEVICE."),
    SOCKET_SNDBUF(
            Scope.TUN_TO_UDP,
            "The socket's send buffer is full: the link is slower than the traffic into the tunnel.",
            "Shape the traffic, or raise net.core.wmem_max."),
    SEND_FAILED(
            Scope.TUN_TO_UDP,
            "The kernel refused to send the datagram.",
            "Look at fou_udp_send_errors_total for the error, then at routes and firewall of the underlay.");

    private final Scope scope;
    private final String meaning;
    private final String remedy;
    private final String slug = name().toLowerCase(Locale.ROOT);

    DropReason(Scope scope, String meaning, String remedy) {
        this.scope = scope;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    /** Label value in metrics, for example {@code source_not_allowed}. */
    public String slug() {
        return slug;
    }

    /** True when it can happen in {@code direction}. */
    public boolean in(Direction direction) {
        return scope == Scope.BOTH || scope.name().equals(direction.name());
    }

    /** What happened, one sentence. */
    public String meaning() {
        return meaning;
    }

    /** What the operator can do about it, one sentence. */
    public String remedy() {
        return remedy;
    }

    private enum Scope {
        UDP_TO_TUN,
        TUN_TO_UDP,
        BOTH
    }
}
