package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Where the parts of an Ethernet frame lie, without preamble and check sequence: MAC addresses, up to two VLAN tags, and the IP packet, if
 * that is what it carries. What has no IP inside goes by its MAC addresses and EtherType. It stands in for {@link InnerPacket}: its offset is
 * where the IP packet starts.
 */
public final class EthernetFrame extends InnerPacket {

    /** MAC addresses and EtherType. */
    public static final int BASE_BYTES = 14;
    /** The same with two tags. */
    public static final int MAX_HEADER_BYTES = 22;
    /** Broadcast, and the bits of an address. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final int MAC_BYTES = 6;
    private static final int ETHER_TYPE = 2 * MAC_BYTES;
    private static final int TAG_BYTES = 4;
    private static final int ETHER_TYPE_BYTES = 2;
    private static final long GROUP = 1L << 40;
    private static final int VLAN_ID = 0xfff;
    /** IEEE 802.1Q. */
    private static final int TAG = 0x8100;
    /** IEEE 802.1ad. */
    private static final int SERVICE_TAG = 0x88a8;
    /** Keeps EtherTypes and IP protocols apart. */
    private static final int NO_IP = 0x10000;

    private static final int DEFAULT_HOP_LIMIT = 64;

    private int start;
    private int frameBytes;
    private int linkBytes;
    private int etherType;
    private int vlan;
    private boolean ip;

    /**
     * Finds the parts of the frame at {@code offset}, which ends {@code available} bytes later. What its EtherType calls IPv4 or IPv6 must
     * be well formed; bytes behind the packet are padding and stay part of the frame.
     */
    @Override
    public DropReason parse(ByteBuffer buffer, int offset, int available) {
        DropReason verdict = parseLink(buffer, offset, available);
        if (verdict != null || !ip) {
            return verdict;
        }
        verdict = parseIp(buffer, offset + linkBytes, available - linkBytes);
        return verdict == null ? versionVerdict() : verdict;
    }

    @Override
    public DropReason parseQuoted(ByteBuffer buffer, int offset, int available) {
        DropReason verdict = parseLink(buffer, offset, available);
        if (verdict != null || !ip) {
            return verdict;
        }
        verdict = parseQuotedIp(buffer, offset + linkBytes, available - linkBytes);
        return verdict == null ? versionVerdict() : verdict;
    }

    private DropReason parseLink(ByteBuffer buffer, int offset, int available) {
        if (available < BASE_BYTES) {
            return DropReason.PKT_TOO_SMALL;
        }
        start = offset;
        frameBytes = available;
        linkBytes = BASE_BYTES;
        vlan = 0;
        etherType = Bytes.u16(buffer, offset + ETHER_TYPE);
        while (isTag(etherType) && linkBytes < MAX_HEADER_BYTES) {
            linkBytes += TAG_BYTES;
            if (available < linkBytes) {
                return DropReason.HDR_TRUNC;
            }
            etherType = Bytes.u16(buffer, offset + linkBytes - ETHER_TYPE_BYTES);
        }
        if (linkBytes > BASE_BYTES) {
            vlan = Bytes.u16(buffer, offset + BASE_BYTES) & VLAN_ID;
        }
        ip = etherType == Gre.PAYLOAD_IPV4 || etherType == Gre.PAYLOAD_IPV6;
        if (!ip) {
            takeOther(buffer, offset + linkBytes, available - linkBytes, NO_IP | etherType);
        }
        return null;
    }

    private static boolean isTag(int etherType) {
        return etherType == TAG || etherType == SERVICE_TAG;
    }

    private DropReason versionVerdict() {
        return isIpv4() == (etherType == Gre.PAYLOAD_IPV4) ? null : DropReason.UNHANDLED_PROTO;
    }

    /** Destination MAC address, in the low 48 bits. */
    public long destination() {
        return Bytes.i64(buffer(), start) >>> Short.SIZE;
    }

    /** Source MAC address, in the low 48 bits. */
    public long source() {
        return Bytes.i64(buffer(), start + MAC_BYTES) >>> Short.SIZE;
    }

    /** Number of the outermost VLAN; 0 without a tag. */
    public int vlan() {
        return vlan;
    }

    /** EtherType behind the tags, or the length of an IEEE 802.3 frame. */
    public int etherType() {
        return etherType;
    }

    /** True when a MAC address stands for several machines, or all. */
    public static boolean isGroup(long mac) {
        return (mac & GROUP) != 0;
    }

    /** True when a frame can come from a MAC address: neither zero nor a group's. */
    public static boolean isSource(long mac) {
        return mac != 0 && !isGroup(mac);
    }

    @Override
    public boolean isFrame() {
        return true;
    }

    @Override
    public boolean isIp() {
        return ip;
    }

    @Override
    public int linkBytes() {
        return linkBytes;
    }

    @Override
    public int frameOffset() {
        return start;
    }

    @Override
    public int frameBytes() {
        return frameBytes;
    }

    @Override
    boolean isPadded() {
        return frameBytes != linkBytes + length();
    }

    @Override
    public int grePayload() {
        return Gre.PAYLOAD_ETHERNET;
    }

    @Override
    public int tunnelProtocol() {
        return Ip.ETHERNET;
    }

    @Override
    boolean isFromOneToOne() {
        return ip && isSource(source()) && isSource(destination());
    }

    @Override
    boolean hasLinkHeaderOf(int other, int otherBytes) {
        boolean same = linkBytes == otherBytes;
        for (int at = 0; same && at < linkBytes; at += ETHER_TYPE_BYTES) {
            same = Bytes.u16(buffer(), start + at) == Bytes.u16(buffer(), other - linkBytes + at);
        }
        return same;
    }

    @Override
    public int writeLinkHeaderOfAnswer(ByteBuffer out, int at) {
        out.put(at, buffer(), start, linkBytes);
        out.put(at, buffer(), start + MAC_BYTES, MAC_BYTES);
        out.put(at + MAC_BYTES, buffer(), start, MAC_BYTES);
        return linkBytes;
    }

    @Override
    public boolean isHeaderIntact() {
        return !ip || super.isHeaderIntact();
    }

    @Override
    public boolean isDontFragment() {
        return !ip || super.isDontFragment();
    }

    @Override
    public int trafficClass() {
        return ip ? super.trafficClass() : 0;
    }

    @Override
    public int hopLimit() {
        return ip ? super.hopLimit() : DEFAULT_HOP_LIMIT;
    }

    @Override
    public long sourceHigh() {
        return ip ? super.sourceHigh() : source();
    }

    @Override
    public long sourceLow() {
        return ip ? super.sourceLow() : 0;
    }

    @Override
    public long destinationHigh() {
        return ip ? super.destinationHigh() : destination();
    }

    @Override
    public long destinationLow() {
        return ip ? super.destinationLow() : 0;
    }
}
