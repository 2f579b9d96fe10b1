package net.fougateway.udp;

import java.util.Arrays;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.metrics.OffloadState;

/**
 * Datagrams put together to messages, and messages to groups by socket, without any system call. A message is one datagram, or several
 * of equal size (the last may be shorter) that {@code UDP_SEGMENT} carries together. Numbers of datagrams, messages and groups count from
 * 0 in the order in which they were begun; {@link #NONE} ends every list. Belongs to one worker.
 */
final class OutgoingMessages {

    static final int NONE = -1;
    /** Most datagrams, and so most messages and groups. */
    static final int MAX_DATAGRAMS = 4096;
    /** Most datagrams in one message: {@code UDP_MAX_SEGMENTS} of kernels before 6.9. */
    static final int MAX_SEGMENTS = 64;
    /** Most bytes in one message: the largest UDP payload over IPv4. */
    private static final int MAX_MESSAGE_BYTES = 65_507;

    private static final int SOCKET_BUCKETS = 8192;
    private static final int SOCKET_MASK = SOCKET_BUCKETS - 1;
    private static final int SOCKADDR_IN_BYTES = 16;

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
    private final int[] messageGroup = new int[MAX_DATAGRAMS];
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

    private final NativeMemory socketAddresses = NativeMemory.allocate(MAX_DATAGRAMS * SOCKADDR_IN_BYTES);
    private int current = NONE;

    /**
     * None.
     *
     * @param gso whether {@code UDP_SEGMENT} is used
     */
    OutgoingMessages(OffloadState gso) {
        this.gso = gso;
        Arrays.fill(groupByBucket, NONE);
    }

    /** Forgets everything. */
    void clear() {
        for (int group = 0; group < groups; group++) {
            groupByBucket[bucketOf[group]] = NONE;
        }
        datagrams = 0;
        messages = 0;
        groups = 0;
        current = NONE;
    }

    /** See {@link DatagramBatch#select}. */
    void select(PeerEndpoint to, long outerAddress, boolean innerIpv4, int socket, int wantedTosAndTtl) {
        int group = groupOf(socket);
        int newest = lastMessage[group];
        long address = outerAddress == PeerEndpoint.FIXED
                ? to.socketAddress(innerIpv4)
                : embeddedSocketAddress(newest, (int) outerAddress, to.port(innerIpv4));
        if (newest == NONE
                || endpoint[newest] != to
                || destination[newest] != address
                || tosAndTtl[newest] != wantedTosAndTtl) {
            newest = startMessage(group, to, address, wantedTosAndTtl);
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

    private int startMessage(int group, PeerEndpoint to, long address, int wantedTosAndTtl) {
        int message = messages++;
        endpoint[message] = to;
        destination[message] = address;
        messageGroup[message] = group;
        tosAndTtl[message] = wantedTosAndTtl;
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

    /** See {@link DatagramBatch#add}. */
    void add(int encapsulationBytes, long header, int headerBytes, long payload, int payloadBytes) {
        int bytes = headerBytes + payloadBytes;
        if (!fits(bytes)) {
            current = startMessage(messageGroup[current], endpoint[current], destination[current], tosAndTtl[current]);
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
        return segments[message] == 0
                || (open[message]
                        && bytes <= segmentBytes[message]
                        && segments[message] < MAX_SEGMENTS
                        && messageBytes[message] + bytes <= MAX_MESSAGE_BYTES);
    }

    private void link(int datagram, int bytes) {
        int message = current;
        if (segments[message] == 0) {
            firstDatagram[message] = datagram;
            segmentBytes[message] = bytes;
            open[message] = gso.isActive() && endpoint[message].takesSegments(bytes);
        } else {
            nextDatagram[lastDatagram[message]] = datagram;
            open[message] = bytes == segmentBytes[message];
        }
        lastDatagram[message] = datagram;
        segments[message]++;
        messageBytes[message] += bytes;
        innerBytes[message] += bytes - encapsulationLength[datagram];
    }

    int datagrams() {
        return datagrams;
    }

    int groups() {
        return groups;
    }

    int socket(int group) {
        return socketOf[group];
    }

    int firstMessage(int group) {
        return firstMessage[group];
    }

    /** The message behind {@code message} in its group. */
    int nextMessage(int message) {
        return nextMessage[message];
    }

    PeerEndpoint endpoint(int message) {
        return endpoint[message];
    }

    /** Address of the {@code sockaddr} that it goes to. */
    long destination(int message) {
        return destination[message];
    }

    int tosAndTtl(int message) {
        return tosAndTtl[message];
    }

    /** Number of datagrams in it. */
    int segments(int message) {
        return segments[message];
    }

    /** Length of each of its datagrams but the last. */
    int segmentBytes(int message) {
        return segmentBytes[message];
    }

    /** Sum of the lengths of the inner packets in it. */
    int innerBytes(int message) {
        return innerBytes[message];
    }

    int firstDatagram(int message) {
        return firstDatagram[message];
    }

    /** The datagram behind {@code datagram} in its message. */
    int nextDatagram(int datagram) {
        return nextDatagram[datagram];
    }

    long headerAddress(int datagram) {
        return headerAddress[datagram];
    }

    int headerLength(int datagram) {
        return headerLength[datagram];
    }

    long payloadAddress(int datagram) {
        return payloadAddress[datagram];
    }

    int payloadLength(int datagram) {
        return payloadLength[datagram];
    }

    /** How many of its first bytes are not the inner packet's. */
    int encapsulationLength(int datagram) {
        return encapsulationLength[datagram];
    }

    /** Length of the datagram. */
    int bytes(int datagram) {
        return headerLength[datagram] + payloadLength[datagram];
    }
}
