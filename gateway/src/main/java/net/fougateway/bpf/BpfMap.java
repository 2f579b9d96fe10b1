package net.fougateway.bpf;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;

/**
 * A map of the kernel. Keys and values are bytes as the programs see them, numbers little-endian. Programs see the old value or the new
 * one of an entry of a hash map or trie, never half of each. Any thread may use it until it is closed.
 */
public final class BpfMap implements AutoCloseable {

    private static final int FD = 0;
    private static final int KEY = 8;
    private static final int VALUE = 16;
    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

    private final String name;
    private final MapDefinition definition;
    private final int fd;
    private final int processors;

    private BpfMap(String name, MapDefinition definition, int fd, int processors) {
        this.name = name;
        this.definition = definition;
        this.fd = fd;
        this.processors = processors;
    }

    /**
     * Makes an empty map.
     *
     * @throws LinuxException when the kernel refuses
     */
    public static BpfMap create(String name, MapDefinition definition) throws LinuxException {
        int processors = definition.isPerCpu() ? possibleProcessors() : 1;
        int fd = new SystemCall(SystemCall.MAP_CREATE)
                .u32(0, definition.type())
                .u32(4, definition.keyBytes())
                .u32(8, definition.valueBytes())
                .u32(12, definition.entries())
                .u32(16, definition.flags())
                .name(28, name)
                .call("create the BPF map " + name);
        return new BpfMap(name, definition, fd, processors);
    }

    /** The processors that there may ever be, by which the kernel counts the values of an entry. */
    private static int possibleProcessors() throws LinuxException {
        try {
            String ranges = Files.readString(POSSIBLE).trim();
            return Integer.parseInt(ranges.substring(Math.max(ranges.lastIndexOf('-'), ranges.lastIndexOf(',')) + 1))
                    + 1;
        } catch (IOException | NumberFormatException e) {
            throw new LinuxException(Errno.ENOENT.number(), "cannot tell the number of processors: " + e.getMessage());
        }
    }

    int fd() {
        return fd;
    }

    public MapDefinition definition() {
        return definition;
    }

    /**
     * Sets an entry, new or not; of a map that has a value for each processor all of them.
     *
     * @throws IllegalArgumentException when the map has values or keys of another length
     */
    public void put(byte[] key, byte[] value) throws LinuxException {
        check(key, definition.keyBytes());
        check(value, definition.valueBytes());
        byte[] values = new byte[value.length * processors];
        for (int i = 0; i < processors; i++) {
            System.arraycopy(value, 0, values, i * value.length, value.length);
        }
        element(SystemCall.MAP_UPDATE, key).pointer(VALUE, values).call("write to the BPF map " + name);
    }

    /** The value of an entry, or nothing; of a map that has one for each processor all of them, one behind the other. */
    public Optional<byte[]> get(byte[] key) throws LinuxException {
        check(key, definition.keyBytes());
        NativeMemory value = NativeMemory.allocate(Math.multiplyExact(definition.valueBytes(), processors));
        if (element(SystemCall.MAP_LOOKUP, key).pointer(VALUE, value).tryCall() < 0) {
            return absent("read");
        }
        byte[] bytes = new byte[value.buffer().capacity()];
        value.buffer().get(0, bytes);
        return Optional.of(bytes);
    }

    private Optional<byte[]> absent(String attempted) throws LinuxException {
        if (Errno.ENOENT.is(Native.getLastError())) {
            return Optional.empty();
        }
        throw Errno.lastFailure(attempted + " the BPF map " + name);
    }

    /**
     * The counters of an entry, each of eight bytes, over all processors; zeros when there is none.
     *
     * @param together what becomes of two values of one counter
     * @throws IllegalArgumentException when its values are no such counters
     */
    public long[] counters(byte[] key, Together together) throws LinuxException {
        if (definition.valueBytes() % Long.BYTES != 0) {
            throw new IllegalArgumentException("no counters: " + name);
        }
        long[] counters = new long[definition.valueBytes() / Long.BYTES];
        ByteBuffer values = ByteBuffer.wrap(get(key).orElse(new byte[0])).order(ByteOrder.nativeOrder());
        for (int i = 0; values.hasRemaining(); i++) {
            int counter = i % counters.length;
            counters[counter] = together.of(counter, counters[counter], values.getLong());
        }
        return counters;
    }

    /** Puts the values of processors together. */
    public interface Together {
        /** The sum of each counter. */
        Together SUM = (counter, one, other) -> one + other;

        /** One value of two of them. */
        long of(int counter, long one, long other);
    }

    /** Removes an entry; false when there was none. */
    public boolean remove(byte[] key) throws LinuxException {
        check(key, definition.keyBytes());
        return element(SystemCall.MAP_DELETE, key).tryCall() >= 0
                || absent("remove from").isPresent();
    }

    /** All keys, of a hash map or trie that nobody changes in the meantime. */
    public List<byte[]> keys() throws LinuxException {
        List<byte[]> keys = new ArrayList<>();
        NativeMemory next = NativeMemory.allocate(definition.keyBytes());
        SystemCall first = new SystemCall(SystemCall.MAP_NEXT_KEY).u32(FD, fd).pointer(VALUE, next);
        int result = first.tryCall();
        while (result >= 0) {
            byte[] key = new byte[definition.keyBytes()];
            next.buffer().get(0, key);
            keys.add(key);
            result = element(SystemCall.MAP_NEXT_KEY, key).pointer(VALUE, next).tryCall();
        }
        absent("list the keys of");
        return keys;
    }

    private SystemCall element(int command, byte... key) {
        return new SystemCall(command).u32(FD, fd).pointer(KEY, key);
    }

    private void check(byte[] bytes, int expected) {
        if (bytes.length != expected) {
            throw new IllegalArgumentException("%d bytes where %s has %d".formatted(bytes.length, name, expected));
        }
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
