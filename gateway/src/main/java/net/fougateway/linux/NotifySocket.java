package net.fougateway.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The Unix datagram socket of a service manager, as {@code NOTIFY_SOCKET} names it: sd_notify(3). The JDK has no such sockets. */
public final class NotifySocket {

    private static final int TIMEVAL_BYTES = 16;
    /** Where the path begins in {@code sockaddr_un}, and how long it may be. */
    private static final int PATH_OFFSET = 2;

    private static final int MAX_PATH_BYTES = 108;

    private final String address;
    private final NativeMemory sockaddr;
    private final int sockaddrBytes;
    private final NativeMemory oneSecond = NativeMemory.allocate(TIMEVAL_BYTES);

    /**
     * Nothing is opened yet.
     *
     * @param address an absolute path, or {@code @} and a name in the abstract name space
     * @throws IllegalArgumentException when it is neither; the message says so
     */
    public NotifySocket(String address) {
        byte[] path = address.getBytes(UTF_8);
        if (!address.startsWith("/") && !address.startsWith("@")) {
            throw new IllegalArgumentException("neither an absolute path nor @ and a name");
        }
        if (path.length > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("longer than " + MAX_PATH_BYTES + " bytes");
        }
        if (path[0] == '@') {
            path[0] = 0;
        }
        this.address = address;
        sockaddrBytes = PATH_OFFSET + path.length;
        sockaddr = NativeMemory.allocate(sockaddrBytes);
        sockaddr.buffer().putShort(0, (short) Sockets.AF_UNIX).put(PATH_OFFSET, path);
        oneSecond.buffer().putLong(0, 1);
    }

    /**
     * Sends one datagram; waits no longer than a second for room in the receiver's queue.
     *
     * @throws LinuxException when nobody receives there
     */
    public void send(String message) throws LinuxException {
        int fd = Libc.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.lastFailure("open a Unix socket");
        }
        try {
            oneSecond.call(time -> Libc.setsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_SNDTIMEO, time, TIMEVAL_BYTES));
            if (send(fd, message.getBytes(UTF_8)) < 0) {
                throw Errno.lastFailure("send to " + address);
            }
        } finally {
            Libc.close(fd);
        }
    }

    private int send(int fd, byte[] message) {
        NativeMemory text = NativeMemory.allocate(message.length);
        text.buffer().put(0, message);
        return text.call(
                from -> sockaddr.call(to -> (int) Libc.sendto(fd, from, message.length, 0, to, sockaddrBytes)));
    }

    @Override
    public String toString() {
        return address;
    }
}
