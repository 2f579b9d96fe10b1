package net.fougateway.linux;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * This process's memory by address, as the kernel sees it: what an in-memory device needs to follow the pointers in the
 * structures of a system call. Makes objects only for parts of the address space that it has not seen yet.
 */
public final class AddressSpace {

    private static final int WINDOW_BITS = 30;
    private static final int OVERLAP_BYTES = 1 << 20;

    private long[] numbers = {};
    private ByteBuffer[] windows = {};

    /** A buffer in native byte order that holds {@code address} and at least a megabyte behind it. */
    public ByteBuffer window(long address) {
        long number = address >>> WINDOW_BITS;
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] == number) {
                return windows[i];
            }
        }
        return open(number);
    }

    private ByteBuffer open(long number) {
        numbers = Arrays.copyOf(numbers, numbers.length + 1);
        windows = Arrays.copyOf(windows, windows.length + 1);
        ByteBuffer window = new Pointer(number << WINDOW_BITS).getByteBuffer(0, (1L << WINDOW_BITS) + OVERLAP_BYTES);
        numbers[numbers.length - 1] = number;
        windows[windows.length - 1] = window;
        return window;
    }

    /** Where {@code address} lies in its {@link #window}. */
    public int index(long address) {
        return (int) (address & (1L << WINDOW_BITS) - 1);
    }

    /** The 64-bit number at {@code address}. */
    public long getLong(long address) {
        return window(address).getLong(index(address));
    }

    /** The 32-bit number at {@code address}. */
    public int getInt(long address) {
        return window(address).getInt(index(address));
    }

    /** Stores a 64-bit number. */
    public void putLong(long address, long value) {
        window(address).putLong(index(address), value);
    }

    /** Stores a 32-bit number. */
    public void putInt(long address, int value) {
        window(address).putInt(index(address), value);
    }

    /** Copies the first {@code bytes} of {@code from} to {@code address}. */
    public void put(long address, ByteBuffer from, int bytes) {
        window(address).put(index(address), from, 0, bytes);
    }

    /** Copies {@code bytes} from {@code address}. */
    public byte[] get(long address, int bytes) {
        byte[] copy = new byte[bytes];
        window(address).get(index(address), copy);
        return copy;
    }

    /** Number of bytes that {@code count} {@code struct iovec} at {@code iovecs} point to. */
    public int lengthOf(long iovecs, long count) {
        int bytes = 0;
        for (long at = iovecs; at < iovecs + 16 * count; at += 16) {
            bytes += (int) getLong(at + 8);
        }
        return bytes;
    }

    /** What {@code count} {@code struct iovec} at {@code iovecs} point to, behind one another. */
    public byte[] gather(long iovecs, long count) {
        ByteBuffer all = ByteBuffer.allocate(lengthOf(iovecs, count));
        for (long at = iovecs; at < iovecs + 16 * count; at += 16) {
            all.put(get(getLong(at), (int) getLong(at + 8)));
        }
        return all.array();
    }
}
