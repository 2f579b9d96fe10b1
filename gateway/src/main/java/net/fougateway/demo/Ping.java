package net.fougateway.demo;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import net.fougateway.codec.Bytes;
import net.fougateway.codec.Checksum;
import net.fougateway.codec.Ip;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.linux.Sockets;

/** ICMP echo over a raw socket, as the ping command does it. */
final class Ping implements AutoCloseable {

    private static final long TIMEOUT_SECONDS = 1;
    private static final int PAUSE_MILLIS = 20;

    private static final int BUFFER_BYTES = 256;
    /** The packet of the ping command: 8 bytes of header, 56 of data. */
    private static final int ECHO_BYTES = 64;

    private static final int CHECKSUM = 2;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;

    private final NativeMemory memory = NativeMemory.allocate(BUFFER_BYTES);
    private final int identifier = (int) ProcessHandle.current().pid() & 0xffff;
    private final InetAddress destination;
    private final boolean ipv4;
    private final int fd;

    private Ping(InetAddress destination) throws LinuxException {
        this.destination = destination;
        ipv4 = SocketAddress.family(destination) == SocketAddress.AF_INET;
        fd = Libc.socket(
                SocketAddress.family(destination), Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC, ipv4 ? Ip.ICMP : Ip.ICMPV6);
        if (fd < 0) {
            throw Errno.lastFailure("open an ICMP socket");
        }
    }

    /** Sends echo requests, one after the answer to the other, from the network namespace of the calling thread. */
    static RoundTrips run(InetAddress destination, int count) throws LinuxException, InterruptedException {
        try (Ping ping = new Ping(destination)) {
            ping.connect();
            long[] nanos = new long[count];
            int answers = 0;
            for (int sequence = 1; sequence <= count; sequence++) {
                long roundTrip = ping.roundTrip(sequence);
                if (roundTrip >= 0) {
                    nanos[answers++] = roundTrip;
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
            return new RoundTrips(count, Arrays.copyOf(nanos, answers));
        }
    }

    private void connect() throws LinuxException {
        memory.buffer().putLong(0, TIMEOUT_SECONDS).putLong(Long.BYTES, 0);
        memory.call(timeout -> Libc.setsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVTIMEO, timeout, 2 * Long.BYTES));
        int length = SocketAddress.write(memory.buffer(), 0, destination, 0);
        if (memory.call(address -> Libc.connect(fd, address, length)) < 0) {
            throw Errno.lastFailure("ping " + NetUtil.toAddressString(destination));
        }
    }

    /** Nanoseconds until the answer, or -1 when there was none in time. */
    private long roundTrip(int sequence) throws LinuxException {
        writeRequest(sequence);
        long begin = System.nanoTime();
        if (memory.call(packet -> (int) Libc.send(fd, packet, ECHO_BYTES, 0)) < 0) {
            throw Errno.lastFailure("ping " + NetUtil.toAddressString(destination));
        }
        while (memory.call(packet -> (int) Libc.recv(fd, packet, BUFFER_BYTES, 0)) > 0) {
            if (isReply(sequence)) {
                return System.nanoTime() - begin;
            }
        }
        return -1;
    }

    /** The kernel sums ICMPv6, and not ICMP. */
    private void writeRequest(int sequence) {
        ByteBuffer packet = memory.buffer();
        Bytes.put16(packet, 0, (ipv4 ? 8 : 128) << 8);
        Bytes.put16(packet, CHECKSUM, 0);
        Bytes.put16(packet, IDENTIFIER, identifier);
        Bytes.put16(packet, SEQUENCE, sequence);
        Checksum.store(packet, CHECKSUM, Checksum.sum(packet, 0, ECHO_BYTES));
    }

    /** Raw sockets of IPv4 give the IP header too. */
    private boolean isReply(int sequence) {
        ByteBuffer packet = memory.buffer();
        int header = ipv4 ? (Bytes.u8(packet, 0) & 0xf) * 4 : 0;
        return Bytes.u8(packet, header) == (ipv4 ? 0 : 129)
                && Bytes.u16(packet, header + IDENTIFIER) == identifier
                && Bytes.u16(packet, header + SEQUENCE) == sequence;
    }

    @Override
    public void close() {
        Libc.close(fd);
    }

    /** Result of {@link #run}: requests sent and the time to each answer. */
    @SuppressWarnings("ArrayRecordComponent")
    record RoundTrips(int sent, long[] nanos) {

        boolean isComplete() {
            return nanos.length == sent;
        }

        @Override
        public String toString() {
            if (nanos.length == 0) {
                return "0 of " + sent + " answered";
            }
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            return String.format(
                    Locale.ROOT,
                    "%d of %d answered, round trip %.2f ms at best, %.2f median, %.2f at worst",
                    sorted.length,
                    sent,
                    sorted[0] / 1e6,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[sorted.length - 1] / 1e6);
        }
    }
}
