package net.fougateway.tun;

import com.sun.jna.Native;
import java.util.List;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Ip;
import net.fougateway.codec.SuperPacket;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.OffloadState;

/**
 * What the TUN device and we do for each other: unfinished checksums, TCP and UDP super-packets, from the device and into it. Asked
 * for with {@code TUNSETOFFLOAD}, then tried: some kernels accept the flag and refuse the packets.
 */
public final class TunOffloads {

    /** Which offloads are wanted. */
    public record Wanted(boolean checksum, boolean tso4, boolean tso6, boolean uso) {}

    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final int TUN_F_CSUM = 0x1;
    private static final int TUN_F_TSO4 = 0x2;
    private static final int TUN_F_TSO6 = 0x4;
    private static final int TUN_F_USO4_USO6 = 0x60;
    private static final int PROBE_SEGMENTS = 3;
    private static final int PROBE_SEGMENT_BYTES = 512;
    private static final int PROBE_BYTES = 2048;

    private final List<Integer> queues;
    private final OffloadState checksum;
    private final OffloadState tso4;
    private final OffloadState tso6;
    private final OffloadState uso;

    private TunOffloads(List<Integer> queues, Wanted wanted, int granted) {
        this.queues = queues;
        checksum = state("tun_checksum", wanted.checksum(), (granted & TUN_F_CSUM) != 0);
        tso4 = state("tun_tso4", wanted.tso4(), (granted & TUN_F_TSO4) != 0);
        tso6 = state("tun_tso6", wanted.tso6(), (granted & TUN_F_TSO6) != 0);
        uso = state("tun_uso", wanted.uso(), (granted & TUN_F_USO4_USO6) != 0);
    }

    private static OffloadState state(String feature, boolean wanted, boolean granted) {
        String absent = wanted ? "this kernel's TUN driver does not have it" : "off in the configuration";
        return new OffloadState(feature, granted, granted ? "in use" : absent);
    }

    /** Asks the kernel for what is wanted, and for less where it does not have all of it. */
    public static TunOffloads negotiate(TunDevice device, Wanted wanted) {
        int flags = wanted.checksum() ? TUN_F_CSUM : 0;
        flags |= wanted.checksum() && wanted.tso4() ? TUN_F_TSO4 : 0;
        flags |= wanted.checksum() && wanted.tso6() ? TUN_F_TSO6 : 0;
        flags |= wanted.checksum() && wanted.uso() ? TUN_F_USO4_USO6 : 0;
        if (!set(device.queues(), flags)) {
            flags &= ~TUN_F_USO4_USO6;
            if (!set(device.queues(), flags)) {
                flags = 0;
                set(device.queues(), flags);
            }
        }
        return new TunOffloads(device.queues(), wanted, flags);
    }

    /** All offloads, without asking: for a queue whose other end is a program of our own. */
    public static TunOffloads simulated(TunDevice device) {
        return new TunOffloads(device.queues(), new Wanted(true, true, true, true), ~0);
    }

    private static boolean set(List<Integer> queues, int flags) {
        return queues.stream().allMatch(fd -> Libc.ioctl(fd, TUNSETOFFLOAD, flags) == 0);
    }

    /**
     * Writes a super-packet of each kind, from the unspecified address to itself, which no host accepts or forwards, and turns off
     * what the driver refuses. The device must be up.
     */
    public void selfTest() {
        probe(tso4, 4, Ip.TCP);
        probe(tso6, 6, Ip.TCP);
        probe(uso, 4, Ip.UDP);
        probe(uso, 6, Ip.UDP);
        int flags = (checksum.isActive() ? TUN_F_CSUM : 0)
                | (tso4.isActive() ? TUN_F_TSO4 : 0)
                | (tso6.isActive() ? TUN_F_TSO6 : 0)
                | (uso.isActive() ? TUN_F_USO4_USO6 : 0);
        set(queues, flags);
    }

    private void probe(OffloadState offload, int version, int protocol) {
        if (!offload.isActive()) {
            return;
        }
        NativeMemory memory = NativeMemory.allocate(PROBE_BYTES);
        int length = SuperPacket.write(
                memory.buffer(), version, protocol, PROBE_SEGMENTS * PROBE_SEGMENT_BYTES, PROBE_SEGMENT_BYTES);
        long written = memory.call(address -> (int) Libc.write(queues.get(0), address, length));
        if (written < 0) {
            offload.turnOff("the self-test failed, the driver answered: " + Errno.text(Native.getLastError()));
        }
    }

    /** A coalescer that joins what the device takes. */
    public Coalescer coalescer(int capacity) {
        return new Coalescer(capacity, tso4.isActive(), tso6.isActive(), uso.isActive());
    }

    /** The states, for metrics and status. */
    public List<OffloadState> states() {
        return List.of(checksum, tso4, tso6, uso);
    }
}
