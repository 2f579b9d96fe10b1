package net.fougateway.codec;

/** Numbers of ICMP (RFC 792, RFC 1191) and ICMPv6 (RFC 4443) messages. */
final class Icmp {

    /** Type, code, checksum, and four bytes that depend on the type. */
    static final int HEADER_BYTES = 8;

    static final int CODE = 1;
    /** Type and code. */
    static final int V4_PORT_UNREACHABLE = 0x0303;

    /** Type and code. */
    static final int V6_PORT_UNREACHABLE = 0x0104;

    static final int CHECKSUM = 2;
    /** The four bytes that depend on the type. */
    static final int REST = 4;

    /** Length of the quote in 32-bit words, where extensions follow it (RFC 4884 section 4.1). */
    static final int V4_QUOTE_WORDS = 5;
    /** MTU of the next hop (RFC 1191 section 4). */
    static final int V4_MTU = 6;

    static final int V4_UNREACHABLE = 3;
    static final int V4_HOST_UNREACHABLE = 1;
    static final int V4_FRAGMENTATION_NEEDED = 4;
    static final int V4_SOURCE_ROUTE_FAILED = 5;
    static final int V4_SOURCE_QUENCH = 4;
    static final int V4_REDIRECT = 5;
    static final int V4_TIME_EXCEEDED = 11;
    static final int V4_PARAMETER_PROBLEM = 12;

    /** Length of the quote in 64-bit words, where extensions follow it (RFC 4884 section 4.4). */
    static final int V6_QUOTE_WORDS = 4;

    static final int V6_UNREACHABLE = 1;
    static final int V6_ADDRESS_UNREACHABLE = 3;
    static final int V6_SOURCE_ROUTE_FAILED = 7;
    static final int V6_TOO_BIG = 2;
    static final int V6_TIME_EXCEEDED = 3;
    static final int V6_FIRST_INFORMATIONAL = 128;
    static final int V6_REDIRECT = 137;

    private Icmp() {}
}
