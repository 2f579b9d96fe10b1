package net.fougateway.icmp;

import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.linux.Sockets;

/**
 * A raw socket that the ICMP or ICMPv6 errors about this host's packets arrive at, and nothing else.
 *
 * @param fd descriptor, owned by the channel that is made of it
 * @param ipv4 whether it is for ICMP, else for ICMPv6
 */
public record IcmpSocket(int fd, boolean ipv4) {

    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int SOL_RAW = 255;
    private static final int ICMP_FILTER = 1;
    private static final int ICMPV6_FILTER = 1;
    private static final int ICMPV6_FILTER_BYTES = 32;
    /** A bit that is set keeps a type out: all but destination unreachable (3) and time exceeded (11). */
    private static final int ICMP_BLOCKED = ~(1 << 3 | 1 << 11);
    /** All but destination unreachable (1), packet too big (2) and time exceeded (3). */
    private static final int ICMPV6_BLOCKED = ~(1 << 1 | 1 << 2 | 1 << 3);

    /**
     * Opens one.
     *
     * @throws LinuxException EPERM without the capability NET_RAW
     */
    public static IcmpSocket open(boolean ipv4) throws LinuxException {
        int fd = Libc.socket(
                ipv4 ? SocketAddress.AF_INET : SocketAddress.AF_INET6,
                Sockets.SOCK_RAW | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC,
                ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
        if (fd < 0) {
            throw Errno.lastFailure("open a raw socket for " + (ipv4 ? "ICMP" : "ICMPv6"));
        }
        if (filter(fd, ipv4) < 0) {
            LinuxException failure = Errno.lastFailure("set an ICMP filter");
            Libc.close(fd);
            throw failure;
        }
        return new IcmpSocket(fd, ipv4);
    }

    private static int filter(int fd, boolean ipv4) {
        NativeMemory memory = NativeMemory.allocate(ICMPV6_FILTER_BYTES);
        if (ipv4) {
            memory.buffer().putInt(0, ICMP_BLOCKED);
            return memory.call(mask -> Libc.setsockopt(fd, SOL_RAW, ICMP_FILTER, mask, Integer.BYTES));
        }
        for (int at = 0; at < ICMPV6_FILTER_BYTES; at += Integer.BYTES) {
            memory.buffer().putInt(at, -1);
        }
        memory.buffer().putInt(0, ICMPV6_BLOCKED);
        return memory.call(masks -> Libc.setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, masks, ICMPV6_FILTER_BYTES));
    }
}
