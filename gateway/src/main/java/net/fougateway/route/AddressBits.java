package net.fougateway.route;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** An IP address as two numbers, the form in which the packet path compares addresses. */
public final class AddressBits {

    private AddressBits() {}

    /** The address of 4 or 16 bytes. */
    public static InetAddress address(byte... bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** IPv4 in the low 32 bits, or the high half of IPv6. */
    public static long high(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.capacity() == 4 ? bytes.getInt() & 0xffffffffL : bytes.getLong();
    }

    /** 0 for IPv4, or the low half of IPv6. */
    public static long low(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.capacity() == 4 ? 0 : bytes.getLong(8);
    }
}
