package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * An ICMP or ICMPv6 error about a UDP datagram, as a raw socket receives it. One object serves message after message; it borrows the
 * buffer until the next {@link #parse}. Unless that answers true its contents mean nothing.
 */
public final class UnderlayIcmp {

    /** Plateaus of RFC 1191 section 7, for routers that do not tell the MTU. */
    private static final int[] PLATEAUS = {65_535, 32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};

    private final InnerPacket quoted = new InnerPacket();
    private IcmpError.Kind kind;
    private int mtuBytes;
    private boolean portUnreachable;

    /**
     * Takes a message apart.
     *
     * @param length bytes at {@code offset}; over IPv4 they begin with the IP header, over IPv6 with the ICMPv6 header
     * @return true when it is an error about a UDP datagram that the tunnel has to do with, and the UDP header is quoted
     */
    public boolean parse(ByteBuffer buffer, int offset, int length, boolean ipv4) {
        int ipBytes = ipv4 ? ipv4HeaderBytes(buffer, offset, length) : 0;
        int icmp = offset + ipBytes;
        int icmpBytes = length - ipBytes;
        if (icmpBytes < Icmp.HEADER_BYTES || (ipv4 && !Checksum.isValid(Checksum.sum(buffer, icmp, icmpBytes)))) {
            return false;
        }
        kind = ipv4 ? ipv4Kind(buffer, icmp) : ipv6Kind(buffer, icmp);
        portUnreachable = Bytes.u16(buffer, icmp) == (ipv4 ? Icmp.V4_PORT_UNREACHABLE : Icmp.V6_PORT_UNREACHABLE);
        return kind != null && findQuoted(buffer, icmp, icmpBytes, ipv4);
    }

    /** Length of the header, or that of everything when it is not one that ICMP follows. */
    private static int ipv4HeaderBytes(ByteBuffer buffer, int offset, int length) {
        if (length < Ip.V4_HEADER_BYTES || Bytes.u8(buffer, offset + Ip.V4_PROTOCOL) != Ip.ICMP) {
            return length;
        }
        return Math.min((Bytes.u8(buffer, offset) & 0xf) * 4, length);
    }

    private static IcmpError.Kind ipv4Kind(ByteBuffer buffer, int icmp) {
        int code = Bytes.u8(buffer, icmp + Icmp.CODE);
        return switch (Bytes.u8(buffer, icmp)) {
            case Icmp.V4_UNREACHABLE -> ipv4Unreachable(code);
            case Icmp.V4_TIME_EXCEEDED -> code == 0 ? IcmpError.Kind.TIME_EXCEEDED : null;
            default -> null;
        };
    }

    private static IcmpError.Kind ipv4Unreachable(int code) {
        return switch (code) {
            case Icmp.V4_FRAGMENTATION_NEEDED -> IcmpError.Kind.TOO_BIG;
            case Icmp.V4_SOURCE_ROUTE_FAILED -> null;
            default -> IcmpError.Kind.UNREACHABLE;
        };
    }

    private static IcmpError.Kind ipv6Kind(ByteBuffer buffer, int icmp) {
        int code = Bytes.u8(buffer, icmp + Icmp.CODE);
        return switch (Bytes.u8(buffer, icmp)) {
            case Icmp.V6_UNREACHABLE -> code == Icmp.V6_SOURCE_ROUTE_FAILED ? null : IcmpError.Kind.UNREACHABLE;
            case Icmp.V6_TOO_BIG -> IcmpError.Kind.TOO_BIG;
            case Icmp.V6_TIME_EXCEEDED -> code == 0 ? IcmpError.Kind.TIME_EXCEEDED : null;
            default -> null;
        };
    }

    private boolean findQuoted(ByteBuffer buffer, int icmp, int icmpBytes, boolean ipv4) {
        int available = Math.min(icmpBytes - Icmp.HEADER_BYTES, quoteBytes(buffer, icmp, ipv4));
        if (quoted.parseQuoted(buffer, icmp + Icmp.HEADER_BYTES, available) != null) {
            return false;
        }
        boolean udp = quoted.protocol() == Ip.UDP
                && !quoted.isLaterFragment()
                && quoted.transportLength() >= Ip.UDP_HEADER_BYTES;
        if (!udp || quoted.isIpv4() != ipv4) {
            return false;
        }
        mtuBytes = kind == IcmpError.Kind.TOO_BIG ? mtuBytes(buffer, icmp) : 0;
        return true;
    }

    /** Length of the quote as the message tells it (RFC 4884), for there may be extensions behind it. */
    private int quoteBytes(ByteBuffer buffer, int icmp, boolean ipv4) {
        if (ipv4) {
            int words = Bytes.u8(buffer, icmp + Icmp.V4_QUOTE_WORDS);
            return words == 0 ? Integer.MAX_VALUE : words * 4;
        }
        int words = kind == IcmpError.Kind.TOO_BIG ? 0 : Bytes.u8(buffer, icmp + Icmp.V6_QUOTE_WORDS);
        return words == 0 ? Integer.MAX_VALUE : words * 8;
    }

    private int mtuBytes(ByteBuffer buffer, int icmp) {
        if (!quoted.isIpv4()) {
            long told = Bytes.i32(buffer, icmp + Icmp.REST) & 0xffffffffL;
            return (int) Math.min(told, Ip.MAX_PACKET_BYTES);
        }
        int told = Bytes.u16(buffer, icmp + Icmp.V4_MTU);
        return told == 0 ? plateauBelow(Bytes.u16(buffer, quoted.offset() + Ip.V4_TOTAL_LENGTH)) : told;
    }

    private static int plateauBelow(int packetBytes) {
        for (int plateau : PLATEAUS) {
            if (plateau < packetBytes) {
                return plateau;
            }
        }
        return PLATEAUS[PLATEAUS.length - 1];
    }

    /** What the error says. */
    public IcmpError.Kind kind() {
        return kind;
    }

    /** True when the machine was reached, and nobody there has the port. */
    public boolean isPortUnreachable() {
        return portUnreachable;
    }

    /** MTU of the link that the datagram was too big for, in bytes; 0 unless it was. */
    public int mtuBytes() {
        return mtuBytes;
    }

    /** True when the datagram was sent over IPv4, and so the error came. */
    public boolean isIpv4() {
        return quoted.isIpv4();
    }

    /** Source of the datagram: IPv4 in the low 32 bits, or high half of IPv6. */
    public long sourceHigh() {
        return quoted.sourceHigh();
    }

    /** Source of the datagram: 0, or low half of IPv6. */
    public long sourceLow() {
        return quoted.sourceLow();
    }

    /** Destination of the datagram: IPv4 in the low 32 bits, or high half of IPv6. */
    public long destinationHigh() {
        return quoted.destinationHigh();
    }

    /** Destination of the datagram: 0, or low half of IPv6. */
    public long destinationLow() {
        return quoted.destinationLow();
    }

    /** UDP source port of the datagram. */
    public int sourcePort() {
        return Bytes.u16(quoted.buffer(), quoted.transportOffset());
    }

    /** UDP destination port of the datagram. */
    public int destinationPort() {
        return Bytes.u16(quoted.buffer(), quoted.transportOffset() + 2);
    }

    /** Memory that the message lies in. */
    public ByteBuffer buffer() {
        return quoted.buffer();
    }

    /** Where the quoted payload of the datagram starts in {@link #buffer}. */
    public int payloadOffset() {
        return quoted.transportOffset() + Ip.UDP_HEADER_BYTES;
    }

    /** How many bytes of the payload are quoted. */
    public int payloadLength() {
        return quoted.transportLength() - Ip.UDP_HEADER_BYTES;
    }
}
