package net.fougateway.udp;

import java.io.IOException;
import java.nio.ByteBuffer;
import net.fougateway.codec.Bytes;
import net.fougateway.linux.Errno;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.linux.Sockets;

/**
 * What one {@code recvmmsg} brought in: messages, each one datagram, or with {@code UDP_GRO} several datagrams of equal size (the
 * last may be shorter) behind one another. The memory is reused by the next {@link #receive}. Belongs to one worker, whose
 * sockets share it.
 */
public final class ReceiveBatch {

    /** Most messages in a batch. */
    public static final int MAX_MESSAGES = 64;
    /** Most messages in a batch while they are large, so that a batch stays within the processor's cache. */
    private static final int MAX_LARGE_MESSAGES = 8;

    private static final int LARGE_BYTES = 8192;
    private static final int SLOT_BYTES = 65_536;
    /** Not a power of two, so that the first lines of all slots do not compete for the same cache sets. */
    private static final int SLOT_STRIDE = SLOT_BYTES + 576;

    private static final int NAME_BYTES = 32;
    private static final int CONTROL_BYTES = 96;
    private static final int CONTROL_LENGTH_AT = 40;
    private static final int FLAGS_AT = 48;
    private static final int LENGTH_AT = 56;
    /** Offset of {@code ipi_addr} in {@code struct in_pktinfo}. */
    private static final int PKTINFO_DESTINATION = 8;

    private final UdpSystemCalls system;
    private final NativeMemory data = NativeMemory.allocate(MAX_MESSAGES * SLOT_STRIDE);
    private final NativeMemory names = NativeMemory.allocate(MAX_MESSAGES * NAME_BYTES);
    private final NativeMemory controls = NativeMemory.allocate(MAX_MESSAGES * CONTROL_BYTES);
    private final NativeMemory iovecs = NativeMemory.allocate(MAX_MESSAGES * Sockets.IOVEC_BYTES);
    private final NativeMemory headers = NativeMemory.allocate(MAX_MESSAGES * Sockets.MMSGHDR_BYTES);
    private final int[] segmentBytes = new int[MAX_MESSAGES];
    private final int[] tos = new int[MAX_MESSAGES];
    private final long[] localHigh = new long[MAX_MESSAGES];
    private final long[] localLow = new long[MAX_MESSAGES];
    private int limit = MAX_MESSAGES;
    private int lastLimit = MAX_MESSAGES;
    private int messages;
    private UdpListener listener;

    /** An empty batch that receives through {@code system}. */
    public ReceiveBatch(UdpSystemCalls system) {
        this.system = system;
        for (int i = 0; i < MAX_MESSAGES; i++) {
            iovecs.buffer().putLong(i * Sockets.IOVEC_BYTES, data.address() + (long) i * SLOT_STRIDE);
            iovecs.buffer().putLong(i * Sockets.IOVEC_BYTES + 8, SLOT_BYTES);
            int header = i * Sockets.MMSGHDR_BYTES;
            headers.buffer().putLong(header, names.address() + (long) i * NAME_BYTES);
            headers.buffer().putLong(header + 16, iovecs.address() + (long) i * Sockets.IOVEC_BYTES);
            headers.buffer().putLong(header + 24, 1);
            headers.buffer().putLong(header + 32, controls.address() + (long) i * CONTROL_BYTES);
            rearm(i);
        }
    }

    private void rearm(int message) {
        int header = message * Sockets.MMSGHDR_BYTES;
        headers.buffer().putInt(header + 8, NAME_BYTES);
        headers.buffer().putLong(header + CONTROL_LENGTH_AT, CONTROL_BYTES);
    }

    /**
     * Receives what waits at a socket, without waiting.
     *
     * @return number of messages, 0 when there was none
     * @throws IOException when the socket is of no more use
     */
    int receive(UdpListener from) throws IOException {
        for (int i = 0; i < messages; i++) {
            rearm(i);
        }
        messages = 0;
        lastLimit = limit;
        int received = system.recvmmsg(from.fd(), headers.address(), limit);
        if (received < 0) {
            if (isHarmless(-received)) {
                return 0;
            }
            throw new IOException("cannot receive: " + Errno.text(-received));
        }
        messages = received;
        listener = from;
        long bytes = 0;
        for (int i = 0; i < received; i++) {
            readControl(i);
            bytes += length(i);
        }
        limit = received > 0 && bytes / received > LARGE_BYTES ? MAX_LARGE_MESSAGES : MAX_MESSAGES;
        return received;
    }

    /** An aborted socket (SOCK_DESTROY, {@code ss -K}) stays bound to its port and goes on receiving. */
    private static boolean isHarmless(int errno) {
        return Errno.EAGAIN.is(errno)
                || Errno.EINTR.is(errno)
                || Errno.ECONNREFUSED.is(errno)
                || Errno.ECONNABORTED.is(errno)
                || Errno.ENOMEM.is(errno);
    }

    private void readControl(int message) {
        segmentBytes[message] = 0;
        tos[message] = 0;
        localHigh[message] = 0;
        localLow[message] = 0;
        ByteBuffer control = controls.buffer();
        int at = message * CONTROL_BYTES;
        int end = at + (int) headers.buffer().getLong(message * Sockets.MMSGHDR_BYTES + CONTROL_LENGTH_AT);
        while (at + Sockets.CMSGHDR_BYTES < end) {
            int level = ControlMessage.level(control, at);
            int type = ControlMessage.type(control, at);
            if (level == UdpSocket.SOL_UDP && type == UdpSocket.UDP_GRO) {
                segmentBytes[message] = ControlMessage.value32(control, at);
            } else if (level == UdpSocket.SOL_IP && type == UdpSocket.IP_TOS) {
                tos[message] = ControlMessage.value8(control, at);
            } else if (level == UdpSocket.SOL_IPV6 && type == UdpSocket.IPV6_TCLASS) {
                tos[message] = ControlMessage.value32(control, at) & 0xff;
            } else if (level == UdpSocket.SOL_IP && type == UdpSocket.IP_PKTINFO) {
                int address = ControlMessage.value(at) + PKTINFO_DESTINATION;
                localHigh[message] = Bytes.i32(control, address) & 0xffffffffL;
            } else if (level == UdpSocket.SOL_IPV6 && type == UdpSocket.IPV6_PKTINFO) {
                localHigh[message] = Bytes.i64(control, ControlMessage.value(at));
                localLow[message] = Bytes.i64(control, ControlMessage.value(at) + Long.BYTES);
            }
            at = ControlMessage.next(control, at);
        }
    }

    /** True when all messages that were asked for came. */
    boolean wasFull() {
        return messages == lastLimit;
    }

    /** Number of messages. */
    public int messages() {
        return messages;
    }

    /** The socket that they came to. */
    public UdpListener listener() {
        return listener;
    }

    /** Memory that all messages lie in. */
    public ByteBuffer data() {
        return data.buffer();
    }

    /** Address of {@link #data}. */
    public long dataAddress() {
        return data.address();
    }

    /** Where a message starts in {@link #data}. */
    public int offset(int message) {
        return message * SLOT_STRIDE;
    }

    /** Length of a message in bytes. */
    public int length(int message) {
        return headers.buffer().getInt(message * Sockets.MMSGHDR_BYTES + LENGTH_AT);
    }

    /** Length of each datagram in a message but the last; that of the message when it is one datagram. */
    public int segmentBytes(int message) {
        return segmentBytes[message] > 0 ? segmentBytes[message] : Math.max(length(message), 1);
    }

    /** True when the datagram did not fit. */
    public boolean isTruncated(int message) {
        return (headers.buffer().getInt(message * Sockets.MMSGHDR_BYTES + FLAGS_AT) & Sockets.MSG_TRUNC) != 0;
    }

    /** Outer TOS or traffic class. */
    public int tos(int message) {
        return tos[message];
    }

    /** Our own address that it came to: IPv4 in the low 32 bits, or high half of IPv6. */
    public long localHigh(int message) {
        return localHigh[message];
    }

    /** Our own address that it came to: 0, or low half of IPv6. */
    public long localLow(int message) {
        return localLow[message];
    }

    /** True when the message came over IPv4. */
    public boolean isIpv4(int message) {
        return SocketAddress.isIpv4(names.buffer(), message * NAME_BYTES);
    }

    /** Outer source port. */
    public int sourcePort(int message) {
        return SocketAddress.port(names.buffer(), message * NAME_BYTES);
    }

    /** Outer source: IPv4 in the low 32 bits, or high half of IPv6. */
    public long sourceHigh(int message) {
        return SocketAddress.high(names.buffer(), message * NAME_BYTES);
    }

    /** Outer source: 0, or low half of IPv6. */
    public long sourceLow(int message) {
        return SocketAddress.low(names.buffer(), message * NAME_BYTES);
    }
}
