package net.fougateway.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads and writes numbers in network byte order at absolute offsets, whatever the buffer's own byte order is.
 *
 * <p>Offsets are bytes from the start of the buffer. Out of range offsets throw; callers on the packet path check lengths
 * first.
 */
public final class Bytes {

    private static final VarHandle SHORT = MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    /** Unsigned 8-bit number. */
    public static int u8(ByteBuffer buffer, int offset) {
        return buffer.get(offset) & 0xff;
    }

    /** Unsigned 16-bit number. */
    public static int u16(ByteBuffer buffer, int offset) {
        return (short) SHORT.get(buffer, offset) & 0xffff;
    }

    /** 32-bit number. */
    public static int i32(ByteBuffer buffer, int offset) {
        return (int) INT.get(buffer, offset);
    }

    /** 64-bit number. */
    public static long i64(ByteBuffer buffer, int offset) {
        return (long) LONG.get(buffer, offset);
    }

    /** Writes the low 8 bits of {@code value}. */
    public static void put8(ByteBuffer buffer, int offset, int value) {
        buffer.put(offset, (byte) value);
    }

    /** Writes the low 16 bits of {@code value}. */
    public static void put16(ByteBuffer buffer, int offset, int value) {
        SHORT.set(buffer, offset, (short) value);
    }

    /** Writes {@code value}. */
    public static void put32(ByteBuffer buffer, int offset, int value) {
        INT.set(buffer, offset, value);
    }

    /** Writes {@code value}. */
    public static void put64(ByteBuffer buffer, int offset, long value) {
        LONG.set(buffer, offset, value);
    }
}
