package net.fougateway.udp;

import java.util.Arrays;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;

/**
 * Datagrams put together to messages, and messages to groups by socket, without any system call. A message is one datagram, or several
 * of equal size (the last may be shorter) that {@code UDP_SEGMENT} carries together. Numbers of datagrams, messages and groups count from
 * 0 in the order in which they were begun; {@link #NONE} ends every list. What became of each is noted here when they are sent. Belongs to
 * one worker.
 */
public final class OutgoingMessages {

    /** Ends a list. */
    public static final int NONE = -1;
    /** In place of an error number: it was not tried to send it. */
    public static final int UNSENT = -1;

    /** Most datagrams, and so most messages and groups. */
    static final int MAX_DATAGRAMS = 4096;
    /** Most datagrams in one message: {@code UDP_MAX_SEGMENTS} of kernels before 6.9. */
    static final int MAX_SEGMENTS = 64;
    /** Most bytes in one message: the largest UDP payload over IPv4. */
    private static final int MAX_MESSAGE_BYTES = 65_507;

    private static final int SOCKET_BUCKETS = 8192;
    private static final int SOCKET_MASK = SOCKET_BUCKETS - 1;
    private static final int SOCKADDR_IN_BYTES = 16;

    private final long[] headerAddress = new long[MAX_DATAGRAMS];
    private final long[] payloadAddress = new long[MAX_DATAGRAMS];
    private final int[] headerLength = new int[MAX_DATAGRAMS];
    private final int[] payloadLength = new int[MAX_DATAGRAMS];
    private final int[] encapsulationLength = new int[MAX_DATAGRAMS];
    private final int[] nextDatagram = new int[MAX_DATAGRAMS];
    private final int[] errnoAlone = new int[MAX_DATAGRAMS];
    private int datagrams;

    private final Destination[] destination = new Destination[MAX_DATAGRAMS];
    private final long[] address = new long[MAX_DATAGRAMS];
    private final int[] tag = new int[MAX_DATAGRAMS];
    private final int[] messageGroup = new int[MAX_DATAGRAMS];
    private final int[] tosAndTtl = new int[MAX_DATAGRAMS];
    private final int[] maxSegmentBytes = new int[MAX_DATAGRAMS];
    private final int[] segmentBytes = new int[MAX_DATAGRAMS];
    private final int[] messageBytes = new int[MAX_DATAGRAMS];
    private final int[] innerBytes = new int[MAX_DATAGRAMS];
    private final int[] segments = new int[MAX_DATAGRAMS];
    private final int[] firstDatagram = new int[MAX_DATAGRAMS];
    private final int[] lastDatagram = new int[MAX_DATAGRAMS];
    private final int[] nextMessage = new int[MAX_DATAGRAMS];
    private final boolean[] open = new boolean[MAX_DATAGRAMS];
    private final int[] errno = new int[MAX_DATAGRAMS];
    private final boolean[] apart = new boolean[MAX_DATAGRAMS];
    private int messages;

    private final int[] socketOf = new int[MAX_DATAGRAMS];
    private final int[] firstMessage = new int[MAX_DATAGRAMS];
    private final int[] lastMessage = new int[MAX_DATAGRAMS];
    private final int[] bucketOf = new int[MAX_DATAGRAMS];
    private final int[] groupByBucket = new int[SOCKET_BUCKETS];
    private int groups;

    private final NativeMemory socketAddresses = NativeMemory.allocate(MAX_DATAGRAMS * SOCKADDR_IN_BYTES);
    private int current = NONE;

    /** None. */
    OutgoingMessages() {
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

    /** See {@link SendBatch#select}. */
    boolean select(int socket, Destination to, long ipv4Address, int wantedTosAndTtl, int wantedTag) {
        int group = groupOf(socket);
        int newest = lastMessage[group];
        long at = ipv4Address == Destination.FIXED ? to.address() : socketAddress(newest, (int) ipv4Address, to.port());
        boolean another = newest == NONE
                || destination[newest] != to
                || address[newest] != at
                || tosAndTtl[newest] != wantedTosAndTtl;
        current = another ? startMessage(group, to, at, wantedTosAndTtl, wantedTag) : newest;
        return another;
    }

    /** See {@link SendBatch#join}. */
    void join(int bytes) {
        maxSegmentBytes[current] = bytes;
    }

    /** The one of the newest message when it is the same; otherwise a new one in the slot of the next message. */
    private long socketAddress(int newest, int ipv4Address, int port) {
        if (newest != NONE && isAt(newest, ipv4Address, port)) {
            return address[newest];
        }
        int at = messages * SOCKADDR_IN_BYTES;
        SocketAddress.writeIpv4(socketAddresses.buffer(), at, ipv4Address, port);
        return socketAddresses.address() + at;
    }

    private boolean isAt(int message, int ipv4Address, int port) {
        long at = address[message] - socketAddresses.address();
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

    private int startMessage(int group, Destination to, long at, int wantedTosAndTtl, int wantedTag) {
        int message = messages++;
        destination[message] = to;
        address[message] = at;
        tag[message] = wantedTag;
        errno[message] = UNSENT;
        apart[message] = false;
        messageGroup[message] = group;
        tosAndTtl[message] = wantedTosAndTtl;
        maxSegmentBytes[message] = 0;
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

    /** See {@link SendBatch#add}. */
    void add(int encapsulationBytes, long header, int headerBytes, long payload, int payloadBytes) {
        int bytes = headerBytes + payloadBytes;
        if (!fits(bytes)) {
            int before = current;
            current = startMessage(
                    messageGroup[before], destination[before], address[before], tosAndTtl[before], tag[before]);
            maxSegmentBytes[current] = maxSegmentBytes[before];
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
            open[message] = bytes <= maxSegmentBytes[message];
        } else {
            nextDatagram[lastDatagram[message]] = datagram;
            open[message] = bytes == segmentBytes[message];
        }
        lastDatagram[message] = datagram;
        segments[message]++;
        messageBytes[message] += bytes;
        innerBytes[message] += bytes - encapsulationLength[datagram];
    }

    /** Notes what became of a message: 0, or the error number that the kernel refused it with. */
    void sent(int message, int result) {
        errno[message] = result;
    }

    /** Notes that the datagrams of a message are sent one by one. */
    void takeApart(int message) {
        apart[message] = true;
        for (int datagram = firstDatagram[message]; datagram != NONE; datagram = nextDatagram[datagram]) {
            errnoAlone[datagram] = UNSENT;
        }
    }

    /** Notes what became of a datagram that was sent alone: 0, or an error number. */
    void sentAlone(int datagram, int result) {
        errnoAlone[datagram] = result;
    }

    int datagrams() {
        return datagrams;
    }

    /** Number of messages. */
    public int messages() {
        return messages;
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

    /** Where it goes. */
    Destination destination(int message) {
        return destination[message];
    }

    /** Address of the {@code sockaddr} that it goes to. */
    long address(int message) {
        return address[message];
    }

    int tosAndTtl(int message) {
        return tosAndTtl[message];
    }

    /** The tag that its datagrams were given. */
    public int tag(int message) {
        return tag[message];
    }

    /** What became of it: 0 when it was sent, {@link #UNSENT}, or the error number that the kernel refused it with. */
    public int errno(int message) {
        return errno[message];
    }

    /** True when it was refused, and its datagrams were sent one by one after that. */
    public boolean isApart(int message) {
        return apart[message];
    }

    /** Number of datagrams in it. */
    public int segments(int message) {
        return segments[message];
    }

    /** Length of each of its datagrams but the last. */
    public int segmentBytes(int message) {
        return segmentBytes[message];
    }

    /** Sum of the lengths of the inner packets in it. */
    public int innerBytes(int message) {
        return innerBytes[message];
    }

    public int firstDatagram(int message) {
        return firstDatagram[message];
    }

    /** The datagram behind {@code datagram} in its message, or {@link #NONE}. */
    public int nextDatagram(int datagram) {
        return nextDatagram[datagram];
    }

    /** What became of a datagram in a message that {@link #isApart}: 0, {@link #UNSENT} or an error number. */
    public int errnoAlone(int datagram) {
        return errnoAlone[datagram];
    }

    /** Address of the first part of a datagram. */
    public long headerAddress(int datagram) {
        return headerAddress[datagram];
    }

    /** Length of its first part, in bytes. */
    public int headerLength(int datagram) {
        return headerLength[datagram];
    }

    /** Address of its second part. */
    public long payloadAddress(int datagram) {
        return payloadAddress[datagram];
    }

    /** Length of its second part, in bytes; 0 when there is none. */
    public int payloadLength(int datagram) {
        return payloadLength[datagram];
    }

    /** How many of its first bytes are not the inner packet's. */
    public int encapsulationLength(int datagram) {
        return encapsulationLength[datagram];
    }

    /** Length of the datagram. */
    public int bytes(int datagram) {
        return headerLength[datagram] + payloadLength[datagram];
    }
}
