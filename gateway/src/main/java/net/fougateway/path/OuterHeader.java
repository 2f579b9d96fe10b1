package net.fougateway.path;

import net.fougateway.codec.Bytes;
import net.fougateway.codec.Checksum;
import net.fougateway.codec.Ip;
import net.fougateway.linux.NativeMemory;
import net.fougateway.udp.ReceiveBatch;

/**
 * The IP and UDP headers that a datagram came with, as far as the socket tells: source, port and TOS. The destination is what the
 * socket listens on, the TTL is 64, ID and UDP checksum are zero. Belongs to one worker.
 */
final class OuterHeader {

    private static final int MAX_BYTES = Ip.V6_HEADER_BYTES + Ip.UDP_HEADER_BYTES;
    private static final int TTL = 64;

    private final NativeMemory memory = NativeMemory.allocate(MAX_BYTES);
    private int length;

    /** Writes the headers of a datagram of {@code payloadBytes} in {@code message}. */
    void write(ReceiveBatch batch, int message, int payloadBytes) {
        int udpBytes = Ip.UDP_HEADER_BYTES + payloadBytes;
        byte[] destination = batch.listener().address().getAddress();
        int udp = batch.isIpv4(message)
                ? writeIpv4(batch, message, udpBytes, destination)
                : writeIpv6(batch, message, udpBytes, destination);
        Bytes.put16(memory.buffer(), udp, batch.sourcePort(message));
        Bytes.put16(memory.buffer(), udp + 2, batch.listener().port());
        Bytes.put16(memory.buffer(), udp + 4, udpBytes);
        Bytes.put16(memory.buffer(), udp + 6, 0);
        length = udp + Ip.UDP_HEADER_BYTES;
    }

    private int writeIpv4(ReceiveBatch batch, int message, int udpBytes, byte... destination) {
        Bytes.put16(memory.buffer(), 0, 0x4500 | batch.tos(message));
        Bytes.put16(memory.buffer(), 2, Ip.V4_HEADER_BYTES + udpBytes);
        Bytes.put32(memory.buffer(), 4, 0);
        Bytes.put32(memory.buffer(), 8, TTL << 24 | Ip.UDP << 16);
        Bytes.put32(memory.buffer(), 12, (int) batch.sourceHigh(message));
        memory.buffer().put(16, destination, 0, Integer.BYTES);
        Checksum.store(memory.buffer(), 10, Checksum.sum(memory.buffer(), 0, Ip.V4_HEADER_BYTES));
        return Ip.V4_HEADER_BYTES;
    }

    private int writeIpv6(ReceiveBatch batch, int message, int udpBytes, byte... destination) {
        Bytes.put32(memory.buffer(), 0, 6 << 28 | batch.tos(message) << 20);
        Bytes.put32(memory.buffer(), 4, udpBytes << 16 | Ip.UDP << 8 | TTL);
        Bytes.put64(memory.buffer(), 8, batch.sourceHigh(message));
        Bytes.put64(memory.buffer(), 16, batch.sourceLow(message));
        memory.buffer().put(24, destination);
        return Ip.V6_HEADER_BYTES;
    }

    /** Address of the headers. */
    long address() {
        return memory.address();
    }

    /** Length of the headers in bytes. */
    int length() {
        return length;
    }
}
