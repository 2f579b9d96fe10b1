package net.fougateway.udp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import net.fougateway.codec.PortPayload;
import net.fougateway.linux.AddressSpace;
import net.fougateway.linux.SocketAddress;
import net.fougateway.route.Peers;

/**
 * A network in memory: what was said to {@link #arrive} is received, with names and control messages as the kernel writes them,
 * and what is sent is taken apart and remembered, or only counted. Receiving and counting allocate nothing.
 */
public final class InMemoryUdp implements UdpSystemCalls {

    /**
     * A message that was sent.
     *
     * @param segmentBytes value of {@code UDP_SEGMENT}, 0 without
     * @param tos value of {@code IP_TOS} or {@code IPV6_TCLASS}, 0 without
     * @param ttl value of {@code IP_TTL} or {@code IPV6_HOPLIMIT}, 0 without
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Sent(int socket, InetAddress to, int port, int segmentBytes, int tos, int ttl, byte[] bytes) {

        /** The datagrams that the kernel makes of it. */
        public List<byte[]> datagrams() {
            int step = segmentBytes == 0 ? bytes.length : segmentBytes;
            return IntStream.range(0, (bytes.length + step - 1) / step)
                    .mapToObj(i -> Arrays.copyOfRange(bytes, i * step, Math.min((i + 1) * step, bytes.length)))
                    .toList();
        }
    }

    private record Arrival(ByteBuffer name, int nameBytes, boolean ipv4, int tos, int segmentBytes, ByteBuffer bytes) {}

    /** Number of the socket that packets leave from without DF. */
    public static final int FRAGMENTED_SOCKET = 999;

    /** Port of the first source port of a pool; the others follow. */
    public static final int FIRST_PORT = 50_000;

    private static final int FRAGMENTED_PORT = 49_999;
    private static final int FD = 1;
    private static final int PORT = 5555;
    private static final int FIRST_SOCKET = 1000;
    private static final int MMSGHDR_BYTES = 64;
    private static final int MSG_TRUNC = 0x20;
    private static final int EAGAIN = 11;

    private final AddressSpace memory = new AddressSpace();
    private final boolean remembers;
    private final List<Arrival> arrivals = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private ToIntFunction<Sent> refusal = message -> 0;
    private int mostPerCall = Integer.MAX_VALUE;
    private UdpListener listener = listener(PortPayload.FOU);
    private int next;
    private int calls;
    private long sentBytes;

    /**
     * An empty network.
     *
     * @param remembers whether messages sent are remembered; otherwise they are only counted, and none is refused
     */
    public InMemoryUdp(boolean remembers) {
        this.remembers = remembers;
    }

    /** Source ports that exist here only. */
    public static SourcePorts sourcePorts(SourcePorts.Kind kind, int count) {
        return new SourcePorts(
                kind,
                IntStream.range(FIRST_SOCKET, FIRST_SOCKET + count).toArray(),
                IntStream.range(0, count)
                        .map(i -> kind.port() == 0 ? FIRST_PORT + i : kind.port())
                        .toArray(),
                false);
    }

    /** The socket without DF, which exists here only. */
    public static SourcePorts fragmentedPorts(SourcePorts.Kind kind) {
        return new SourcePorts(kind, new int[] {FRAGMENTED_SOCKET}, new int[] {FRAGMENTED_PORT}, false);
    }

    /**
     * Lets a message arrive.
     *
     * @param segmentBytes value of {@code UDP_GRO}, 0 without
     * @return the memory that it will be received from, again after each {@link #rewind}
     */
    public ByteBuffer arrive(InetAddress from, int tos, int segmentBytes, byte... bytes) {
        ByteBuffer name = ByteBuffer.allocateDirect(SocketAddress.MAX_BYTES).order(ByteOrder.nativeOrder());
        int nameBytes = SocketAddress.write(name, 0, from, 40_000);
        ByteBuffer copy = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        boolean ipv4 = SocketAddress.isIpv4(name, 0);
        arrivals.add(new Arrival(name, nameBytes, ipv4, tos, segmentBytes, copy));
        return copy;
    }

    /** Lets all that arrived arrive again. */
    public void rewind() {
        next = 0;
    }

    /** Receives a batch at a port that carries {@code payload}; false when nothing is left. */
    public boolean receive(ReceiveBatch batch, PortPayload payload) throws IOException {
        if (!listener.payload().equals(payload)) {
            listener = listener(payload);
        }
        return batch.receive(listener) > 0;
    }

    private static UdpListener listener(PortPayload payload) {
        return new UdpListener(FD, Peers.address("0.0.0.0"), PORT, "", payload, 0, true);
    }

    /** Decides which error number a message is refused with, 0 for none. */
    public void refuse(ToIntFunction<Sent> errno) {
        refusal = errno;
    }

    /** Takes no more than {@code messages} in one call. */
    public void takeAtMost(int messages) {
        mostPerCall = messages;
    }

    /** What was sent. */
    public List<Sent> sent() {
        return sent;
    }

    /** How many bytes were sent. */
    public long sentBytes() {
        return sentBytes;
    }

    /** How many calls of {@code sendmmsg} there were. */
    public int calls() {
        return calls;
    }

    @Override
    public int recvmmsg(int fd, long messages, int count) {
        int received = 0;
        while (received < count && next < arrivals.size()) {
            receive(messages + (long) received * MMSGHDR_BYTES, arrivals.get(next));
            received++;
            next++;
        }
        return received == 0 ? -EAGAIN : received;
    }

    private void receive(long header, Arrival arrival) {
        memory.put(memory.getLong(header), arrival.name, arrival.nameBytes);
        memory.putInt(header + 8, arrival.nameBytes);
        long iovec = memory.getLong(header + 16);
        int length = arrival.bytes.capacity();
        int fits = (int) Math.min(length, memory.getLong(iovec + 8));
        memory.put(memory.getLong(iovec), arrival.bytes, fits);
        memory.putLong(header + 40, writeControl(memory.getLong(header + 32), arrival));
        memory.putInt(header + 48, fits < length ? MSG_TRUNC : 0);
        memory.putInt(header + 56, fits);
    }

    private int writeControl(long address, Arrival arrival) {
        ByteBuffer control = memory.window(address);
        int at = memory.index(address);
        int length = 0;
        if (arrival.segmentBytes > 0) {
            length += ControlMessage.write32(control, at, UdpSocket.SOL_UDP, UdpSocket.UDP_GRO, arrival.segmentBytes);
        }
        if (!arrival.ipv4) {
            return length
                    + ControlMessage.write32(
                            control, at + length, UdpSocket.SOL_IPV6, UdpSocket.IPV6_TCLASS, arrival.tos);
        }
        // The kernel's IP_TOS has one byte behind a header of 16; what follows is padding and may be anything.
        ControlMessage.write32(control, at + length, UdpSocket.SOL_IP, UdpSocket.IP_TOS, 0xaaaaaa00 | arrival.tos);
        control.putLong(at + length, 17);
        return length + 24;
    }

    @Override
    public int sendmmsg(int fd, long messages, int count) {
        calls++;
        for (int i = 0; i < Math.min(count, mostPerCall); i++) {
            long header = messages + (long) i * MMSGHDR_BYTES;
            int errno = remembers ? remember(fd, header) : 0;
            if (errno != 0) {
                return i == 0 ? -errno : i;
            }
            int bytes = memory.lengthOf(memory.getLong(header + 16), memory.getLong(header + 24));
            memory.putInt(header + 56, bytes);
            sentBytes += bytes;
        }
        return Math.min(count, mostPerCall);
    }

    private int remember(int fd, long header) {
        byte[] bytes = memory.gather(memory.getLong(header + 16), memory.getLong(header + 24));
        long control = memory.getLong(header + 32);
        long end = control + memory.getLong(header + 40);
        int segmentBytes = 0;
        int tos = 0;
        int ttl = 0;
        for (long at = control; at < end; at += memory.getLong(at) + 7 & ~7L) {
            int value = memory.getInt(at + 16);
            switch (memory.getInt(at + 8) << 8 | memory.getInt(at + 12)) {
                case UdpSocket.SOL_UDP << 8 | UdpSocket.UDP_SEGMENT -> segmentBytes = value & 0xffff;
                case UdpSocket.SOL_IP << 8 | UdpSocket.IP_TOS, UdpSocket.SOL_IPV6 << 8 | UdpSocket.IPV6_TCLASS ->
                    tos = value;
                case UdpSocket.SOL_IP << 8 | UdpSocket.IP_TTL, UdpSocket.SOL_IPV6 << 8 | UdpSocket.IPV6_HOPLIMIT ->
                    ttl = value;
                default -> throw new IllegalStateException("control message " + memory.getInt(at + 12));
            }
        }
        long name = memory.getLong(header);
        int port = SocketAddress.port(memory.window(name), memory.index(name));
        Sent message = new Sent(fd, addressAt(name), port, segmentBytes, tos, ttl, bytes);
        int errno = refusal.applyAsInt(message);
        if (errno == 0) {
            sent.add(message);
        }
        return errno;
    }

    private InetAddress addressAt(long name) {
        boolean ipv4 = SocketAddress.isIpv4(memory.window(name), memory.index(name));
        try {
            return InetAddress.getByAddress(ipv4 ? memory.get(name + 4, 4) : memory.get(name + 8, 16));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
