package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Cuts an IPv4 packet into fragments (RFC 791 section 3.2) by writing headers only. As in the kernel's {@code ip_options_fragment}, options
 * that are not to be copied are no-operations in all fragments but the first.
 *
 * <p>One object serves packet after packet and borrows the buffer until the next {@link #begin}.
 */
public final class Fragmentation implements Cut {

    /** Longest header of a fragment, the one of the link included. */
    public static final int MAX_HEADER_BYTES = EthernetFrame.MAX_HEADER_BYTES + 60;

    private static final int OFFSET_UNIT_BYTES = 8;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int COPIED = 0x80;

    private ByteBuffer buffer;
    private int offset;
    private int linkBytes;
    private int headerBytes;
    private int payloadBytes;
    private int fragmentBytes;
    private int fragments;
    private int fragmentField;

    /**
     * Starts on a packet, which may be a fragment itself.
     *
     * @param packet parsed IPv4 packet without DF, its transport checksum complete
     * @param mtuBytes largest fragment, at least {@link #MAX_HEADER_BYTES} and 8
     */
    public void begin(InnerPacket packet, int mtuBytes) {
        buffer = packet.buffer();
        offset = packet.frameOffset();
        linkBytes = packet.linkBytes();
        headerBytes = packet.transportOffset() - offset;
        payloadBytes = packet.transportLength();
        fragmentBytes = (mtuBytes - headerBytes) / OFFSET_UNIT_BYTES * OFFSET_UNIT_BYTES;
        fragments = Math.max((payloadBytes + fragmentBytes - 1) / fragmentBytes, 1);
        fragmentField = Bytes.u16(buffer, packet.offset() + Ip.V4_FRAGMENT);
    }

    @Override
    public int pieces() {
        return fragments;
    }

    @Override
    public int headerBytes() {
        return headerBytes;
    }

    @Override
    public int totalBytes() {
        return payloadBytes + fragments * headerBytes;
    }

    @Override
    public int payloadOffset(int i) {
        return offset + headerBytes + i * fragmentBytes;
    }

    @Override
    public int payloadLength(int i) {
        return Math.min(fragmentBytes, payloadBytes - i * fragmentBytes);
    }

    @Override
    public void writeHeader(int i, ByteBuffer out, int outOffset) {
        out.put(outOffset, buffer, offset, headerBytes);
        if (i > 0) {
            keepCopiedOptions(out, outOffset + linkBytes + Ip.V4_HEADER_BYTES, outOffset + headerBytes);
        }
        int ip = outOffset + linkBytes;
        int ipHeaderBytes = headerBytes - linkBytes;
        boolean last = i == fragments - 1;
        int flag = last ? fragmentField & Ip.V4_MORE_FRAGMENTS : Ip.V4_MORE_FRAGMENTS;
        int place = fragmentField + i * (fragmentBytes / OFFSET_UNIT_BYTES) & Ip.V4_FRAGMENT_OFFSET;
        Bytes.put16(out, ip + Ip.V4_TOTAL_LENGTH, ipHeaderBytes + payloadLength(i));
        Bytes.put16(out, ip + Ip.V4_FRAGMENT, flag | place);
        Bytes.put16(out, ip + Ip.V4_CHECKSUM, 0);
        Checksum.store(out, ip + Ip.V4_CHECKSUM, Checksum.sum(out, ip, ipHeaderBytes));
    }

    @Override
    public long sum(int i, ByteBuffer out, int header) {
        return Checksum.sum(out, header, headerBytes) + Checksum.sum(buffer, payloadOffset(i), payloadLength(i));
    }

    private static void keepCopiedOptions(ByteBuffer out, int from, int end) {
        int option = from;
        while (option < end && Bytes.u8(out, option) != END_OF_OPTIONS) {
            int type = Bytes.u8(out, option);
            int length = type == NO_OPERATION || option + 1 == end ? 1 : Bytes.u8(out, option + 1);
            if (length == 0 || option + length > end) {
                return;
            }
            for (int i = 0; i < length && (type & COPIED) == 0; i++) {
                Bytes.put8(out, option + i, NO_OPERATION);
            }
            option += length;
        }
    }
}
