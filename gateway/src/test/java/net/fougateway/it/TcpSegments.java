package net.fougateway.it;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Hand-made inner packets: the segments of one TCP stream, as a sender without offload cuts them. */
final class TcpSegments {

    static final int PAYLOAD_BYTES = 1200;
    private static final int FIRST_SEQUENCE = 0x7fff0000;
    private static final int ACK = 0x10;
    private static final int TCP = 6;
    private static final int TCP_HEADER_BYTES = 20;

    private final byte[] source;
    private final byte[] destination;
    private final byte[] stream;

    /** A stream of {@code segments} full segments. */
    TcpSegments(String source, String destination, int segments) throws UnknownHostException {
        this.source = InetAddress.getByName(source).getAddress();
        this.destination = InetAddress.getByName(destination).getAddress();
        stream = new byte[segments * PAYLOAD_BYTES];
        new Random(3).nextBytes(stream);
    }

    /** The whole payload. */
    byte[] stream() {
        return stream.clone();
    }

    /** Length of each packet. */
    int packetBytes() {
        return headerBytes() + PAYLOAD_BYTES;
    }

    /** Packet {@code index}, with {@code damage} added to its TCP checksum. */
    byte[] packet(int index, int damage) {
        ByteBuffer packet = ByteBuffer.allocate(packetBytes());
        int transport = writeIp(packet, index);
        packet.position(transport);
        packet.putShort((short) 40001).putShort((short) 40002);
        packet.putInt(FIRST_SEQUENCE + index * PAYLOAD_BYTES).putInt(1);
        packet.put((byte) (TCP_HEADER_BYTES << 2)).put((byte) ACK).putShort((short) 500);
        packet.putShort((short) 0).putShort((short) 0);
        packet.put(stream, index * PAYLOAD_BYTES, PAYLOAD_BYTES);
        int length = packet.capacity() - transport;
        int sum = sum(source) + sum(destination) + TCP + length + sum(packet.slice(transport, length));
        packet.putShort(transport + 16, (short) (checksum(sum) + damage));
        return packet.array();
    }

    /** True if {@code packet}, perhaps a super-packet, is of this stream. */
    boolean owns(byte[] packet) {
        if (packet.length <= headerBytes() || packet[0] >> 4 != (ipv4() ? 4 : 6)) {
            return false;
        }
        int at = ipv4() ? 12 : 8;
        return ByteBuffer.wrap(packet, at, source.length).equals(ByteBuffer.wrap(source))
                && packet[ipv4() ? 9 : 6] == TCP;
    }

    /** The bytes of the stream that {@code packet} carries. */
    byte[] payload(byte[] packet) {
        return Arrays.copyOfRange(packet, headerBytes(), packet.length);
    }

    /** Number of the first byte that {@code packet} carries. */
    int position(byte[] packet) {
        return ByteBuffer.wrap(packet).getInt(headerBytes() - TCP_HEADER_BYTES + 4) - FIRST_SEQUENCE;
    }

    private boolean ipv4() {
        return source.length == 4;
    }

    private int headerBytes() {
        return (ipv4() ? 20 : 40) + TCP_HEADER_BYTES;
    }

    /** Writes the IP header; its length. */
    private int writeIp(ByteBuffer packet, int index) {
        if (!ipv4()) {
            packet.putInt(0x60000000).putShort((short) (packet.capacity() - 40));
            packet.put((byte) TCP).put((byte) 64).put(source).put(destination);
            return 40;
        }
        packet.putShort((short) 0x4500).putShort((short) packet.capacity());
        packet.putShort((short) (100 + index)).putShort((short) 0x4000);
        packet.put((byte) 64).put((byte) TCP).putShort((short) 0).put(source).put(destination);
        packet.putShort(10, (short) checksum(sum(packet.slice(0, 20))));
        return 20;
    }

    private static int sum(byte[] bytes) {
        return sum(ByteBuffer.wrap(bytes));
    }

    private static int sum(ByteBuffer bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.limit(); i += 2) {
            sum += bytes.getShort(i) & 0xffff;
        }
        return sum;
    }

    private static int checksum(int sum) {
        int folded = (sum & 0xffff) + (sum >>> 16);
        return ~((folded & 0xffff) + (folded >>> 16)) & 0xffff;
    }
}
