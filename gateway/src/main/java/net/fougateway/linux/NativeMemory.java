package net.fougateway.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongToIntFunction;

/**
 * Memory outside the Java heap for system calls. The memory lives as long as {@code buffer} is reachable: the owner keeps
 * this object in a field, or fences it, while {@code address} is in use.
 *
 * @param buffer the memory, in native byte order
 * @param address address of its first byte
 */
public record NativeMemory(ByteBuffer buffer, long address) {

    private static final int PAGES_FROM_BYTES = 64 << 10;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final Cleaner CLEANER = Cleaner.create();

    /**
     * Zeroed memory of {@code sizeBytes}. Much of it is mapped: its pages take room only once they are used, and {@code
     * -XX:MaxDirectMemorySize} does not count them, so that a gateway may have hundreds of workers.
     *
     * @throws OutOfMemoryError when there is none
     */
    public static NativeMemory allocate(int sizeBytes) {
        return sizeBytes < PAGES_FROM_BYTES ? direct(sizeBytes) : mapped(sizeBytes);
    }

    private static NativeMemory mapped(int sizeBytes) {
        long address = Libc.mmap(0, sizeBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (address == -1) {
            throw new OutOfMemoryError(
                    "cannot map %d bytes: %s".formatted(sizeBytes, Errno.text(Native.getLastError())));
        }
        ByteBuffer buffer = new Pointer(address).getByteBuffer(0, sizeBytes);
        CLEANER.register(buffer, () -> Libc.munmap(address, sizeBytes));
        return new NativeMemory(buffer, address);
    }

    private static NativeMemory direct(int sizeBytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(sizeBytes).order(ByteOrder.nativeOrder());
        return new NativeMemory(buffer, Pointer.nativeValue(Native.getDirectBufferPointer(buffer)));
    }

    /** Makes a system call with {@link #address}, and keeps the memory reachable until it returns. */
    public int call(LongToIntFunction systemCall) {
        try {
            return systemCall.applyAsInt(address);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }
}
