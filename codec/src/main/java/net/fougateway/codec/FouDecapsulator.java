package net.fougateway.codec;

import java.nio.ByteBuffer;

/** Takes the payload of a FOU datagram apart: there is no FOU header, the payload is the inner packet itself. */
public final class FouDecapsulator {

    /** Value of {@code ipproto} that accepts IPv4 and IPv6 by the first nibble. */
    public static final int ANY = 0;

    private FouDecapsulator() {}

    /**
     * Finds the inner packet in {@code length} bytes at {@code offset}. Unlike the kernel's {@code fou_udp_recv} it checks that the
     * payload is a packet of the protocol that the port is for.
     *
     * @param ipproto 4, 41, or {@link #ANY}
     * @param inner receives the parts of the packet
     * @return {@code null} when {@code inner} holds a well-formed packet, otherwise why not
     */
    public static DropReason decapsulate(ByteBuffer buffer, int offset, int length, int ipproto, InnerPacket inner) {
        DropReason verdict = inner.parse(buffer, offset, length);
        if (verdict != null) {
            return verdict;
        }
        if (ipproto != ANY && ipproto != inner.tunnelProtocol()) {
            return DropReason.UNHANDLED_PROTO;
        }
        return inner.isHeaderIntact() ? null : DropReason.IP_INHDR;
    }
}
