package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Whether the headers of a packet are those of the segment that comes next behind a run. {@code head} is where the first packet of the run
 * starts, in the same buffer; both have IP headers of the same length, without options.
 */
final class Continuation {

    private static final int TCP_MAY_DIFFER = Ip.TCP_PSH;

    private Continuation() {}

    /** True when the IP header goes on as a run of {@code segments} packets does. */
    static boolean inIpHeader(InnerPacket packet, int head, int segments) {
        ByteBuffer buffer = packet.buffer();
        int offset = packet.offset();
        if (!packet.isIpv4()) {
            return Bytes.i32(buffer, offset) == Bytes.i32(buffer, head)
                    && Bytes.u16(buffer, offset + Ip.V6_NEXT_HEADER) == Bytes.u16(buffer, head + Ip.V6_NEXT_HEADER)
                    && Bytes.i64(buffer, offset + 8) == Bytes.i64(buffer, head + 8)
                    && Bytes.i64(buffer, offset + 16) == Bytes.i64(buffer, head + 16)
                    && Bytes.i64(buffer, offset + 24) == Bytes.i64(buffer, head + 24)
                    && Bytes.i64(buffer, offset + 32) == Bytes.i64(buffer, head + 32);
        }
        return Bytes.u16(buffer, offset) == Bytes.u16(buffer, head)
                && Bytes.i32(buffer, offset + Ip.V4_FRAGMENT) == Bytes.i32(buffer, head + Ip.V4_FRAGMENT)
                && Bytes.i64(buffer, offset + Ip.V4_SOURCE) == Bytes.i64(buffer, head + Ip.V4_SOURCE)
                && (packet.isDontFragment() || isNextId(buffer, offset, head, segments));
    }

    private static boolean isNextId(ByteBuffer buffer, int offset, int head, int segments) {
        int expected = Bytes.u16(buffer, head + Ip.V4_ID) + segments & 0xffff;
        return Bytes.u16(buffer, offset + Ip.V4_ID) == expected;
    }

    /**
     * True when the TCP or UDP header goes on as that of the run does.
     *
     * @param headerBytes length of IP and transport header, the same for both
     * @param payloadBytes sum of the payloads of the run
     */
    static boolean inTransportHeader(InnerPacket packet, int head, int headerBytes, int payloadBytes) {
        ByteBuffer buffer = packet.buffer();
        int transport = packet.transportOffset();
        int headTransport = head + transport - packet.offset();
        if (Bytes.i32(buffer, transport) != Bytes.i32(buffer, headTransport)) {
            return false;
        }
        return packet.protocol() == Ip.UDP
                || inTcpHeader(buffer, transport, headTransport, head + headerBytes, payloadBytes);
    }

    private static boolean inTcpHeader(ByteBuffer buffer, int tcp, int head, int headEnd, int payloadBytes) {
        int next = Bytes.i32(buffer, head + Ip.TCP_SEQUENCE) + payloadBytes;
        int changed = Bytes.u16(buffer, tcp + Ip.TCP_DATA_OFFSET) ^ Bytes.u16(buffer, head + Ip.TCP_DATA_OFFSET);
        return Bytes.i32(buffer, tcp + Ip.TCP_SEQUENCE) == next
                && Bytes.i32(buffer, tcp + Ip.TCP_ACKNOWLEDGMENT) == Bytes.i32(buffer, head + Ip.TCP_ACKNOWLEDGMENT)
                && (changed & ~TCP_MAY_DIFFER) == 0
                && Bytes.u16(buffer, tcp + Ip.TCP_WINDOW) == Bytes.u16(buffer, head + Ip.TCP_WINDOW)
                && Bytes.u16(buffer, tcp + Ip.TCP_URGENT_POINTER) == Bytes.u16(buffer, head + Ip.TCP_URGENT_POINTER)
                && sameOptions(buffer, tcp + Ip.TCP_HEADER_BYTES, head + Ip.TCP_HEADER_BYTES, headEnd);
    }

    private static boolean sameOptions(ByteBuffer buffer, int options, int headOptions, int headEnd) {
        for (int at = 0; headOptions + at < headEnd; at += 4) {
            if (Bytes.i32(buffer, options + at) != Bytes.i32(buffer, headOptions + at)) {
                return false;
            }
        }
        return true;
    }
}
