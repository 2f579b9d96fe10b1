package net.fougateway.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** A UDP packet of the underlay. */
final class OuterPacket {

    private static final int UDP = 17;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int DESTINATION_OPTIONS = 60;

    private final byte[] bytes;
    private final int udpOffset;

    private OuterPacket(byte[] bytes, int udpOffset) {
        this.bytes = bytes;
        this.udpOffset = udpOffset;
    }

    /** Nothing for what is not UDP; Destination Options are passed over. */
    static Optional<OuterPacket> parse(byte[] packet) {
        int version = packet.length < 28 ? 0 : packet[0] >> 4;
        if (version == 4 && packet[9] == UDP) {
            return Optional.of(new OuterPacket(packet, (packet[0] & 15) * 4));
        }
        if (version == 6 && packet[6] == UDP) {
            return Optional.of(new OuterPacket(packet, 40));
        }
        if (version == 6 && packet[6] == DESTINATION_OPTIONS && packet[40] == UDP) {
            return Optional.of(new OuterPacket(packet, 48 + 8 * packet[41]));
        }
        return Optional.empty();
    }

    /** All of it, from the IP header on, in hexadecimal. */
    String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** Outer source address. */
    String source() {
        return isIpv4() ? address(12, 4) : address(8, 16);
    }

    /** Outer destination address. */
    String destination() {
        return isIpv4() ? address(16, 4) : address(24, 16);
    }

    /** UDP destination port. */
    int port() {
        return ByteBuffer.wrap(bytes).getShort(udpOffset + 2) & 0xffff;
    }

    /** True when there is a UDP checksum. */
    boolean hasChecksum() {
        return ByteBuffer.wrap(bytes).getShort(udpOffset + 6) != 0;
    }

    /** The first {@code count} bytes behind the UDP header, in hexadecimal. */
    String payload(int count) {
        int from = udpOffset + UDP_HEADER_BYTES;
        return HexFormat.of().formatHex(bytes, from, Math.min(bytes.length, from + count));
    }

    private boolean isIpv4() {
        return bytes[0] >> 4 == 4;
    }

    private String address(int from, int length) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + length))
                    .getHostAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
