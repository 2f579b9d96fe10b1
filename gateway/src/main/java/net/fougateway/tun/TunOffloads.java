package net.fougateway.tun;

import com.sun.jna.Native;
import java.util.List;
import java.util.Set;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Offload;
import net.fougateway.codec.SuperPacket;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.NativeMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the TUN device and we do for each other: unfinished checksums, TCP and UDP super-packets, from the device and into it. Asked
 * for with {@code TUNSETOFFLOAD}, then tried: some kernels accept the flag and refuse the packets.
 */
public final class TunOffloads {

    /**
     * One offload.
     *
     * @param offload which one
     * @param active whether it is in use
     * @param detail why, or why not
     */
    public record State(Offload offload, boolean active, String detail) {}

    private static final Logger log = LoggerFactory.getLogger(TunOffloads.class);

    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final int TUN_F_CSUM = 0x1;
    private static final int TUN_F_TSO4 = 0x2;
    private static final int TUN_F_TSO6 = 0x4;
    private static final int TUN_F_USO4_USO6 = 0x60;
    private static final int PROBE_SEGMENTS = 3;
    private static final int PROBE_SEGMENT_BYTES = 512;
    private static final int PROBE_BYTES = 2048;

    private final List<Integer> queues;
    private final DeviceMode mode;
    private final State checksum;
    private State tso4;
    private State tso6;
    private State uso;

    private TunOffloads(TunDevice device, Set<Offload> wanted, int granted) {
        queues = device.queues();
        mode = device.mode();
        checksum = state(Offload.TUN_CHECKSUM, wanted, (granted & TUN_F_CSUM) != 0);
        tso4 = state(Offload.TUN_TSO4, wanted, (granted & TUN_F_TSO4) != 0);
        tso6 = state(Offload.TUN_TSO6, wanted, (granted & TUN_F_TSO6) != 0);
        uso = state(Offload.TUN_USO, wanted, (granted & TUN_F_USO4_USO6) != 0);
    }

    private static State state(Offload offload, Set<Offload> wanted, boolean granted) {
        String absent =
                wanted.contains(offload) ? "this kernel's TUN driver does not have it" : "off in the configuration";
        String detail = granted ? "in use" : absent;
        log.debug("offload {} is {}: {}", offload.label(), granted ? "on" : "off", detail);
        return new State(offload, granted, detail);
    }

    /** Asks the kernel for what is wanted, and for less where it does not have all of it. */
    private static TunOffloads negotiate(TunDevice device, Set<Offload> wanted) {
        int flags = flags(wanted);
        if (!set(device.queues(), flags)) {
            flags &= ~TUN_F_USO4_USO6;
            if (!set(device.queues(), flags)) {
                flags = 0;
                set(device.queues(), flags);
            }
        }
        return new TunOffloads(device, wanted, flags);
    }

    private static int flags(Set<Offload> wanted) {
        if (!wanted.contains(Offload.TUN_CHECKSUM)) {
            return 0;
        }
        return TUN_F_CSUM
                | (wanted.contains(Offload.TUN_TSO4) ? TUN_F_TSO4 : 0)
                | (wanted.contains(Offload.TUN_TSO6) ? TUN_F_TSO6 : 0)
                | (wanted.contains(Offload.TUN_USO) ? TUN_F_USO4_USO6 : 0);
    }

    /** What is wanted and the device, which is up, has been tried to do; of a stand-in all, without asking. */
    public static TunOffloads of(TunDevice device, Set<Offload> wanted) {
        if (!device.isOfKernel()) {
            return new TunOffloads(device, wanted, ~0);
        }
        TunOffloads offloads = negotiate(device, wanted);
        offloads.selfTest();
        return offloads;
    }

    private static boolean set(List<Integer> queues, int flags) {
        return queues.stream().allMatch(fd -> Libc.ioctl(fd, TUNSETOFFLOAD, flags) == 0);
    }

    /**
     * Writes a super-packet of each kind, from the unspecified address to itself, which no host accepts or forwards, and turns off
     * what the driver refuses. The device must be up, and no worker started.
     */
    private void selfTest() {
        tso4 = probe(tso4, 4, Ip.TCP);
        tso6 = probe(tso6, 6, Ip.TCP);
        uso = probe(uso, 4, Ip.UDP);
        uso = probe(uso, 6, Ip.UDP);
        int flags = (checksum.active() ? TUN_F_CSUM : 0)
                | (tso4.active() ? TUN_F_TSO4 : 0)
                | (tso6.active() ? TUN_F_TSO6 : 0)
                | (uso.active() ? TUN_F_USO4_USO6 : 0);
        set(queues, flags);
    }

    private State probe(State offload, int version, int protocol) {
        if (!offload.active()) {
            return offload;
        }
        NativeMemory memory = NativeMemory.allocate(PROBE_BYTES);
        int payloadBytes = PROBE_SEGMENTS * PROBE_SEGMENT_BYTES;
        int length = mode == DeviceMode.TAP
                ? SuperPacket.writeFrame(memory.buffer(), version, protocol, payloadBytes, PROBE_SEGMENT_BYTES)
                : SuperPacket.write(memory.buffer(), version, protocol, payloadBytes, PROBE_SEGMENT_BYTES);
        long written = memory.call(address -> (int) Libc.write(queues.get(0), address, length));
        return written < 0 ? off(offload, Errno.text(Native.getLastError())) : offload;
    }

    private static State off(State offload, String answer) {
        String why = "the self-test failed, the driver answered: " + answer;
        log.warn("offload {} turned off: {}", offload.offload().label(), why);
        return new State(offload.offload(), false, why);
    }

    /** A coalescer that joins what the device takes. */
    public Coalescer coalescer(int capacity) {
        return new Coalescer(capacity, tso4.active(), tso6.active(), uso.active());
    }

    /** The states, for metrics and status. */
    public List<State> states() {
        return List.of(checksum, tso4, tso6, uso);
    }
}
