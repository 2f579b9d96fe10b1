package net.fougateway.linux;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import net.fougateway.codec.Bytes;

/** The kernel's {@code sockaddr_in} and {@code sockaddr_in6} in native memory. */
public final class SocketAddress {

    /** Address family of IPv4. */
    public static final int AF_INET = Sockets.AF_INET;
    /** Address family of IPv6. */
    public static final int AF_INET6 = Sockets.AF_INET6;
    /** Room for either structure. */
    public static final int MAX_BYTES = 28;

    private static final int IPV4_BYTES = 16;
    private static final int IPV6_BYTES = 28;

    private SocketAddress() {}

    /** Address family of {@code address}. */
    public static int family(InetAddress address) {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    /**
     * Writes the structure for an address and port; flow information and scope are zero.
     *
     * @param memory in native byte order
     * @return its length in bytes
     */
    public static int write(ByteBuffer memory, int offset, InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        int length = bytes.length == 4 ? IPV4_BYTES : IPV6_BYTES;
        for (int i = 0; i < length; i++) {
            memory.put(offset + i, (byte) 0);
        }
        memory.putShort(offset, (short) family(address));
        Bytes.put16(memory, offset + 2, port);
        memory.put(offset + (bytes.length == 4 ? 4 : 8), bytes);
        return length;
    }

    /** Writes a {@code sockaddr_in}; the address is its 32 bits. */
    public static void writeIpv4(ByteBuffer memory, int offset, int address, int port) {
        memory.putLong(offset + 8, 0);
        memory.putShort(offset, (short) AF_INET);
        Bytes.put16(memory, offset + 2, port);
        Bytes.put32(memory, offset + 4, address);
    }

    /** True when the structure at {@code offset} is IPv4. */
    public static boolean isIpv4(ByteBuffer memory, int offset) {
        return memory.getShort(offset) == AF_INET;
    }

    /** IPv4 address in the low 32 bits, or the high half of the IPv6 address. */
    public static long high(ByteBuffer memory, int offset) {
        return isIpv4(memory, offset) ? Bytes.i32(memory, offset + 4) & 0xffffffffL : Bytes.i64(memory, offset + 8);
    }

    /** 0 for IPv4, or the low half of the IPv6 address. */
    public static long low(ByteBuffer memory, int offset) {
        return isIpv4(memory, offset) ? 0 : Bytes.i64(memory, offset + 16);
    }

    /** UDP port. */
    public static int port(ByteBuffer memory, int offset) {
        return Bytes.u16(memory, offset + 2);
    }
}
