package net.fougateway.udp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import net.fougateway.capture.Border;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.linux.Errno;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.WorkerCounters;

/**
 * Datagrams on their way out. Datagrams of equal size that leave from the same socket to the same address become one message with
 * {@code UDP_SEGMENT}, of whichever inner flows they are; all messages of one socket go out in one {@code sendmmsg}. Payload is
 * gathered from where it lies. The order of datagrams of one socket, and so of one flow, is kept.
 *
 * <p>The memory behind the datagrams must stay untouched until {@link #send}. Belongs to one worker.
 */
public final class DatagramBatch {

    /** Most datagrams in a batch. */
    public static final int MAX_DATAGRAMS = 4096;
    /** Most datagrams in one message: {@code UDP_MAX_SEGMENTS} of kernels before 6.9. */
    private static final int MAX_SEGMENTS = 64;
    /** Most bytes in one message: the largest UDP payload over IPv4. */
    private static final int MAX_MESSAGE_BYTES = 65_507;

    private static final int NONE = -1;
    private static final int SOCKET_BUCKETS = 8192;
    private static final int SOCKET_MASK = SOCKET_BUCKETS - 1;
    private static final int IOVEC_BYTES = 16;
    private static final int MMSGHDR_BYTES = 64;
    private static final int CONTROL_BYTES = 96;
    private static final int SOCKADDR_IN_BYTES = 16;

    private final UdpSystemCalls system;
    private final WorkerCounters counters;
    private final Tap tap;
    private final OffloadState gso;

    private final long[] headerAddress = new long[MAX_DATAGRAMS];
    private final long[] payloadAddress = new long[MAX_DATAGRAMS];
    private final int[] headerLength = new int[MAX_DATAGRAMS];
    private final int[] payloadLength = new int[MAX_DATAGRAMS];
    private final int[] encapsulationLength = new int[MAX_DATAGRAMS];
    private final int[] nextDatagram = new int[MAX_DATAGRAMS];
    private int datagrams;

    private final PeerEndpoint[] endpoint = new PeerEndpoint[MAX_DATAGRAMS];
    private final long[] destination = new long[MAX_DATAGRAMS];
    private final int[] messageSocket = new int[MAX_DATAGRAMS];
    private final int[] tosAndTtl = new int[MAX_DATAGRAMS];
    private final int[] segmentBytes = new int[MAX_DATAGRAMS];
    private final int[] messageBytes = new int[MAX_DATAGRAMS];
    private final int[] innerBytes = new int[MAX_DATAGRAMS];
    private final int[] segments = new int[MAX_DATAGRAMS];
    private final int[] firstDatagram = new int[MAX_DATAGRAMS];
    private final int[] lastDatagram = new int[MAX_DATAGRAMS];
    private final int[] nextMessage = new int[MAX_DATAGRAMS];
    private final boolean[] open = new boolean[MAX_DATAGRAMS];
    private int messages;

    private final int[] socketOf = new int[MAX_DATAGRAMS];
    private final int[] firstMessage = new int[MAX_DATAGRAMS];
    private final int[] lastMessage = new int[MAX_DATAGRAMS];
    private final int[] bucketOf = new int[MAX_DATAGRAMS];
    private final int[] groupByBucket = new int[SOCKET_BUCKETS];
    private int groups;

    private final NativeMemory iovecs = NativeMemory.allocate(2 * (MAX_DATAGRAMS + 1) * IOVEC_BYTES);
    private final NativeMemory headers = NativeMemory.allocate(MAX_DATAGRAMS * MMSGHDR_BYTES);
    private final NativeMemory controls = NativeMemory.allocate(MAX_DATAGRAMS * CONTROL_BYTES);
    private final NativeMemory socketAddresses = NativeMemory.allocate(MAX_DATAGRAMS * SOCKADDR_IN_BYTES);
    private int usedIovecs;
    private int usedHeaders;
    private int current = NONE;

    /**
     * An empty batch.
     *
     * @param system what carries the datagrams
     * @param counters of the worker
     * @param gso whether {@code UDP_SEGMENT} is used
     */
    public DatagramBatch(UdpSystemCalls system, WorkerCounters counters, OffloadState gso, Tap tap) {
        this.system = system;
        this.counters = counters;
        this.gso = gso;
        this.tap = tap;
        Arrays.fill(groupByBucket, NONE);
    }

    /** How many more datagrams fit. */
    public int room() {
        return MAX_DATAGRAMS - datagrams;
    }

    /** True when there is nothing to send. */
    public boolean isEmpty() {
        return datagrams == 0;
    }

    /**
     * Chooses where the datagrams of the following {@link #add} calls go.
     *
     * @param to the peer
     * @param outerAddress where it is, by {@link PeerEndpoint#outerAddress}
     * @param innerIpv4 whether the inner packet is IPv4, else IPv6
     * @param socket one of the peer's source ports
     * @param tos outer TOS or traffic class
     * @param ttl outer TTL, or 0 for the socket's own
     */
    public void select(PeerEndpoint to, long outerAddress, boolean innerIpv4, int socket, int tos, int ttl) {
        int group = groupOf(socket);
        int newest = lastMessage[group];
        long address = outerAddress == PeerEndpoint.FIXED
                ? to.socketAddress(innerIpv4)
                : embeddedSocketAddress(newest, (int) outerAddress, to.port(innerIpv4));
        int want = ttl << 8 | tos;
        if (newest == NONE || destination[newest] != address || tosAndTtl[newest] != want) {
            newest = startMessage(group, to, address, want);
        }
        current = newest;
    }

    /** The one of the newest message when it is the same; otherwise a new one in the slot of the next message. */
    private long embeddedSocketAddress(int newest, int ipv4Address, int port) {
        if (newest != NONE && isAt(newest, ipv4Address, port)) {
            return destination[newest];
        }
        int at = messages * SOCKADDR_IN_BYTES;
        SocketAddress.writeIpv4(socketAddresses.buffer(), at, ipv4Address, port);
        return socketAddresses.address() + at;
    }

    private boolean isAt(int message, int ipv4Address, int port) {
        long at = destination[message] - socketAddresses.address();
        return at >= 0
                && at < MAX_DATAGRAMS * SOCKADDR_IN_BYTES
                && SocketAddress.high(socketAddresses.buffer(), (int) at) == (ipv4Address & 0xffffffffL)
                && SocketAddress.port(socketAddresses.buffer(), (int) at) == port;
    }

    private int groupOf(int socket) {
        int bucket = socket & SOCKET_MASK;
        int group = groupByBucket[bucket];
        while (group != NONE && socketOf[group] != socket) {
            bucket = bucket + 1 & SOCKET_MASK;
            group = groupByBucket[bucket];
        }
        if (group == NONE) {
            group = groups++;
            groupByBucket[bucket] = group;
            bucketOf[group] = bucket;
            socketOf[group] = socket;
            firstMessage[group] = NONE;
            lastMessage[group] = NONE;
        }
        return group;
    }

    private int startMessage(int group, PeerEndpoint to, long address, int tosTtl) {
        int message = messages++;
        endpoint[message] = to;
        destination[message] = address;
        messageSocket[message] = group;
        tosAndTtl[message] = tosTtl;
        segments[message] = 0;
        messageBytes[message] = 0;
        innerBytes[message] = 0;
        firstDatagram[message] = NONE;
        nextMessage[message] = NONE;
        open[message] = true;
        if (lastMessage[group] == NONE) {
            firstMessage[group] = message;
        } else {
            nextMessage[lastMessage[group]] = message;
        }
        lastMessage[group] = message;
        return message;
    }

    /**
     * Adds a datagram to where {@link #select} said. There must be {@link #room}.
     *
     * @param encapsulationBytes how many of the first bytes are not the inner packet's
     * @param header address of its first part
     * @param headerBytes length of the first part, in bytes
     * @param payload address of its second part
     * @param payloadBytes length of the second part, 0 when there is none
     */
    public void add(int encapsulationBytes, long header, int headerBytes, long payload, int payloadBytes) {
        int bytes = headerBytes + payloadBytes;
        if (!fits(bytes)) {
            current = startMessage(messageSocket[current], endpoint[current], destination[current], tosAndTtl[current]);
        }
        int datagram = datagrams++;
        headerAddress[datagram] = header;
        headerLength[datagram] = headerBytes;
        payloadAddress[datagram] = payload;
        payloadLength[datagram] = payloadBytes;
        encapsulationLength[datagram] = encapsulationBytes;
        nextDatagram[datagram] = NONE;
        link(datagram, bytes);
    }

    private boolean fits(int bytes) {
        int message = current;
        if (segments[message] == 0) {
            return true;
        }
        return open[message]
                && bytes <= segmentBytes[message]
                && segments[message] < MAX_SEGMENTS
                && messageBytes[message] + bytes <= MAX_MESSAGE_BYTES
                && gso.isActive()
                && endpoint[message].takesSegments()
                && bytes <= endpoint[message].maxDatagramBytes();
    }

    private void link(int datagram, int bytes) {
        int message = current;
        if (segments[message] == 0) {
            firstDatagram[message] = datagram;
            segmentBytes[message] = bytes;
        } else {
            nextDatagram[lastDatagram[message]] = datagram;
        }
        lastDatagram[message] = datagram;
        segments[message]++;
        messageBytes[message] += bytes;
        innerBytes[message] += bytes - encapsulationLength[datagram];
        open[message] = bytes == segmentBytes[message] && bytes <= endpoint[message].maxDatagramBytes();
    }

    /** Sends everything, counts what became of it, and empties the batch. */
    public void send() {
        for (int group = 0; group < groups; group++) {
            usedIovecs = 0;
            usedHeaders = 0;
            for (int message = firstMessage[group]; message != NONE; message = nextMessage[message]) {
                writeMessage(message, firstDatagram[message], segments[message]);
            }
            sendGroup(group);
        }
        clear();
    }

    /** Forgets all datagrams, unsent and uncounted. */
    public void clear() {
        for (int group = 0; group < groups; group++) {
            groupByBucket[bucketOf[group]] = NONE;
        }
        datagrams = 0;
        messages = 0;
        groups = 0;
        current = NONE;
    }

    private void sendGroup(int group) {
        int message = firstMessage[group];
        int done = 0;
        int triedAgain = NONE;
        while (done < usedHeaders) {
            long from = headers.address() + (long) done * MMSGHDR_BYTES;
            int sent = system.sendmmsg(socketOf[group], from, usedHeaders - done);
            int errno = Math.max(-sent, 0);
            if (errno == Errno.EINTR.number() || (isAboutTheSocket(errno) && triedAgain != message)) {
                triedAgain = message;
                continue;
            }
            for (int i = 0; i < sent; i++, message = nextMessage[message]) {
                forwarded(message);
            }
            done += Math.max(sent, 0);
            if (sent < 0) {
                failed(group, message, errno);
                message = nextMessage[message];
                done++;
            }
        }
    }

    /** What happened to the socket before, such as SOCK_DESTROY ({@code ss -K}), is told once, in place of sending. */
    private static boolean isAboutTheSocket(int errno) {
        return errno == Errno.ECONNABORTED.number() || errno == Errno.ECONNREFUSED.number();
    }

    private void forwarded(int message) {
        counters.forwarded(
                Direction.TUN_TO_UDP, endpoint[message].peer().index(), segments[message], innerBytes[message]);
    }

    private void failed(int group, int message, int errno) {
        if (segments[message] > 1 && isAboutSegments(errno)) {
            boolean fits = sendOneByOne(group, message);
            if (fits && errno != Errno.EMSGSIZE.number()) {
                endpoint[message].refuseSegments(errno);
            }
            return;
        }
        refused(message, firstDatagram[message], segments[message], innerBytes[message], errno);
    }

    /**
     * What a kernel says to {@code UDP_SEGMENT} that it would not say to each datagram: EIO where it cannot compute the checksums, as
     * towards a peer with an IPsec policy, and EMSGSIZE, in older kernels EINVAL, where a segment exceeds the path.
     */
    private static boolean isAboutSegments(int errno) {
        return errno == Errno.EIO.number() || errno == Errno.EINVAL.number() || errno == Errno.EMSGSIZE.number();
    }

    private void refused(int message, int datagram, int packets, int bytes, int errno) {
        if (errno == Errno.EMSGSIZE.number()) {
            endpoint[message].pathMtu().refused();
        }
        counters.sendError(errno);
        DropReason reason = reasonOf(errno);
        counters.dropped(Direction.TUN_TO_UDP, reason, packets, bytes);
        if (tap.wants(reason)) {
            for (int i = 0, at = datagram; i < packets; i++, at = nextDatagram[at]) {
                show(at, reason);
            }
        }
    }

    private void show(int datagram, DropReason reason) {
        int encapsulation = encapsulationLength[datagram];
        tap.packet(headerAddress[datagram] + encapsulation, headerLength[datagram] - encapsulation)
                .add(payloadAddress[datagram], payloadLength[datagram])
                .seen(Border.TUN, Direction.TUN_TO_UDP, reason);
    }

    private static DropReason reasonOf(int errno) {
        if (errno == Errno.EAGAIN.number() || errno == Errno.ENOBUFS.number()) {
            return DropReason.SOCKET_SNDBUF;
        }
        return errno == Errno.EMSGSIZE.number() ? DropReason.PKT_TOO_BIG : DropReason.SEND_FAILED;
    }

    /**
     * Sends the datagrams of a message that the kernel would not take as one, in memory behind that of the whole group.
     *
     * @return true when the kernel took the first, which is of full size and may not be fragmented, so that it was the segmentation that
     *     it refused
     */
    private boolean sendOneByOne(int group, int message) {
        int peer = endpoint[message].peer().index();
        int headersInUse = usedHeaders;
        int iovecsInUse = usedIovecs;
        boolean taken = false;
        for (int datagram = firstDatagram[message]; datagram != NONE; datagram = nextDatagram[datagram]) {
            usedHeaders = headersInUse;
            usedIovecs = iovecsInUse;
            writeMessage(message, datagram, 1);
            int bytes = headerLength[datagram] + payloadLength[datagram] - encapsulationLength[datagram];
            long from = headers.address() + (long) headersInUse * MMSGHDR_BYTES;
            int sent = system.sendmmsg(socketOf[group], from, 1);
            if (sent == 1) {
                counters.forwarded(Direction.TUN_TO_UDP, peer, 1, bytes);
                taken |= datagram == firstDatagram[message];
            } else {
                refused(message, datagram, 1, bytes, -sent);
            }
        }
        usedHeaders = headersInUse;
        usedIovecs = iovecsInUse;
        return taken && endpoint[message].sourcePorts().kind().dontFragment();
    }

    private void writeMessage(int message, int datagram, int count) {
        long iovecsFrom = iovecs.address() + (long) usedIovecs * IOVEC_BYTES;
        int iovecsBefore = usedIovecs;
        for (int i = 0, at = datagram; i < count; i++, at = nextDatagram[at]) {
            writeIovec(headerAddress[at], headerLength[at]);
            if (payloadLength[at] > 0) {
                writeIovec(payloadAddress[at], payloadLength[at]);
            }
        }
        int controlAt = usedHeaders * CONTROL_BYTES;
        int controlLength = writeControl(message, count, controlAt);
        ByteBuffer header = headers.buffer();
        int at = usedHeaders * MMSGHDR_BYTES;
        header.putLong(at, destination[message]);
        header.putInt(at + 8, endpoint[message].socketAddressLength());
        header.putLong(at + 16, iovecsFrom);
        header.putLong(at + 24, usedIovecs - iovecsBefore);
        header.putLong(at + 32, controlLength == 0 ? 0 : controls.address() + controlAt);
        header.putLong(at + 40, controlLength);
        header.putInt(at + 48, 0);
        usedHeaders++;
    }

    private void writeIovec(long address, int length) {
        int at = usedIovecs * IOVEC_BYTES;
        iovecs.buffer().putLong(at, address);
        iovecs.buffer().putLong(at + 8, length);
        usedIovecs++;
    }

    private int writeControl(int message, int count, int at) {
        int length = 0;
        if (count > 1) {
            length += ControlMessage.write16(
                    controls.buffer(), at, UdpSocket.SOL_UDP, UdpSocket.UDP_SEGMENT, segmentBytes[message]);
        }
        boolean ipv4 = endpoint[message].sourcePorts().kind().family() == SocketAddress.AF_INET;
        int tos = tosAndTtl[message] & 0xff;
        int ttl = tosAndTtl[message] >>> 8;
        if (tos != 0) {
            length += ipv4
                    ? ControlMessage.write32(controls.buffer(), at + length, UdpSocket.SOL_IP, UdpSocket.IP_TOS, tos)
                    : ControlMessage.write32(
                            controls.buffer(), at + length, UdpSocket.SOL_IPV6, UdpSocket.IPV6_TCLASS, tos);
        }
        if (ttl != 0) {
            length += ipv4
                    ? ControlMessage.write32(controls.buffer(), at + length, UdpSocket.SOL_IP, UdpSocket.IP_TTL, ttl)
                    : ControlMessage.write32(
                            controls.buffer(), at + length, UdpSocket.SOL_IPV6, UdpSocket.IPV6_HOPLIMIT, ttl);
        }
        return length;
    }
}
