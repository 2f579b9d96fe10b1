package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Where the parts of an inner IP packet lie: the one door through which packets of both directions come in. With a TAP device
 * {@link EthernetFrame} stands in for it, and only that is ever loaded which the device needs.
 *
 * <p>One object serves packet after packet; it borrows the buffer until the next {@link #parse}. After a verdict other than
 * {@code null} its contents mean nothing.
 */
public class InnerPacket {

    private static final int MAX_EXTENSION_HEADERS = 8;

    private ByteBuffer buffer;
    private int offset;
    private int length;
    private int version;
    private int protocol;
    private int transportOffset;
    private boolean fragment;
    private boolean laterFragment;
    private boolean cut;

    /**
     * Finds the parts of the packet at {@code offset} and checks that they lie inside {@code available} bytes. Bytes behind the
     * packet's own length are padding and ignored, as the kernel does.
     *
     * @return {@code null} when the packet is well formed, otherwise why it is not
     */
    public DropReason parse(ByteBuffer buffer, int offset, int available) {
        return parseIp(buffer, offset, available);
    }

    /**
     * As {@link #parse}, for a packet whose end may have been cut off, as ICMP errors quote it: {@link #length} is then that of the
     * bytes that are there. Its IP header, without extension headers, must be complete.
     *
     * @return {@code null} when the packet is well formed as far as it goes, otherwise why it is not
     */
    public DropReason parseQuoted(ByteBuffer buffer, int offset, int available) {
        return parseQuotedIp(buffer, offset, available);
    }

    final DropReason parseIp(ByteBuffer buffer, int offset, int available) {
        DropReason verdict = parseQuotedIp(buffer, offset, available);
        return verdict == null && cut ? DropReason.HDR_TRUNC : verdict;
    }

    final DropReason parseQuotedIp(ByteBuffer buffer, int offset, int available) {
        this.buffer = buffer;
        this.offset = offset;
        if (available < 1) {
            return DropReason.PKT_TOO_SMALL;
        }
        version = Bytes.u8(buffer, offset) >>> 4;
        return switch (version) {
            case 4 -> parseIpv4(available);
            case 6 -> parseIpv6(available);
            default -> DropReason.UNHANDLED_PROTO;
        };
    }

    /** Stands for {@code bytes} at {@code offset} that are no IP packet, all of it header; {@code number} takes the place of the protocol. */
    final void takeOther(ByteBuffer buffer, int offset, int bytes, int number) {
        this.buffer = buffer;
        this.offset = offset;
        length = bytes;
        version = 0;
        protocol = number;
        transportOffset = offset + bytes;
        fragment = false;
        laterFragment = false;
        cut = false;
    }

    private DropReason parseIpv4(int available) {
        if (available < Ip.V4_HEADER_BYTES) {
            return DropReason.PKT_TOO_SMALL;
        }
        int headerBytes = (Bytes.u8(buffer, offset) & 0xf) * 4;
        length = Bytes.u16(buffer, offset + Ip.V4_TOTAL_LENGTH);
        if (headerBytes < Ip.V4_HEADER_BYTES || length < headerBytes) {
            return DropReason.IP_INHDR;
        }
        cutTo(available);
        if (length < headerBytes) {
            return DropReason.HDR_TRUNC;
        }
        protocol = Bytes.u8(buffer, offset + 9);
        int fragmentField = Bytes.u16(buffer, offset + Ip.V4_FRAGMENT);
        fragment = (fragmentField & Ip.V4_MORE_FRAGMENTS_OR_OFFSET) != 0;
        laterFragment = (fragmentField & Ip.V4_FRAGMENT_OFFSET) != 0;
        transportOffset = offset + headerBytes;
        return null;
    }

    private DropReason parseIpv6(int available) {
        if (available < Ip.V6_HEADER_BYTES) {
            return DropReason.PKT_TOO_SMALL;
        }
        length = Ip.V6_HEADER_BYTES + Bytes.u16(buffer, offset + Ip.V6_PAYLOAD_LENGTH);
        cutTo(available);
        protocol = Bytes.u8(buffer, offset + Ip.V6_NEXT_HEADER);
        transportOffset = offset + Ip.V6_HEADER_BYTES;
        fragment = false;
        laterFragment = false;
        for (int i = 0; i < MAX_EXTENSION_HEADERS && !fragment && isExtension(protocol); i++) {
            int bytes = extensionBytes();
            if (bytes == 0 || transportOffset + bytes > end()) {
                break;
            }
            fragment = protocol == Ip.V6_FRAGMENT;
            laterFragment = fragment && (Bytes.u16(buffer, transportOffset + 2) & Ip.V6_FRAGMENT_OFFSET) != 0;
            protocol = Bytes.u8(buffer, transportOffset);
            transportOffset += bytes;
        }
        return null;
    }

    private void cutTo(int available) {
        cut = length > available;
        length = Math.min(length, available);
    }

    private static boolean isExtension(int protocol) {
        return protocol == Ip.V6_HOP_BY_HOP
                || protocol == Ip.V6_ROUTING
                || protocol == Ip.V6_FRAGMENT
                || protocol == Ip.V6_DESTINATION_OPTIONS;
    }

    private int extensionBytes() {
        if (transportOffset + 8 > end()) {
            return 0;
        }
        return protocol == Ip.V6_FRAGMENT ? 8 : 8 + 8 * Bytes.u8(buffer, transportOffset + 1);
    }

    /** True when the IPv4 header checksum is right; IPv6 has none and is always right. */
    public boolean isHeaderIntact() {
        return version == 6 || Checksum.isValid(Checksum.sum(buffer, offset, transportOffset - offset));
    }

    /** Buffer that holds the packet. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** First byte of the IP header. */
    public int offset() {
        return offset;
    }

    /** True where Ethernet frames are carried, with IP inside or without. */
    public boolean isFrame() {
        return false;
    }

    /** Length of the Ethernet header in front of the IP packet, in bytes; 0 where only IP is carried. */
    public int linkBytes() {
        return 0;
    }

    /** First byte of what the tunnel carries: of the IP header, or of the Ethernet header in front of it. */
    public int frameOffset() {
        return offset;
    }

    /** Length of what the tunnel carries, in bytes: the packet, or the whole frame. */
    public int frameBytes() {
        return length;
    }

    /** True for a frame that is longer than its headers and the packet in it. */
    boolean isPadded() {
        return false;
    }

    /** EtherType that a GRE header gives it. */
    public int grePayload() {
        return version == 4 ? Gre.PAYLOAD_IPV4 : Gre.PAYLOAD_IPV6;
    }

    /** False for a frame without IP, whose addresses and protocol are those of Ethernet. */
    public boolean isIp() {
        return true;
    }

    /** True when an ICMP error may be sent about it, as far as the header of the link tells. */
    boolean isFromOneToOne() {
        return true;
    }

    /**
     * True when the header of the link is that in front of another packet in the same buffer.
     *
     * @param other where that packet starts
     * @param bytes length of the header in front of it
     */
    boolean hasLinkHeaderOf(int other, int bytes) {
        return true;
    }

    /** Writes the header of the link for an answer; returns its length in bytes. */
    public int writeLinkHeaderOfAnswer(ByteBuffer out, int at) {
        return 0;
    }

    /** Length of the packet by its own header, in bytes. */
    public int length() {
        return length;
    }

    /** First byte behind the packet. */
    public int end() {
        return offset + length;
    }

    /** True for IPv4, false for IPv6. */
    public boolean isIpv4() {
        return version == 4;
    }

    /** IP protocol of the transport header, behind IPv6 extension headers up to a fragment header. */
    public int protocol() {
        return protocol;
    }

    /** IP protocol number that an outer header gives this packet: 4, 41 or {@link Ip#ETHERNET}. */
    public int tunnelProtocol() {
        return version == 4 ? Ip.IPIP : Ip.IPV6;
    }

    /** First byte of the transport header. */
    public int transportOffset() {
        return transportOffset;
    }

    /** Length of transport header and payload in bytes. */
    public int transportLength() {
        return end() - transportOffset;
    }

    /** True for every fragment of a fragmented packet, the first included. */
    public boolean isFragment() {
        return fragment;
    }

    /** True for every fragment but the first: it holds no transport header. */
    public boolean isLaterFragment() {
        return laterFragment;
    }

    /** True when it may belong to any flow between its addresses: a fragment, or one whose extension headers hide the transport header. */
    boolean hidesFlow() {
        return fragment || (version == 6 && isExtension(protocol));
    }

    /** True when the header says that routers must not fragment it; always so for IPv6. */
    public boolean isDontFragment() {
        return version == 6 || (Bytes.u16(buffer, offset + Ip.V4_FRAGMENT) & Ip.V4_DONT_FRAGMENT) != 0;
    }

    /** IPv4 TOS or IPv6 traffic class, 8 bits. */
    public int trafficClass() {
        return version == 4 ? Bytes.u8(buffer, offset + 1) : (Bytes.u16(buffer, offset) >>> 4) & 0xff;
    }

    /** IPv4 TTL or IPv6 hop limit. */
    public int hopLimit() {
        return Bytes.u8(buffer, offset + (version == 4 ? 8 : 7));
    }

    /** Replaces the two ECN bits, and mends the IPv4 header checksum. */
    public void setEcn(int ecn) {
        int before = Bytes.u16(buffer, offset);
        if (version == 4) {
            int after = (before & ~3) | ecn;
            Bytes.put16(buffer, offset, after);
            Checksum.update(buffer, offset + Ip.V4_CHECKSUM, before, after);
        } else {
            Bytes.put16(buffer, offset, (before & ~0x30) | (ecn << 4));
        }
    }

    /** Source address: IPv4 in the low 32 bits, or the high half of an IPv6 address. */
    public long sourceHigh() {
        return version == 4
                ? Bytes.i32(buffer, offset + Ip.V4_SOURCE) & 0xffffffffL
                : Bytes.i64(buffer, offset + Ip.V6_SOURCE);
    }

    /** Low half of an IPv6 source address; 0 for IPv4. */
    public long sourceLow() {
        return version == 4 ? 0 : Bytes.i64(buffer, offset + Ip.V6_SOURCE + 8);
    }

    /** Destination address: IPv4 in the low 32 bits, or the high half of an IPv6 address. */
    public long destinationHigh() {
        return version == 4
                ? Bytes.i32(buffer, offset + Ip.V4_DESTINATION) & 0xffffffffL
                : Bytes.i64(buffer, offset + Ip.V6_DESTINATION);
    }

    /** Low half of an IPv6 destination address; 0 for IPv4. */
    public long destinationLow() {
        return version == 4 ? 0 : Bytes.i64(buffer, offset + Ip.V6_DESTINATION + 8);
    }
}
