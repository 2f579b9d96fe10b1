package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Cuts a TCP or UDP super-packet, or the frame that it is in, into segments by writing headers only.
 *
 * <p>Follows the kernel's {@code tcp_gso_segment} and {@code __udp_gso_segment}: sequence numbers and IPv4 IDs count up, FIN and
 * PSH go on the last segment only, CWR on the first only, all checksums are complete. They start from the pseudo-header sum that the
 * kernel left in the checksum field: where the packet has a routing header, a source route or a home address, the pseudo header is
 * not made of the addresses in the IP header. One object serves super-packet after super-packet and borrows the buffer until the next
 * {@link #begin}.
 */
public final class Segmentation implements Cut {

    /** Longest header of a segment: Ethernet, IPv6 with the longest routing header and further extensions, and TCP with options. */
    public static final int MAX_HEADER_BYTES = 4096;

    private static final int NOT_IN_THE_MIDDLE = Ip.TCP_FIN | Ip.TCP_PSH;

    private ByteBuffer buffer;
    private int offset;
    private int linkBytes;
    private int transportStart;
    private int headerBytes;
    private int payloadBytes;
    private int segmentBytes;
    private int segments;
    private boolean ipv4;
    private boolean tcp;
    private int firstId;
    private int firstSequence;
    private int offsetAndFlags;
    private long ipSum;
    private long pseudoSum;
    private long transportSum;
    private long payloadSum;
    private boolean finishing;

    /**
     * Starts on a super-packet.
     *
     * @param packet parsed super-packet
     * @param virtio memory of its virtio header, which starts at {@code virtioOffset}
     * @return {@code null}, or {@link DropReason#IP_INHDR} when packet and virtio header contradict each other
     */
    public DropReason begin(InnerPacket packet, ByteBuffer virtio, int virtioOffset) {
        int gsoType = VirtioNetHeader.gsoType(virtio, virtioOffset);
        int gsoSize = VirtioNetHeader.gsoSize(virtio, virtioOffset);
        finishing = true;
        buffer = packet.buffer();
        offset = packet.frameOffset();
        linkBytes = packet.linkBytes();
        ipv4 = packet.isIpv4();
        tcp = gsoType != VirtioNetHeader.GSO_UDP_L4;
        transportStart = packet.transportOffset() - offset;
        if (gsoSize == 0 || packet.isFragment() || !matches(packet, gsoType) || !findHeader(packet)) {
            return DropReason.IP_INHDR;
        }
        boolean partial = VirtioNetHeader.needsChecksum(virtio, virtioOffset);
        if (partial && !isChecksumHere(virtio, virtioOffset)) {
            return DropReason.IP_INHDR;
        }
        segmentBytes = gsoSize;
        payloadBytes = transportStart + packet.transportLength() - headerBytes;
        segments = (payloadBytes + gsoSize - 1) / gsoSize;
        pseudoSum = partial ? leftSum(packet.transportLength()) : Checksum.pseudoHeader(buffer, packet, 0);
        sumConstants(packet);
        return null;
    }

    private boolean isChecksumHere(ByteBuffer virtio, int virtioOffset) {
        int start = VirtioNetHeader.checksumStart(virtio, virtioOffset);
        return start == checksumStart()
                && start + VirtioNetHeader.checksumOffset(virtio, virtioOffset) == checksumField();
    }

    /** What the kernel left in the checksum field, less the length that is part of it. */
    private long leftSum(int length) {
        return Checksum.sum(buffer, offset + checksumField(), 2) + Checksum.negated(Checksum.word(length));
    }

    private boolean matches(InnerPacket packet, int gsoType) {
        return switch (gsoType) {
            case VirtioNetHeader.GSO_TCPV4 -> ipv4 && packet.protocol() == Ip.TCP;
            case VirtioNetHeader.GSO_TCPV6 -> !ipv4 && packet.protocol() == Ip.TCP;
            case VirtioNetHeader.GSO_UDP_L4 -> packet.protocol() == Ip.UDP;
            default -> false;
        };
    }

    private boolean findHeader(InnerPacket packet) {
        int minimum = tcp ? Ip.TCP_HEADER_BYTES : Ip.UDP_HEADER_BYTES;
        if (packet.transportLength() < minimum) {
            return false;
        }
        int transportBytes =
                tcp ? (Bytes.u8(buffer, packet.transportOffset() + Ip.TCP_DATA_OFFSET) >>> 4) * 4 : minimum;
        headerBytes = transportStart + transportBytes;
        return transportBytes >= minimum
                && transportBytes < packet.transportLength()
                && headerBytes <= MAX_HEADER_BYTES;
    }

    private void sumConstants(InnerPacket packet) {
        int transport = packet.transportOffset();
        transportSum = pseudoSum + Checksum.sum(buffer, transport, 4);
        if (tcp) {
            firstSequence = Bytes.i32(buffer, transport + Ip.TCP_SEQUENCE);
            offsetAndFlags = Bytes.u16(buffer, transport + Ip.TCP_DATA_OFFSET);
            transportSum += Checksum.sum(buffer, transport + Ip.TCP_ACKNOWLEDGMENT, 4)
                    + Checksum.sum(buffer, transport + Ip.TCP_WINDOW, 2)
                    + Checksum.sum(
                            buffer,
                            transport + Ip.TCP_URGENT_POINTER,
                            headerBytes - transportStart - Ip.TCP_URGENT_POINTER);
        }
        if (ipv4) {
            int ip = packet.offset();
            firstId = Bytes.u16(buffer, ip + Ip.V4_ID);
            ipSum = Checksum.sum(buffer, ip, 2)
                    + Checksum.sum(buffer, ip + Ip.V4_FRAGMENT, 4)
                    + Checksum.sum(buffer, ip + Ip.V4_SOURCE, transport - ip - Ip.V4_SOURCE);
        }
    }

    /** Whether the transport checksums of the segments are left to the receiver: their fields hold the pseudo-header sum only. */
    public void leaveChecksums(boolean left) {
        finishing = !left;
    }

    /** First byte of a segment that its transport checksum covers. */
    public int checksumStart() {
        return transportStart;
    }

    /** Where in a segment its transport checksum is. */
    public int checksumField() {
        return transportStart + (tcp ? Ip.TCP_CHECKSUM : Ip.UDP_CHECKSUM);
    }

    @Override
    public int pieces() {
        return segments;
    }

    @Override
    public int headerBytes() {
        return headerBytes;
    }

    @Override
    public int totalBytes() {
        return payloadBytes + segments * headerBytes;
    }

    @Override
    public int payloadOffset(int i) {
        return offset + headerBytes + i * segmentBytes;
    }

    @Override
    public int payloadLength(int i) {
        return Math.min(segmentBytes, payloadBytes - i * segmentBytes);
    }

    @Override
    public void writeHeader(int i, ByteBuffer out, int outOffset) {
        for (int at = 0; at < headerBytes; at += 8) {
            Bytes.put64(out, outOffset + at, Bytes.i64(buffer, offset + at));
        }
        int payload = payloadLength(i);
        writeIpLength(out, outOffset + linkBytes, i, headerBytes - linkBytes + payload);
        payloadSum = finishing ? Checksum.sum(buffer, payloadOffset(i), payload) : 0;
        int transport = outOffset + transportStart;
        int transportLength = headerBytes - transportStart + payload;
        if (tcp) {
            writeTcp(out, transport, i, transportLength);
        } else {
            writeUdp(out, transport, transportLength);
        }
        if (!finishing) {
            Checksum.storePartial(out, outOffset + checksumField(), pseudoSum + Checksum.word(transportLength));
        }
    }

    @Override
    public long sum(int i, ByteBuffer out, int header) {
        return Checksum.sum(out, header, headerBytes) + payloadSum;
    }

    private void writeIpLength(ByteBuffer out, int ip, int i, int length) {
        if (!ipv4) {
            Bytes.put16(out, ip + Ip.V6_PAYLOAD_LENGTH, length - Ip.V6_HEADER_BYTES);
            return;
        }
        int id = firstId + i & 0xffff;
        Bytes.put16(out, ip + Ip.V4_TOTAL_LENGTH, length);
        Bytes.put16(out, ip + Ip.V4_ID, id);
        Checksum.store(out, ip + Ip.V4_CHECKSUM, ipSum + Checksum.word(length) + Checksum.word(id));
    }

    private void writeTcp(ByteBuffer out, int tcpHeader, int i, int length) {
        int sequence = firstSequence + i * segmentBytes;
        int flags = offsetAndFlags;
        if (i > 0) {
            flags &= ~Ip.TCP_CWR;
        }
        if (i < segments - 1) {
            flags &= ~NOT_IN_THE_MIDDLE;
        }
        Bytes.put32(out, tcpHeader + Ip.TCP_SEQUENCE, sequence);
        Bytes.put16(out, tcpHeader + Ip.TCP_DATA_OFFSET, flags);
        long sum = transportSum
                + payloadSum
                + Checksum.word(length)
                + Checksum.word(flags)
                + Checksum.word(sequence >>> 16)
                + Checksum.word(sequence);
        Checksum.store(out, tcpHeader + Ip.TCP_CHECKSUM, sum);
    }

    private void writeUdp(ByteBuffer out, int udpHeader, int length) {
        Bytes.put16(out, udpHeader + Ip.UDP_LENGTH, length);
        long sum = transportSum + payloadSum + 2 * Checksum.word(length);
        Checksum.storeUdp(out, udpHeader + Ip.UDP_CHECKSUM, sum);
    }

    /**
     * Completes the transport checksum of an ordinary packet in place, whose field holds the pseudo-header sum. As the kernel's
     * {@code skb_checksum_help} it never stores zero, which is right for TCP too: the header may be one behind another tunnel's.
     *
     * @param checksumStart from the virtio header, bytes from the start of the packet or frame
     * @param checksumOffset from the virtio header, bytes from {@code checksumStart}
     * @return {@code null}, or {@link DropReason#IP_INHDR} when the field lies outside the packet
     */
    public static DropReason completeChecksum(InnerPacket packet, int checksumStart, int checksumOffset) {
        int field = packet.frameOffset() + checksumStart + checksumOffset;
        if (field + 2 > packet.end()) {
            return DropReason.IP_INHDR;
        }
        ByteBuffer buffer = packet.buffer();
        int start = packet.frameOffset() + checksumStart;
        long sum = Checksum.sum(buffer, start, packet.end() - start);
        Checksum.storeUdp(buffer, start + checksumOffset, sum);
        return null;
    }
}
