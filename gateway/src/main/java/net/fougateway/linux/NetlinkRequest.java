package net.fougateway.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** One netlink message in the making: header, the fixed part of its type, attributes. Numbers are in host byte order. */
final class NetlinkRequest {

    private static final int CAPACITY_BYTES = 1024;
    private static final int FLAGS_OFFSET = 6;
    private static final int SEQUENCE_OFFSET = 8;

    private final ByteBuffer buffer =
            ByteBuffer.allocate(CAPACITY_BYTES).order(ByteOrder.nativeOrder()).position(NetlinkMessage.HEADER_BYTES);

    /** A message of {@code type} with the flags of the request beyond those that {@link Netlink} sets itself. */
    NetlinkRequest(int type, int flags) {
        buffer.putShort(4, (short) type).putShort(FLAGS_OFFSET, (short) flags);
    }

    /** Appends bytes to the fixed part, the low 8 bits of each. */
    NetlinkRequest bytes(int... values) {
        for (int value : values) {
            buffer.put((byte) value);
        }
        return this;
    }

    /** Appends a 32-bit number to the fixed part. */
    NetlinkRequest u32(int value) {
        buffer.putInt(value);
        return this;
    }

    /** Appends an attribute with {@code value} as it is. */
    NetlinkRequest attribute(int type, byte... value) {
        buffer.putShort((short) (NetlinkAttributes.HEADER_BYTES + value.length)).putShort((short) type);
        buffer.put(value);
        buffer.position(NetlinkMessage.align(buffer.position()));
        return this;
    }

    /** Appends an attribute with an address in network byte order. */
    NetlinkRequest attribute(int type, InetAddress address) {
        return attribute(type, address.getAddress());
    }

    /** Appends an attribute with a NUL-terminated string. */
    NetlinkRequest attribute(int type, String text) {
        return attribute(type, (text + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Appends an attribute with a 32-bit number. */
    NetlinkRequest attributeU32(int type, int value) {
        return attribute(
                type,
                ByteBuffer.allocate(4)
                        .order(ByteOrder.nativeOrder())
                        .putInt(value)
                        .array());
    }

    /** The whole message from position 0 to its limit, in the memory of this request. */
    ByteBuffer finish(int sequence, int addedFlags) {
        int flags = buffer.getShort(FLAGS_OFFSET) | addedFlags;
        buffer.putShort(FLAGS_OFFSET, (short) flags).putInt(SEQUENCE_OFFSET, sequence);
        return buffer.putInt(0, buffer.position())
                .duplicate()
                .order(ByteOrder.nativeOrder())
                .flip();
    }
}
