package net.fougateway.linux;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The attributes of a netlink message, by type; of a repeated one the last counts. */
final class NetlinkAttributes {

    static final int HEADER_BYTES = 4;
    private static final int TYPE_MASK = 0x3fff;

    private final Map<Integer, ByteBuffer> values = new HashMap<>();

    /** Reads {@code attributes} from its position to its limit, or to the first attribute that does not fit. */
    NetlinkAttributes(ByteBuffer attributes) {
        ByteBuffer rest = attributes.slice().order(ByteOrder.nativeOrder());
        while (rest.remaining() >= HEADER_BYTES) {
            int start = rest.position();
            int length = rest.getShort(start) & 0xffff;
            if (length < HEADER_BYTES || length > rest.remaining()) {
                return;
            }
            values.put(
                    rest.getShort(start + 2) & TYPE_MASK,
                    rest.slice(start + HEADER_BYTES, length - HEADER_BYTES).order(ByteOrder.nativeOrder()));
            rest.position(Math.min(rest.limit(), start + NetlinkMessage.align(length)));
        }
    }

    /** The value, in host byte order, position 0. */
    Optional<ByteBuffer> find(int type) {
        return Optional.ofNullable(values.get(type));
    }

    /** The attributes inside attribute {@code type}; none if it is absent. */
    NetlinkAttributes nested(int type) {
        return new NetlinkAttributes(find(type).orElse(ByteBuffer.allocate(0)));
    }

    /** A 32-bit number. */
    Optional<Integer> u32(int type) {
        return find(type).filter(value -> value.remaining() >= 4).map(value -> value.getInt(0));
    }

    /** A NUL-terminated string. */
    Optional<String> text(int type) {
        return find(type).map(value -> bytes(value, 0)).map(bytes -> new String(bytes, StandardCharsets.UTF_8).trim());
    }

    /** An address, the family told by its length. */
    Optional<InetAddress> address(int type) {
        return find(type).map(value -> toAddress(bytes(value, 0)));
    }

    /** An address behind a 16-bit family, as in {@code struct rtvia}. */
    Optional<InetAddress> addressAfterFamily(int type) {
        return find(type).map(value -> toAddress(bytes(value, 2)));
    }

    /** The address of 4 or 16 bytes; 16 bytes make an IPv6 address also where they hold a mapped IPv4 address. */
    static InetAddress toAddress(byte[] bytes) {
        try {
            return bytes.length == 16 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static byte[] bytes(ByteBuffer value, int from) {
        byte[] bytes = new byte[value.limit() - from];
        value.get(from, bytes);
        return bytes;
    }
}
