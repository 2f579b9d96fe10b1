package net.fougateway.linux;

/** Constants of {@code sys/socket.h}, and the sizes of the structures that carry messages, on 64-bit Linux. */
public final class Sockets {

    public static final int AF_UNSPEC = 0;
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int AF_PACKET = 17;

    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;

    public static final int SOL_SOCKET = 1;
    public static final int SO_RCVBUF = 8;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_RCVTIMEO = 20;
    public static final int SO_SNDTIMEO = 21;
    public static final int SO_PEERCRED = 17;
    public static final int SCM_RIGHTS = 1;

    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_CTRUNC = 8;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** {@code struct iovec}: address and length. */
    public static final int IOVEC_BYTES = 16;

    /** {@code struct msghdr}. */
    public static final int MSGHDR_BYTES = 56;

    /** {@code struct mmsghdr}: {@code msghdr} (name, its length, iovecs, their number, control, its length, flags), and the length. */
    public static final int MMSGHDR_BYTES = 64;

    /** {@code struct cmsghdr}: length, level, type. */
    public static final int CMSGHDR_BYTES = 16;

    private Sockets() {}
}
