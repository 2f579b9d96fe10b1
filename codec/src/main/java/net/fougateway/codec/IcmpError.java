package net.fougateway.codec;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Builds the ICMP (RFC 792) or ICMPv6 (RFC 4443) error that goes back to the sender of a packet. Its source is the destination of that
 * packet: it comes from where the packet was going, so it passes a reverse path check, which a packet from one of the host's own
 * addresses would not.
 */
public final class IcmpError {

    /** What the error says. The lower-case name is the metric label value. */
    public enum Kind {
        /** Fragmentation needed and DF set, or packet too big. */
        TOO_BIG,
        /** Host unreachable, or address unreachable. */
        UNREACHABLE,
        /** Time to live, or hop limit, exceeded in transit. */
        TIME_EXCEEDED;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** Label value in metrics, for example {@code too_big}. */
        public String label() {
            return label;
        }
    }

    /** Longest error: the minimum MTU of IPv6 (RFC 4443 section 2.4 c). */
    public static final int MAX_BYTES = Ip.V6_MIN_MTU_BYTES;

    /** Longest ICMPv4 error (RFC 1812 section 4.3.2.3). */
    private static final int MAX_V4_BYTES = 576;

    private static final int V4_HEADERS_BYTES = Ip.V4_HEADER_BYTES + Icmp.HEADER_BYTES;
    private static final int V6_HEADERS_BYTES = Ip.V6_HEADER_BYTES + Icmp.HEADER_BYTES;
    /** IPv4, header of 20 bytes, TOS internetwork control (RFC 1812 section 4.3.2.5). */
    private static final int V4_VERSION_AND_TOS = 0x45c0;

    private static final int TTL = 64;

    private IcmpError() {}

    /**
     * Writes an error, checksums complete; or nothing where none may be sent: about an ICMP error, about a fragment that is not
     * the first, about a packet whose source or destination is not one host (RFC 1122 section 3.2.2, RFC 4443 section 2.4 e).
     *
     * @param mtuBytes of the path, for {@link Kind#TOO_BIG}; otherwise not looked at
     * @param about the packet, which may be quoted itself and so be cut
     * @param out where to, with room for {@link #MAX_BYTES}
     * @return length in bytes, 0 when there is nothing to send
     */
    public static int write(Kind kind, int mtuBytes, InnerPacket about, ByteBuffer out, int outOffset) {
        if (!about.isFromOneToOne() || about.isLaterFragment() || !isOneHostToAnother(about) || mayBeError(about)) {
            return 0;
        }
        return about.isIpv4()
                ? writeIpv4(kind, mtuBytes, about, out, outOffset)
                : writeIpv6(kind, mtuBytes, about, out, outOffset);
    }

    private static boolean isOneHostToAnother(InnerPacket packet) {
        return packet.isIpv4()
                ? isOneHost((int) packet.sourceHigh()) && isOneHost((int) packet.destinationHigh())
                : isOneHost(packet.sourceHigh(), packet.sourceLow())
                        && isOneHost(packet.destinationHigh(), packet.destinationLow());
    }

    /** False for "this network", loopback, multicast, reserved addresses and broadcast. */
    private static boolean isOneHost(int ipv4) {
        int first = ipv4 >>> 24;
        return first != 0 && first != 127 && first < 224;
    }

    /** False for the unspecified address, loopback and multicast. */
    private static boolean isOneHost(long high, long low) {
        boolean unspecifiedOrLoopback = high == 0 && (low == 0 || low == 1);
        return high >>> 56 != 0xff && !unspecifiedOrLoopback;
    }

    private static boolean mayBeError(InnerPacket packet) {
        boolean icmp = packet.protocol() == (packet.isIpv4() ? Ip.ICMP : Ip.ICMPV6);
        if (!icmp || packet.transportLength() == 0) {
            return icmp;
        }
        int type = Bytes.u8(packet.buffer(), packet.transportOffset());
        return packet.isIpv4() ? isIpv4Error(type) : type < Icmp.V6_FIRST_INFORMATIONAL || type == Icmp.V6_REDIRECT;
    }

    private static boolean isIpv4Error(int type) {
        return switch (type) {
            case Icmp.V4_UNREACHABLE,
                    Icmp.V4_SOURCE_QUENCH,
                    Icmp.V4_REDIRECT,
                    Icmp.V4_TIME_EXCEEDED,
                    Icmp.V4_PARAMETER_PROBLEM -> true;
            default -> false;
        };
    }

    private static int writeIpv4(Kind kind, int mtuBytes, InnerPacket about, ByteBuffer out, int ip) {
        int quoted = Math.min(about.length(), MAX_V4_BYTES - V4_HEADERS_BYTES);
        Bytes.put16(out, ip, V4_VERSION_AND_TOS);
        Bytes.put16(out, ip + Ip.V4_TOTAL_LENGTH, V4_HEADERS_BYTES + quoted);
        Bytes.put16(out, ip + Ip.V4_ID, 0);
        Bytes.put16(out, ip + Ip.V4_FRAGMENT, Ip.V4_DONT_FRAGMENT);
        Bytes.put8(out, ip + Ip.V4_TTL, TTL);
        Bytes.put8(out, ip + Ip.V4_PROTOCOL, Ip.ICMP);
        Bytes.put16(out, ip + Ip.V4_CHECKSUM, 0);
        Bytes.put32(out, ip + Ip.V4_SOURCE, (int) about.destinationHigh());
        Bytes.put32(out, ip + Ip.V4_DESTINATION, (int) about.sourceHigh());
        Checksum.store(out, ip + Ip.V4_CHECKSUM, Checksum.sum(out, ip, Ip.V4_HEADER_BYTES));
        int icmp = ip + Ip.V4_HEADER_BYTES;
        Bytes.put16(out, icmp, ipv4TypeAndCode(kind));
        Bytes.put16(out, icmp + Icmp.CHECKSUM, 0);
        Bytes.put32(out, icmp + Icmp.REST, kind == Kind.TOO_BIG ? mtuBytes : 0);
        out.put(icmp + Icmp.HEADER_BYTES, about.buffer(), about.offset(), quoted);
        Checksum.store(out, icmp + Icmp.CHECKSUM, Checksum.sum(out, icmp, Icmp.HEADER_BYTES + quoted));
        return V4_HEADERS_BYTES + quoted;
    }

    private static int ipv4TypeAndCode(Kind kind) {
        return switch (kind) {
            case TOO_BIG -> Icmp.V4_UNREACHABLE << 8 | Icmp.V4_FRAGMENTATION_NEEDED;
            case UNREACHABLE -> Icmp.V4_UNREACHABLE << 8 | Icmp.V4_HOST_UNREACHABLE;
            case TIME_EXCEEDED -> Icmp.V4_TIME_EXCEEDED << 8;
        };
    }

    private static int writeIpv6(Kind kind, int mtuBytes, InnerPacket about, ByteBuffer out, int ip) {
        int quoted = Math.min(about.length(), MAX_BYTES - V6_HEADERS_BYTES);
        int message = Icmp.HEADER_BYTES + quoted;
        Bytes.put32(out, ip, 0x60000000);
        Bytes.put16(out, ip + Ip.V6_PAYLOAD_LENGTH, message);
        Bytes.put8(out, ip + Ip.V6_NEXT_HEADER, Ip.ICMPV6);
        Bytes.put8(out, ip + Ip.V6_HOP_LIMIT, TTL);
        Bytes.put64(out, ip + Ip.V6_SOURCE, about.destinationHigh());
        Bytes.put64(out, ip + Ip.V6_SOURCE + 8, about.destinationLow());
        Bytes.put64(out, ip + Ip.V6_DESTINATION, about.sourceHigh());
        Bytes.put64(out, ip + Ip.V6_DESTINATION + 8, about.sourceLow());
        int icmp = ip + Ip.V6_HEADER_BYTES;
        Bytes.put16(out, icmp, ipv6TypeAndCode(kind));
        Bytes.put16(out, icmp + Icmp.CHECKSUM, 0);
        Bytes.put32(out, icmp + Icmp.REST, kind == Kind.TOO_BIG ? mtuBytes : 0);
        out.put(icmp + Icmp.HEADER_BYTES, about.buffer(), about.offset(), quoted);
        long pseudoHeader =
                Checksum.sum(out, ip + Ip.V6_SOURCE, 32) + Checksum.word(message) + Checksum.word(Ip.ICMPV6);
        Checksum.store(out, icmp + Icmp.CHECKSUM, pseudoHeader + Checksum.sum(out, icmp, message));
        return Ip.V6_HEADER_BYTES + message;
    }

    private static int ipv6TypeAndCode(Kind kind) {
        return switch (kind) {
            case TOO_BIG -> Icmp.V6_TOO_BIG << 8;
            case UNREACHABLE -> Icmp.V6_UNREACHABLE << 8 | Icmp.V6_ADDRESS_UNREACHABLE;
            case TIME_EXCEEDED -> Icmp.V6_TIME_EXCEEDED << 8;
        };
    }
}
