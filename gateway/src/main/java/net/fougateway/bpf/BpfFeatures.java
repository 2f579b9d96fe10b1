package net.fougateway.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.bpf.BpfLink.Place;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;

/** What of BPF this kernel, with the rights of this process, has; each is tried, and versions are not looked at. */
public final class BpfFeatures {

    /** A right that loading needs, by its number in {@code linux/capability.h}. */
    private enum Right {
        CAP_NET_ADMIN(12),
        CAP_PERFMON(38),
        CAP_BPF(39);

        private final int bit;

        Right(int bit) {
            this.bit = bit;
        }
    }

    private static final int CAP_SYS_ADMIN = 21;
    private static final Path STATUS = Path.of("/proc/self/status");
    /** Programs that answer with a number and end: {@code r0 = number; exit}. */
    private static final byte[] NEXT = {(byte) 0xb7, 0, 0, 0, -1, -1, -1, -1, (byte) 0x95, 0, 0, 0, 0, 0, 0, 0};

    private static final byte[] PASS = {(byte) 0xb7, 0, 0, 0, 2, 0, 0, 0, (byte) 0x95, 0, 0, 0, 0, 0, 0, 0};
    private static final byte[] LICENSE = {'G', 'P', 'L', 0};

    private BpfFeatures() {}

    /** Why bpf(2) cannot be used, one sentence; nothing when it can. */
    public static Optional<String> missingPermission() {
        try {
            List<String> missing = missing(effective());
            if (!missing.isEmpty()) {
                return Optional.of("this process may not load BPF programs: it lacks " + String.join(", ", missing));
            }
            BpfMap.create("probe", new MapDefinition(MapDefinition.ARRAY, 4, 8, 1, 0))
                    .close();
            return Optional.empty();
        } catch (LinuxException e) {
            return Optional.of(
                    Errno.EPERM.is(e.errno())
                            ? "this process may not load BPF programs although it has the capabilities: it is in a user namespace, or seccomp or a security module forbids bpf(2)"
                            : "this kernel does not take BPF programs: " + e.getMessage());
        } catch (IOException e) {
            return Optional.of("the capabilities of this process cannot be read: " + e.getMessage());
        }
    }

    private static long effective() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .mapToLong(line -> Long.parseUnsignedLong(
                        line.substring("CapEff:".length()).trim(), 16))
                .findFirst()
                .orElseThrow(() -> new IOException("no CapEff in " + STATUS));
    }

    /** What is missing of a set of capabilities; CAP_SYS_ADMIN stands for all but CAP_NET_ADMIN. */
    static List<String> missing(long capabilities) {
        List<String> missing = new ArrayList<>();
        boolean isAdmin = (capabilities >>> CAP_SYS_ADMIN & 1) == 1;
        for (Right right : Right.values()) {
            boolean given = (capabilities >>> right.bit & 1) == 1;
            if (!given && !(isAdmin && right != Right.CAP_NET_ADMIN)) {
                missing.add(right.name());
            }
        }
        return missing;
    }

    /**
     * Why no program can be attached to a device by tcx, one sentence; nothing when one can. A program that does nothing is there for a
     * moment.
     *
     * @param device index in the namespace of the calling thread
     */
    public static Optional<String> missingTcx(int device) {
        return missing(
                BpfProgram.Kind.TC,
                NEXT,
                device,
                Place.TCX_INGRESS,
                "this kernel has no tcx links, which Linux has since 6.6");
    }

    /**
     * Why no program can be attached to a device by XDP in its driver, one sentence; nothing when one can. A program that does nothing is
     * there for a moment, for which a card may set up its queues anew.
     *
     * @param device index in the namespace of the calling thread
     */
    public static Optional<String> missingXdp(int device) {
        return missing(
                BpfProgram.Kind.XDP,
                PASS,
                device,
                Place.XDP_NATIVE,
                "the driver of this device does not take this XDP program");
    }

    private static Optional<String> missing(
            BpfProgram.Kind kind, byte[] instructions, int device, Place place, String invalid) {
        int program = -1;
        try {
            program = BpfPrograms.load("probe", kind, instructions, LICENSE);
            BpfLink.create(program, "probe", device, place).close();
            return Optional.empty();
        } catch (LinuxException e) {
            return Optional.of(sentence(e, invalid));
        } finally {
            if (program >= 0) {
                Libc.close(program);
            }
        }
    }

    private static String sentence(LinuxException e, String invalid) {
        return switch (Errno.nameOf(e.errno())) {
            case "EINVAL" -> invalid;
            case "EOPNOTSUPP" -> "the driver of this device has no native XDP";
            case "EBUSY" -> "another XDP program is at this device";
            default -> e.getMessage();
        };
    }
}
