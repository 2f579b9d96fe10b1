package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Takes the payload of a datagram apart, down to the inner packet: bare (FOU), behind GUE, behind GRE, or behind both; or down to a frame,
 * behind GRE or VXLAN. Belongs to one worker.
 */
public final class Decapsulator {

    /** In place of an IP protocol: the first nibble tells. */
    private static final int ANY = 0;

    private static final int NIBBLE_OF_IP = 0x40;

    private final GueHeader gue = new GueHeader();
    private final GreHeader gre = new GreHeader();
    private final VxlanHeader vxlan = new VxlanHeader();
    private boolean hasGre;

    /**
     * Finds the inner packet in {@code length} bytes at {@code offset}. Unlike the kernel's {@code fou_udp_recv} it checks that the
     * payload is a packet of the protocol that the port is for.
     *
     * @param port what the port is for
     * @param inner receives the parts of the packet, or of the frame where it is an {@link EthernetFrame}
     * @return {@code null} when {@code inner} holds a well-formed packet, otherwise why not
     */
    public DropReason decapsulate(ByteBuffer buffer, int offset, int length, PortPayload port, InnerPacket inner) {
        hasGre = false;
        if (length < 1) {
            return DropReason.PKT_TOO_SMALL;
        }
        return switch (port.format()) {
            case FOU -> decapsulateFou(buffer, offset, length, port.protocol().number(), inner);
            case GUE -> decapsulateGue(buffer, offset, length, inner);
            case VXLAN -> decapsulateVxlan(buffer, offset, length, inner);
        };
    }

    private DropReason decapsulateFou(ByteBuffer buffer, int offset, int length, int protocol, InnerPacket inner) {
        DropReason verdict = decapsulatePayload(buffer, offset, length, protocol, inner);
        boolean foreign = verdict == DropReason.UNHANDLED_PROTO || verdict == DropReason.GRE_HEADER;
        return foreign && isGue(buffer, offset, length) ? DropReason.GUE_UNEXPECTED : verdict;
    }

    /** True for a GUE header with an IP packet or a GRE header behind it. Read as GRE it would be of version 1 to 7. */
    private static boolean isGue(ByteBuffer buffer, int offset, int length) {
        int headerBytes = Gue.BASE_BYTES + 4 * (Bytes.u8(buffer, offset) & Gue.OPTION_WORDS);
        if (length <= headerBytes || Bytes.u8(buffer, offset) > Gue.OPTION_WORDS) {
            return false;
        }
        boolean knownFlags = (Bytes.u16(buffer, offset + 2) & ~Gue.FLAG_PRIVATE) == 0;
        int nibble = Bytes.u8(buffer, offset + headerBytes) >>> 4;
        return knownFlags
                && switch (Bytes.u8(buffer, offset + 1)) {
                    case Ip.IPIP -> nibble == 4;
                    case Ip.IPV6 -> nibble == 6;
                    case Ip.GRE -> true;
                    default -> false;
                };
    }

    private DropReason decapsulateGue(ByteBuffer buffer, int offset, int length, InnerPacket inner) {
        return switch (Bytes.u8(buffer, offset) >>> 6) {
            case 0 -> {
                DropReason verdict = gue.parse(buffer, offset, length);
                yield verdict != null
                        ? verdict
                        : decapsulatePayload(buffer, offset + gue.bytes(), length - gue.bytes(), gue.protocol(), inner);
            }
            case 1 -> parse(buffer, offset, length, ANY, inner);
            default -> DropReason.GUE_VERSION;
        };
    }

    private DropReason decapsulateVxlan(ByteBuffer buffer, int offset, int length, InnerPacket inner) {
        DropReason verdict = vxlan.parse(buffer, offset, length);
        return verdict == null
                ? parse(buffer, offset + Vxlan.HEADER_BYTES, length - Vxlan.HEADER_BYTES, Ip.ETHERNET, inner)
                : verdict;
    }

    private DropReason decapsulatePayload(ByteBuffer buffer, int offset, int length, int protocol, InnerPacket inner) {
        return switch (protocol) {
            case Ip.IPIP, Ip.IPV6 -> parse(buffer, offset, length, protocol, inner);
            case Ip.GRE -> decapsulateGre(buffer, offset, length, inner);
            case ANY ->
                (Bytes.u8(buffer, offset) & NIBBLE_OF_IP) != 0
                        ? parse(buffer, offset, length, ANY, inner)
                        : decapsulateGre(buffer, offset, length, inner);
            default -> DropReason.UNHANDLED_PROTO;
        };
    }

    private DropReason decapsulateGre(ByteBuffer buffer, int offset, int length, InnerPacket inner) {
        DropReason verdict = gre.parse(buffer, offset, length);
        if (verdict != null) {
            return verdict;
        }
        hasGre = true;
        int packet = offset + gre.bytes();
        int packetBytes = length - gre.bytes();
        return switch (gre.payloadType()) {
            case Gre.PAYLOAD_IPV4 -> parse(buffer, packet, packetBytes, Ip.IPIP, inner);
            case Gre.PAYLOAD_IPV6 -> parse(buffer, packet, packetBytes, Ip.IPV6, inner);
            case Gre.PAYLOAD_ETHERNET ->
                inner.isFrame() ? parse(buffer, packet, packetBytes, Ip.ETHERNET, inner) : DropReason.GRE_PAYLOAD;
            default -> DropReason.GRE_PAYLOAD;
        };
    }

    private static DropReason parse(ByteBuffer buffer, int offset, int length, int protocol, InnerPacket inner) {
        if (inner.isFrame() != (protocol == Ip.ETHERNET)) {
            return DropReason.UNHANDLED_PROTO;
        }
        DropReason verdict = inner.parse(buffer, offset, length);
        if (verdict != null) {
            return verdict;
        }
        if (protocol != ANY && protocol != inner.tunnelProtocol()) {
            return DropReason.UNHANDLED_PROTO;
        }
        return inner.isHeaderIntact() ? null : DropReason.IP_INHDR;
    }

    /** True when the last packet came behind a GRE header. */
    public boolean hasGre() {
        return hasGre;
    }

    /** The GRE header of the last packet, where {@link #hasGre}. */
    public GreHeader gre() {
        return gre;
    }

    /** The VXLAN header of the last frame, where the port is for that. */
    public VxlanHeader vxlan() {
        return vxlan;
    }
}
