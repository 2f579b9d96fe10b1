package net.fougateway.bpf;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;

/**
 * The programs and maps of an object in the kernel. Owns their descriptors. CAP_BPF,
 * CAP_PERFMON and CAP_NET_ADMIN are needed, in the first user namespace. Not thread-safe, but for the maps.
 */
public final class BpfPrograms implements AutoCloseable {

    private static final int LOG_BYTES = 1 << 20;
    private static final int LOG_TAIL_CHARACTERS = 3000;

    private final Map<String, BpfMap> maps = new HashMap<>();
    private final Map<String, Integer> programs = new HashMap<>();
    private final Deque<Runnable> parts = new ArrayDeque<>();

    private BpfPrograms() {}

    /**
     * Creates all maps of an object and loads all its programs.
     *
     * @param sizes what becomes of the definition of each map, for example its entries
     * @throws LinuxException when the kernel refuses; where that is its verifier, with the end of what it says; then nothing is left open
     */
    public static BpfPrograms load(BpfObject object, UnaryOperator<Map<String, MapDefinition>> sizes)
            throws LinuxException {
        BpfPrograms loaded = new BpfPrograms();
        try {
            loaded.create(sizes.apply(object.maps()));
            for (String name : object.programs()) {
                loaded.load(name, object);
            }
            return loaded;
        } catch (Throwable e) {
            loaded.close();
            throw e;
        }
    }

    private void create(Map<String, MapDefinition> definitions) throws LinuxException {
        for (Map.Entry<String, MapDefinition> map : definitions.entrySet()) {
            BpfMap created = BpfMap.create(map.getKey(), map.getValue());
            parts.push(created::close);
            maps.put(map.getKey(), created);
        }
    }

    private void load(String name, BpfObject object) throws LinuxException {
        Map<String, Integer> descriptors = new HashMap<>();
        maps.forEach((map, created) -> descriptors.put(map, created.fd()));
        BpfProgram program = object.program(name);
        int fd = load(name, program.kind(), program.with(descriptors), object.license());
        parts.push(() -> Libc.close(fd));
        programs.put(name, fd);
    }

    /** Loads a program, and once more where it is refused, to hear why. */
    static int load(String name, BpfProgram.Kind kind, byte[] instructions, byte... license) throws LinuxException {
        SystemCall call = new SystemCall(SystemCall.PROG_LOAD)
                .u32(0, kind.type())
                .u32(4, instructions.length / 8)
                .pointer(8, instructions)
                .pointer(16, license)
                .u32(44, kind.flags())
                .name(48, name)
                .u32(68, kind.attachType());
        int fd = call.tryCall();
        if (fd >= 0) {
            return fd;
        }
        NativeMemory log = NativeMemory.allocate(LOG_BYTES);
        int again = call.u32(24, 1).u32(28, LOG_BYTES).pointer(32, log).tryCall();
        if (again >= 0) {
            return again;
        }
        LinuxException refused = Errno.lastFailure("load the BPF program " + name);
        String said = text(log);
        throw said.isEmpty() ? refused : new LinuxException(refused.errno(), refused.getMessage() + "\n" + said);
    }

    private static String text(NativeMemory log) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; log.buffer().get(i) != 0; i++) {
            text.append((char) log.buffer().get(i));
        }
        return text.substring(Math.max(0, text.length() - LOG_TAIL_CHARACTERS)).trim();
    }

    /** A map by its name, open as long as this is. */
    public BpfMap map(String name) {
        return maps.get(name);
    }

    /**
     * Attaches a program. The link is the caller's to close, and holds when this is closed.
     *
     * @param device index of a device in the namespace of the calling thread
     * @throws LinuxException as {@link BpfLink#create}
     */
    public BpfLink attach(String program, int device, BpfLink.Place place) throws LinuxException {
        return BpfLink.create(programs.get(program), program, device, place);
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            parts.pop().run();
        }
    }
}
