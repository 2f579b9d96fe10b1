package net.fougateway.bpf;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.linux.Errno;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;

/**
 * One call of bpf(2): the {@code union bpf_attr} is filled field by field, by offsets of {@code linux/bpf.h}, and what its pointers refer
 * to stays reachable until the call returns.
 */
final class SystemCall {

    static final int MAP_CREATE = 0;
    static final int MAP_LOOKUP = 1;
    static final int MAP_UPDATE = 2;
    static final int MAP_DELETE = 3;
    static final int MAP_NEXT_KEY = 4;
    static final int PROG_LOAD = 5;
    static final int LINK_CREATE = 28;

    private static final int ATTRIBUTES_BYTES = 152;
    private static final int NAME_BYTES = 16;
    private static final long NUMBER = Platform.isARM() ? 280 : 321;

    static {
        Native.register(SystemCall.class, Platform.C_LIBRARY_NAME);
    }

    private final NativeMemory attributes = NativeMemory.allocate(ATTRIBUTES_BYTES);
    private final List<NativeMemory> referred = new ArrayList<>();
    private final int command;

    SystemCall(int command) {
        this.command = command;
    }

    /** syscall(2). */
    private static native long syscall(long number, long command, long attributes, long bytes);

    SystemCall u32(int at, int value) {
        attributes.buffer().putInt(at, value);
        return this;
    }

    SystemCall pointer(int at, NativeMemory memory) {
        referred.add(memory);
        attributes.buffer().putLong(at, memory.address());
        return this;
    }

    /** The address of a copy of {@code bytes}. */
    SystemCall pointer(int at, byte[] bytes) {
        NativeMemory copy = NativeMemory.allocate(Math.max(bytes.length, 1));
        copy.buffer().put(0, bytes);
        return pointer(at, copy);
    }

    /** A name, cut to what the kernel has room for. */
    SystemCall name(int at, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        attributes.buffer().put(at, bytes, 0, Math.min(bytes.length, NAME_BYTES - 1));
        return this;
    }

    /** Makes the call; negative after a failure, whose number is the thread's last error. */
    int tryCall() {
        try {
            return (int) syscall(NUMBER, command, attributes.address(), ATTRIBUTES_BYTES);
        } finally {
            Reference.reachabilityFence(attributes);
            Reference.reachabilityFence(referred);
        }
    }

    /**
     * Makes the call.
     *
     * @param attempted to follow the word "cannot"
     */
    int call(String attempted) throws LinuxException {
        int result = tryCall();
        if (result < 0) {
            throw Errno.lastFailure(attempted);
        }
        return result;
    }
}
