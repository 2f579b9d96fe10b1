package net.fougateway.linux;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The attributes of a netlink message, by type; of a repeated one the last counts. */
final class NetlinkAttributes {

    static final int HEADER_BYTES = 4;
    private static final int TYPE_MASK = 0x3fff;

    private final ByteBuffer attributes;

    /** Reads {@code attributes} from its position to its limit, or to the first attribute that does not fit; shares its memory. */
    NetlinkAttributes(ByteBuffer attributes) {
        this.attributes = attributes.slice().order(ByteOrder.nativeOrder());
    }

    /** The value, in host byte order, position 0. */
    Optional<ByteBuffer> find(int type) {
        int found = -1;
        int start = 0;
        while (start + HEADER_BYTES <= attributes.limit()) {
            int length = length(start);
            if (length < HEADER_BYTES || length > attributes.limit() - start) {
                break;
            }
            found = (attributes.getShort(start + 2) & TYPE_MASK) == type ? start : found;
            start += NetlinkMessage.align(length);
        }
        return found < 0
                ? Optional.empty()
                : Optional.of(attributes
                        .slice(found + HEADER_BYTES, length(found) - HEADER_BYTES)
                        .order(ByteOrder.nativeOrder()));
    }

    private int length(int start) {
        return attributes.getShort(start) & 0xffff;
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
