package net.fougateway.codec;

/** Offsets, sizes and numbers of IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293) and UDP (RFC 768) headers, in bytes. */
public final class Ip {

    /** IP protocol number of ICMP. */
    public static final int ICMP = 1;
    /** IP protocol number of IPv4 in IP. */
    public static final int IPIP = 4;
    /** IP protocol number of TCP. */
    public static final int TCP = 6;
    /** IP protocol number of UDP. */
    public static final int UDP = 17;
    /** IP protocol number of IPv6 in IP. */
    public static final int IPV6 = 41;
    /** Generic Routing Encapsulation. */
    public static final int GRE = 47;
    /** IP protocol number of ESP. */
    public static final int ESP = 50;
    /** IP protocol number of AH. */
    public static final int AH = 51;
    /** IP protocol number of ICMPv6. */
    public static final int ICMPV6 = 58;
    /** IP protocol number of SCTP. */
    public static final int SCTP = 132;
    /** IP protocol number of Ethernet. */
    public static final int ETHERNET = 143;

    /** Shortest IPv4 header. */
    public static final int V4_HEADER_BYTES = 20;
    /** IPv6 header without extensions. */
    public static final int V6_HEADER_BYTES = 40;
    /** UDP header. */
    public static final int UDP_HEADER_BYTES = 8;
    /** Shortest TCP header. */
    public static final int TCP_HEADER_BYTES = 20;
    /** Smallest path MTU of IPv6 (RFC 8200 section 5). */
    public static final int V6_MIN_MTU_BYTES = 1280;
    /** Largest IP packet without jumbo payload option. */
    public static final int MAX_PACKET_BYTES = 65_535;

    static final int V4_TOTAL_LENGTH = 2;
    static final int V4_ID = 4;
    static final int V4_FRAGMENT = 6;
    static final int V4_TTL = 8;
    static final int V4_PROTOCOL = 9;
    static final int V4_CHECKSUM = 10;
    static final int V4_SOURCE = 12;
    static final int V4_DESTINATION = 16;
    static final int V4_DONT_FRAGMENT = 0x4000;
    static final int V4_MORE_FRAGMENTS = 0x2000;
    static final int V4_FRAGMENT_OFFSET = 0x1fff;
    static final int V4_MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

    static final int V6_PAYLOAD_LENGTH = 4;
    static final int V6_NEXT_HEADER = 6;
    static final int V6_HOP_LIMIT = 7;
    static final int V6_SOURCE = 8;
    static final int V6_DESTINATION = 24;
    static final int V6_HOP_BY_HOP = 0;
    static final int V6_ROUTING = 43;
    static final int V6_FRAGMENT = 44;
    static final int V6_FRAGMENT_OFFSET = 0xfff8;
    static final int V6_DESTINATION_OPTIONS = 60;

    static final int TCP_SEQUENCE = 4;
    static final int TCP_ACKNOWLEDGMENT = 8;
    static final int TCP_DATA_OFFSET = 12;
    static final int TCP_FLAGS = 13;
    static final int TCP_WINDOW = 14;
    static final int TCP_CHECKSUM = 16;
    static final int TCP_URGENT_POINTER = 18;
    static final int TCP_FIN = 0x01;
    static final int TCP_SYN = 0x02;
    static final int TCP_PSH = 0x08;
    static final int TCP_ACK = 0x10;
    static final int TCP_ECE = 0x40;
    static final int TCP_CWR = 0x80;

    static final int UDP_LENGTH = 4;
    static final int UDP_CHECKSUM = 6;

    private Ip() {}
}
