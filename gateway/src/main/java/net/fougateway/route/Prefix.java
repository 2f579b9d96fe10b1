package net.fougateway.route;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * An IP prefix such as {@code 10.42.2.0/24} or {@code fd00:42::/64}.
 *
 * @param address network address; when it carries host bits it names an interface address with its prefix length
 * @param length number of leading bits that count, 0..32 or 0..128
 */
public record Prefix(InetAddress address, int length) {

    /** Checks that {@code length} fits the family of {@code address}. */
    public Prefix {
        if (length < 0 || length > address.getAddress().length * 8) {
            throw new IllegalArgumentException(
                    "prefix length " + length + " does not fit " + NetUtil.toAddressString(address));
        }
    }

    /** True for IPv4. */
    public boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    /** The same prefix with all host bits zero; this very object when they are zero already. */
    public Prefix masked() {
        byte[] bytes = address.getAddress();
        for (int i = length / Byte.SIZE; i < bytes.length; i++) {
            bytes[i] &= (byte) (0xff00 >> Math.max(length - i * Byte.SIZE, 0));
        }
        InetAddress masked = AddressBits.address(bytes);
        boolean scoped = address instanceof Inet6Address ipv6 && ipv6.getScopeId() != 0;
        return masked.equals(address) && !scoped ? this : new Prefix(masked, length);
    }

    /** True when no bit behind {@link #length} is set. */
    public boolean isMasked() {
        return equals(masked());
    }

    /** The prefix of {@code address} alone. */
    public static Prefix host(InetAddress address) {
        return new Prefix(address, address.getAddress().length * Byte.SIZE);
    }

    /** True when it covers one address alone. */
    public boolean isHost() {
        return length == address.getAddress().length * Byte.SIZE;
    }

    /** True when it covers an address; its host bits do not matter. */
    public boolean covers(InetAddress other) {
        return isIpv4() == other instanceof Inet4Address
                && new Prefix(other, length).masked().equals(masked());
    }

    @Override
    public String toString() {
        return NetUtil.toAddressString(address) + "/" + length;
    }
}
