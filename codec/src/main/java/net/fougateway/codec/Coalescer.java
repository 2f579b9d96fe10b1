package net.fougateway.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Joins the packets of one batch into runs: consecutive TCP segments, or UDP datagrams of equal size, of one flow become one
 * super-packet, as the kernel's own GRO would make it. Payload is never copied; a run is a list of places in the buffer.
 *
 * <p>Only packets that the kernel will cut again into the very same packets are joined: equal addresses, ports, TOS, TTL, DF,
 * flow label, TCP options, window and acknowledgment; sequence numbers without a gap; no flags but ACK, PSH and ECE; full
 * segments, but for the last one. With DF clear IPv4 IDs must count up, with DF set they may be anything (RFC 6864). Every
 * transport checksum is verified before its packet is joined, because the kernel trusts a super-packet; a packet with a wrong
 * one, or with none, stays alone and untouched.
 *
 * <p>The order within a flow is kept: only its newest run can grow, and no run grows past a packet that may belong to any flow between
 * the same addresses, such as a fragment, whose ports are in the first fragment only.
 *
 * <p>Nothing is held back from one batch to the next. Use: {@link #begin}, then {@link #add} for every packet, then for each
 * run {@link #finish}.
 */
public final class Coalescer {

    /** Most segments in one run: the kernel's limit for UDP, and enough for TCP. */
    public static final int MAX_SEGMENTS = 128;

    private static final int NONE = -1;
    private static final int ADDRESS_BUCKETS = 256;
    private static final int TCP_MAY_BE_SET = Ip.TCP_ACK | Ip.TCP_PSH | Ip.TCP_ECE;

    private final int capacity;
    private final boolean joinTcp4;
    private final boolean joinTcp6;
    private final boolean joinUdp;
    private final int[] newestRun;
    private final int bucketMask;

    private final int[] packetOffset;
    private final int[] packetLength;
    private final int[] nextPacket;
    private final int[] firstPacket;
    private final int[] lastPacket;
    private final int[] runSegments;
    private final int[] runLinkBytes;
    private final int[] runHeaderBytes;
    private final int[] runSegmentBytes;
    private final int[] runPayloadBytes;
    private final int[] runTag;
    private final int[] runBucket;
    private final boolean[] runOpen;
    private final boolean[] runVerified;

    /** By addresses: no run before this one may be continued. */
    private final int[] closedBefore = new int[ADDRESS_BUCKETS];

    private boolean someClosed;
    private ByteBuffer buffer;
    private int packets;
    private int runs;
    private int headerBytes;

    /**
     * A coalescer for batches of up to {@code capacity} packets.
     *
     * @param joinTcp4 whether the TUN device takes TCP super-packets over IPv4
     * @param joinTcp6 whether it takes them over IPv6
     * @param joinUdp whether it takes UDP super-packets
     */
    public Coalescer(int capacity, boolean joinTcp4, boolean joinTcp6, boolean joinUdp) {
        this.capacity = capacity;
        this.joinTcp4 = joinTcp4;
        this.joinTcp6 = joinTcp6;
        this.joinUdp = joinUdp;
        int buckets = Integer.highestOneBit(Math.max(capacity, 2) * 2 - 1);
        bucketMask = buckets - 1;
        newestRun = new int[buckets];
        Arrays.fill(newestRun, NONE);
        packetOffset = new int[capacity];
        packetLength = new int[capacity];
        nextPacket = new int[capacity];
        firstPacket = new int[capacity];
        lastPacket = new int[capacity];
        runSegments = new int[capacity];
        runLinkBytes = new int[capacity];
        runHeaderBytes = new int[capacity];
        runSegmentBytes = new int[capacity];
        runPayloadBytes = new int[capacity];
        runTag = new int[capacity];
        runBucket = new int[capacity];
        runOpen = new boolean[capacity];
        runVerified = new boolean[capacity];
    }

    /** Most packets in a batch. */
    public int capacity() {
        return capacity;
    }

    /** Forgets the last batch and starts a new one in {@code buffer}, which is borrowed until the next call. */
    public void begin(ByteBuffer buffer) {
        for (int run = 0; run < runs; run++) {
            newestRun[runBucket[run]] = NONE;
        }
        if (someClosed) {
            Arrays.fill(closedBefore, 0);
            someClosed = false;
        }
        this.buffer = buffer;
        packets = 0;
        runs = 0;
    }

    /** True when no further packet can be added to this batch. */
    public boolean isFull() {
        return packets == capacity;
    }

    /**
     * Adds a packet: to a run that it continues, or as a run of its own.
     *
     * @param packet well-formed, in the buffer of {@link #begin}
     * @param tag packets of different tags are never joined
     */
    public void add(InnerPacket packet, int tag) {
        long addresses = mixedAddresses(packet);
        int bucket = bucketOf(packet, addresses);
        int candidate = newestRun[bucket];
        boolean joinable = isJoinable(packet);
        if (!hasPorts(packet)) {
            closeAll(addresses);
        }
        if (joinable && isOpen(candidate, addresses) && continues(packet, candidate, tag)) {
            append(packet, candidate);
        } else {
            if (candidate != NONE) {
                runOpen[candidate] = false;
            }
            open(packet, tag, bucket, joinable);
        }
    }

    private static boolean hasPorts(InnerPacket packet) {
        return !packet.hidesFlow() && packet.transportLength() >= 4;
    }

    /** What follows a packet that does not tell its flow, such as a fragment, must not get in front of it, whichever flow it is of. */
    private void closeAll(long addresses) {
        closedBefore[addressBucket(addresses)] = runs;
        someClosed = true;
    }

    private boolean isOpen(int run, long addresses) {
        return run != NONE && runOpen[run] && run >= closedBefore[addressBucket(addresses)];
    }

    private static int addressBucket(long addresses) {
        return (int) (addresses >>> 56) & ADDRESS_BUCKETS - 1;
    }

    private static long mixedAddresses(InnerPacket packet) {
        return (packet.sourceHigh() * 31
                        + packet.destinationHigh()
                        + packet.sourceLow() * 17
                        + packet.destinationLow() * 7)
                * 0x9E3779B97F4A7C15L;
    }

    private int bucketOf(InnerPacket packet, long addresses) {
        int ports = hasPorts(packet) ? Bytes.i32(buffer, packet.transportOffset()) : 0;
        return (int) ((addresses ^ ports * 0xC2B2AE3D27D4EB4FL) >>> 32) & bucketMask;
    }

    private boolean isJoinable(InnerPacket packet) {
        int ipHeaderBytes = packet.transportOffset() - packet.offset();
        if (packet.isPadded()
                || packet.isFragment()
                || ipHeaderBytes != (packet.isIpv4() ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES)) {
            return false;
        }
        return switch (packet.protocol()) {
            case Ip.TCP -> (packet.isIpv4() ? joinTcp4 : joinTcp6) && isJoinableTcp(packet, ipHeaderBytes);
            case Ip.UDP -> joinUdp && isJoinableUdp(packet, ipHeaderBytes);
            default -> false;
        };
    }

    private boolean isJoinableTcp(InnerPacket packet, int ipHeaderBytes) {
        int transport = packet.transportOffset();
        if (packet.transportLength() <= Ip.TCP_HEADER_BYTES) {
            return false;
        }
        int transportBytes = (Bytes.u8(buffer, transport + Ip.TCP_DATA_OFFSET) >>> 4) * 4;
        int flags = Bytes.u8(buffer, transport + Ip.TCP_FLAGS);
        headerBytes = ipHeaderBytes + transportBytes;
        return transportBytes >= Ip.TCP_HEADER_BYTES
                && transportBytes < packet.transportLength()
                && (flags & Ip.TCP_ACK) != 0
                && (flags & ~TCP_MAY_BE_SET) == 0;
    }

    private boolean isJoinableUdp(InnerPacket packet, int ipHeaderBytes) {
        int transport = packet.transportOffset();
        headerBytes = ipHeaderBytes + Ip.UDP_HEADER_BYTES;
        return packet.transportLength() > Ip.UDP_HEADER_BYTES
                && Bytes.u16(buffer, transport + Ip.UDP_LENGTH) == packet.transportLength()
                && Bytes.u16(buffer, transport + Ip.UDP_CHECKSUM) != 0;
    }

    private boolean continues(InnerPacket packet, int run, int tag) {
        int payload = packet.length() - headerBytes;
        int head = packetOffset[firstPacket[run]];
        return runTag[run] == tag
                && packet.hasLinkHeaderOf(head, runLinkBytes[run])
                && runHeaderBytes[run] == headerBytes
                && payload <= runSegmentBytes[run]
                && runSegments[run] < MAX_SEGMENTS
                && headerBytes + runPayloadBytes[run] + payload <= Ip.MAX_PACKET_BYTES
                && Continuation.inIpHeader(packet, head, runSegments[run])
                && Continuation.inTransportHeader(packet, head, headerBytes, runPayloadBytes[run])
                && isChecksumRight(packet)
                && isHeadVerified(run, packet);
    }

    private boolean isChecksumRight(InnerPacket packet) {
        int length = packet.transportLength();
        return Checksum.isValid(
                Checksum.pseudoHeader(buffer, packet, length) + Checksum.sum(buffer, packet.transportOffset(), length));
    }

    /** The head has the same addresses and protocol as {@code packet}, so its pseudo header differs in the length only. */
    private boolean isHeadVerified(int run, InnerPacket packet) {
        if (!runVerified[run]) {
            int ipHeaderBytes = packet.transportOffset() - packet.offset();
            int head = firstPacket[run];
            int length = packetLength[head] - ipHeaderBytes;
            runVerified[run] = Checksum.isValid(Checksum.pseudoHeader(buffer, packet, length)
                    + Checksum.sum(buffer, packetOffset[head] + ipHeaderBytes, length));
        }
        return runVerified[run];
    }

    private void append(InnerPacket packet, int run) {
        int payload = packet.length() - headerBytes;
        int index = remember(packet);
        nextPacket[lastPacket[run]] = index;
        lastPacket[run] = index;
        runSegments[run]++;
        runPayloadBytes[run] += payload;
        runOpen[run] = payload == runSegmentBytes[run] && !isPushed(packet);
    }

    private boolean isPushed(InnerPacket packet) {
        return packet.protocol() == Ip.TCP
                && (Bytes.u8(buffer, packet.transportOffset() + Ip.TCP_FLAGS) & Ip.TCP_PSH) != 0;
    }

    private void open(InnerPacket packet, int tag, int bucket, boolean joinable) {
        int run = runs++;
        int index = remember(packet);
        firstPacket[run] = index;
        lastPacket[run] = index;
        runSegments[run] = 1;
        runTag[run] = tag;
        runLinkBytes[run] = packet.linkBytes();
        runBucket[run] = bucket;
        runHeaderBytes[run] = headerBytes;
        runSegmentBytes[run] = packet.length() - headerBytes;
        runPayloadBytes[run] = runSegmentBytes[run];
        runOpen[run] = joinable && !isPushed(packet);
        runVerified[run] = false;
        newestRun[bucket] = run;
    }

    private int remember(InnerPacket packet) {
        int index = packets++;
        packetOffset[index] = packet.offset();
        packetLength[index] = packet.frameBytes() - packet.linkBytes();
        nextPacket[index] = NONE;
        return index;
    }

    /** Number of runs in this batch; their numbers are in order of their first packets. */
    public int runs() {
        return runs;
    }

    /** Number of packets in a run. */
    public int segments(int run) {
        return runSegments[run];
    }

    /** Tag of the packets of a run. */
    public int tag(int run) {
        return runTag[run];
    }

    /** Index of the first packet of a run, for {@link #next}, {@link #offset} and {@link #length}. */
    public int first(int run) {
        return firstPacket[run];
    }

    /** Index of the packet behind packet {@code index} in its run, or a negative number. */
    public int next(int index) {
        return nextPacket[index];
    }

    /** Length of the Ethernet header in front of each packet of a run; 0 where only IP is carried. */
    public int linkBytes(int run) {
        return runLinkBytes[run];
    }

    /** Offset of a packet in the buffer, behind its Ethernet header. */
    public int offset(int index) {
        return packetOffset[index];
    }

    /** Length of a packet, its own header included, and what may be behind it in its frame. */
    public int length(int index) {
        return packetLength[index];
    }

    /** Length of the header that the packets of a run of more than one segment have, Ethernet aside. */
    public int headerBytes(int run) {
        return runHeaderBytes[run];
    }

    /** Sum of the lengths of the packets of a run, all headers included: what they were on the wire. */
    public int totalBytes(int run) {
        int bytes = runSegments[run] * runLinkBytes[run];
        for (int index = firstPacket[run]; index != NONE; index = nextPacket[index]) {
            bytes += packetLength[index];
        }
        return bytes;
    }

    /**
     * Writes the virtio header of a run, and turns the header of the first packet of a run of several into that of the
     * super-packet. Must be called once for each run, after the last {@link #add}.
     *
     * @param out where the {@value VirtioNetHeader#BYTES} bytes go
     */
    public void finish(int run, ByteBuffer out, int outOffset) {
        if (runSegments[run] == 1) {
            VirtioNetHeader.writePlain(out, outOffset);
            return;
        }
        int head = packetOffset[firstPacket[run]];
        boolean ipv4 = Bytes.u8(buffer, head) >>> 4 == 4;
        int ipHeaderBytes = ipv4 ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES;
        int length = runHeaderBytes[run] + runPayloadBytes[run];
        long pseudoSum = writeIpHeader(head, ipv4, length);
        boolean tcp = Bytes.u8(buffer, head + (ipv4 ? 9 : Ip.V6_NEXT_HEADER)) == Ip.TCP;
        int transport = head + ipHeaderBytes;
        int checksumOffset = tcp ? Ip.TCP_CHECKSUM : Ip.UDP_CHECKSUM;
        if (tcp) {
            copyPush(run, transport, ipHeaderBytes);
        } else {
            Bytes.put16(buffer, transport + Ip.UDP_LENGTH, length - ipHeaderBytes);
        }
        pseudoSum += Checksum.word(tcp ? Ip.TCP : Ip.UDP) + Checksum.word(length - ipHeaderBytes);
        Checksum.storePartial(buffer, transport + checksumOffset, pseudoSum);
        int tcpType = ipv4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
        VirtioNetHeader.writeSuperPacket(
                out,
                outOffset,
                tcp ? tcpType : VirtioNetHeader.GSO_UDP_L4,
                runLinkBytes[run] + runHeaderBytes[run],
                runSegmentBytes[run],
                runLinkBytes[run] + ipHeaderBytes,
                checksumOffset);
    }

    private long writeIpHeader(int head, boolean ipv4, int length) {
        if (!ipv4) {
            Bytes.put16(buffer, head + Ip.V6_PAYLOAD_LENGTH, length - Ip.V6_HEADER_BYTES);
            return Checksum.sum(buffer, head + Ip.V6_SOURCE, 32);
        }
        Bytes.put16(buffer, head + Ip.V4_TOTAL_LENGTH, length);
        Bytes.put16(buffer, head + Ip.V4_CHECKSUM, 0);
        Checksum.store(buffer, head + Ip.V4_CHECKSUM, Checksum.sum(buffer, head, Ip.V4_HEADER_BYTES));
        return Checksum.sum(buffer, head + Ip.V4_SOURCE, 8);
    }

    private void copyPush(int run, int headTransport, int ipHeaderBytes) {
        int last = packetOffset[lastPacket[run]] + ipHeaderBytes;
        int push = Bytes.u8(buffer, last + Ip.TCP_FLAGS) & Ip.TCP_PSH;
        Bytes.put8(buffer, headTransport + Ip.TCP_FLAGS, Bytes.u8(buffer, headTransport + Ip.TCP_FLAGS) | push);
    }
}
