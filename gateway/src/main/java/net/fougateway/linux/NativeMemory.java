package net.fougateway.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
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

    /** Zeroed memory of {@code sizeBytes}. */
    public static NativeMemory allocate(int sizeBytes) {
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
