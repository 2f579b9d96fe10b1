package net.fougateway.bpf;

import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;

/**
 * A program at a device. It ends when it is closed, and when the process ends, however that is: nothing is pinned. Then packets go on as
 * if it had never been.
 */
public final class BpfLink implements AutoCloseable {

    /** Where a program gets its packets. */
    public enum Place {
        /** Before all that the device gives to the network stack, and before other tcx programs (Linux 6.6). */
        TCX_INGRESS(46, 1 << 3),
        /** Behind the network stack, before other tcx programs (Linux 6.6). */
        TCX_EGRESS(47, 1 << 3),
        /** In the driver of the device, if that can (Linux 5.9); one program at a device. */
        XDP_NATIVE(37, 1 << 2);

        private final int attachType;
        private final int flags;

        Place(int attachType, int flags) {
            this.attachType = attachType;
            this.flags = flags;
        }
    }

    private final int fd;

    private BpfLink(int fd) {
        this.fd = fd;
    }

    /**
     * Attaches a program to the device of that index in the namespace of the calling thread.
     *
     * @throws LinuxException {@code EBUSY} where another XDP program is, {@code EOPNOTSUPP} where the driver has no XDP, {@code ENODEV}
     *     without such a device, {@code EINVAL} on kernels without this kind of link
     */
    static BpfLink create(int program, String name, int device, Place place) throws LinuxException {
        return new BpfLink(new SystemCall(SystemCall.LINK_CREATE)
                .u32(0, program)
                .u32(4, device)
                .u32(8, place.attachType)
                .u32(12, place.flags)
                .call("attach %s to device %d by %s".formatted(name, device, place)));
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
