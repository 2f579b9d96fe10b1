package net.fougateway.udp;

import java.nio.ByteBuffer;
import net.fougateway.linux.Sockets;

/** The kernel's {@code cmsghdr} with one number behind it: length (8 bytes), level (4), type (4), value, padding to 8. */
final class ControlMessage {

    private static final int HEADER_BYTES = Sockets.CMSGHDR_BYTES;
    private static final int SPACE_BYTES = 24;

    private ControlMessage() {}

    /** Writes a control message with a 16-bit value; returns the room it takes. */
    static int write16(ByteBuffer memory, int at, int level, int type, int value) {
        header(memory, at, level, type, HEADER_BYTES + 2);
        memory.putShort(at + HEADER_BYTES, (short) value);
        return SPACE_BYTES;
    }

    /** Writes a control message with a 32-bit value; returns the room it takes. */
    static int write32(ByteBuffer memory, int at, int level, int type, int value) {
        header(memory, at, level, type, HEADER_BYTES + 4);
        memory.putInt(at + HEADER_BYTES, value);
        return SPACE_BYTES;
    }

    /** Writes a control message with {@code bytes} zeros as its value; returns the room it takes. */
    static int writeZeros(ByteBuffer memory, int at, int level, int type, int bytes) {
        header(memory, at, level, type, HEADER_BYTES + bytes);
        for (int i = 0; i < bytes; i++) {
            memory.put(at + HEADER_BYTES + i, (byte) 0);
        }
        return next(memory, at) - at;
    }

    /** Where the value of the control message at {@code at} starts. */
    static int value(int at) {
        return at + HEADER_BYTES;
    }

    private static void header(ByteBuffer memory, int at, int level, int type, int length) {
        memory.putLong(at, length);
        memory.putInt(at + 8, level);
        memory.putInt(at + 12, type);
    }

    static int level(ByteBuffer memory, int at) {
        return memory.getInt(at + 8);
    }

    static int type(ByteBuffer memory, int at) {
        return memory.getInt(at + 12);
    }

    static int value8(ByteBuffer memory, int at) {
        return memory.get(at + HEADER_BYTES) & 0xff;
    }

    static int value32(ByteBuffer memory, int at) {
        return memory.getInt(at + HEADER_BYTES);
    }

    /** Where the next control message starts, which may be behind the last one. */
    static int next(ByteBuffer memory, int at) {
        long length = Math.max(memory.getLong(at), HEADER_BYTES);
        return at + (int) ((length + 7) & ~7L);
    }
}
