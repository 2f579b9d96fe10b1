package net.fougateway.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the RFCs say about packets, written down in the slowest and plainest way. Shares no code with the code under test, which
 * is compared with it.
 */
public final class Naive {

    private static final List<Integer> EXTENSIONS = List.of(0, 43, 60);

    private Naive() {}

    /** Internet checksum (RFC 1071) of all parts behind one another: what belongs into the checksum field. */
    public static int checksum(byte[]... parts) {
        byte[] all = join(parts);
        int sum = 0;
        for (int i = 0; i < all.length; i += 2) {
            int low = i + 1 < all.length ? all[i + 1] & 0xff : 0;
            sum += (all[i] & 0xff) * 256 + low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return 0xffff - sum;
    }

    /** All parts behind one another. */
    public static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** Unsigned 16-bit number in network byte order. */
    public static int u16(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    /** 32-bit number in network byte order. */
    public static int i32(byte[] bytes, int at) {
        return (u16(bytes, at) << 16) | u16(bytes, at + 2);
    }

    /** Writes a 16-bit number in network byte order. */
    public static void put16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    /** True for an IPv4 packet. */
    public static boolean isIpv4(byte[] packet) {
        return (packet[0] & 0xf0) == 0x40;
    }

    /** Where the transport header starts, behind options and extension headers. */
    public static int transportOffset(byte[] packet) {
        return walk(packet)[0];
    }

    /** Protocol of the transport header. */
    public static int protocol(byte[] packet) {
        return walk(packet)[1];
    }

    private static int[] walk(byte[] packet) {
        if (isIpv4(packet)) {
            return new int[] {(packet[0] & 0xf) * 4, packet[9] & 0xff};
        }
        int at = 40;
        int protocol = packet[6];
        while (EXTENSIONS.contains(protocol) && at + 8 <= packet.length) {
            protocol = packet[at] & 0xff;
            at += 8 + 8 * (packet[at + 1] & 0xff);
        }
        return new int[] {at, protocol};
    }

    /** Length of IP and transport header of a TCP or UDP packet. */
    public static int headerBytes(byte[] packet) {
        int transport = transportOffset(packet);
        return transport + (protocol(packet) == 6 ? ((packet[transport + 12] >> 4) & 0xf) * 4 : 8);
    }

    /** What follows the TCP or UDP header. */
    public static byte[] payload(byte[] packet) {
        return Arrays.copyOfRange(packet, headerBytes(packet), packet.length);
    }

    /** Source and destination address as they are in the packet, and what else belongs to the pseudo header. */
    public static byte[] pseudoHeader(byte[] packet, int protocol, int transportLength) {
        byte[] addresses = isIpv4(packet) ? Arrays.copyOfRange(packet, 12, 20) : Arrays.copyOfRange(packet, 8, 40);
        byte[] rest = new byte[4];
        rest[1] = (byte) protocol;
        put16(rest, 2, transportLength);
        return join(addresses, rest);
    }

    /** Everything that is wrong with a complete, unfragmented TCP or UDP packet. */
    public static List<String> problems(byte[] packet) {
        List<String> problems = new ArrayList<>();
        int transport = transportOffset(packet);
        if (isIpv4(packet)) {
            if (u16(packet, 2) != packet.length) {
                problems.add("IPv4 total length " + u16(packet, 2) + ", bytes " + packet.length);
            }
            if (checksum(Arrays.copyOf(packet, transport)) != 0) {
                problems.add("IPv4 header checksum");
            }
        } else if (40 + u16(packet, 4) != packet.length) {
            problems.add("IPv6 payload length " + u16(packet, 4) + ", bytes " + packet.length);
        }
        byte[] segment = Arrays.copyOfRange(packet, transport, packet.length);
        if (protocol(packet) == 17 && u16(segment, 4) != segment.length) {
            problems.add("UDP length " + u16(segment, 4) + ", bytes " + segment.length);
        }
        if (protocol(packet) == 17 && u16(segment, 6) == 0) {
            problems.add("no UDP checksum");
        }
        if (checksum(pseudoHeader(packet, protocol(packet), segment.length), segment) != 0) {
            problems.add("transport checksum");
        }
        return problems;
    }

    /** Everything that is wrong with a complete, unfragmented ICMP or ICMPv6 packet without extension headers. */
    public static List<String> problemsOfIcmp(byte[] packet) {
        List<String> problems = new ArrayList<>();
        boolean ipv4 = isIpv4(packet);
        byte[] message = Arrays.copyOfRange(packet, ipv4 ? 20 : 40, packet.length);
        byte[] pseudoHeader = ipv4 ? new byte[0] : pseudoHeader(packet, 58, message.length);
        if (checksum(pseudoHeader, message) != 0) {
            problems.add("ICMP checksum");
        }
        if (ipv4 && checksum(Arrays.copyOf(packet, 20)) != 0) {
            problems.add("IPv4 header checksum");
        }
        if (packet.length != (ipv4 ? u16(packet, 2) : 40 + u16(packet, 4))) {
            problems.add("length");
        }
        if (protocol(packet) != (ipv4 ? 1 : 58)) {
            problems.add("protocol " + protocol(packet));
        }
        return problems;
    }
}
