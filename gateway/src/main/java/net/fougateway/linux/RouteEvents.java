package net.fougateway.linux;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Hears that routes, next hops, addresses or interfaces of a network namespace have changed. What has changed it does not tell: some changes
 * come without an event, and a busy kernel drops events, so who hears of one has to read anew. Belongs to one thread.
 */
public final class RouteEvents implements AutoCloseable {

    /** What was heard. */
    public enum News {
        /** Nothing that matters. */
        NONE,
        /** Routes of the device may have changed. */
        CHANGED,
        /** The kernel had more to tell than the buffer holds. */
        OVERFLOW
    }

    /** For many thousand events; granted with CAP_NET_ADMIN, else {@code net.core.rmem_max} counts. */
    public static final int BUFFER_BYTES = 8 << 20;

    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    /** In place of an index: routes of all interfaces matter. */
    public static final int ANY_INTERFACE = 0;

    /** Links; addresses, routes and rules of IPv4, then of IPv6; nexthop objects ({@code RTNLGRP_*}). */
    private static final int[] GROUPS = {1, 5, 7, 8, 9, 11, 19, 32};

    private static final int SOCKADDR_NL_BYTES = 12;
    private static final int RECEIVE_BYTES = 65536;
    private static final int POLL_BYTES = 8;
    private static final short POLLIN = 1;
    private static final int MOST_DATAGRAMS = 4096;

    private static final int NLM_F_REPLACE = 0x100;

    private final NativeMemory memory = NativeMemory.allocate(RECEIVE_BYTES + POLL_BYTES);
    private final int fd;

    private RouteEvents(int fd) {
        this.fd = fd;
    }

    /**
     * Begins to hear, in the network namespace of the calling thread.
     *
     * @param bufferBytes for events that nobody has taken yet
     */
    public static RouteEvents open(int bufferBytes) throws LinuxException {
        int fd = Libc.socket(
                Sockets.AF_NETLINK,
                Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK,
                Netlink.NETLINK_ROUTE);
        if (fd < 0) {
            throw Errno.lastFailure("open a netlink socket for route events");
        }
        RouteEvents events = new RouteEvents(fd);
        try {
            events.subscribe(bufferBytes);
            return events;
        } catch (LinuxException e) {
            events.close();
            throw e;
        }
    }

    /** Kernels before 5.3 have no nexthop objects, and those without IPv6 no routes of it: then these groups are missing. */
    private void subscribe(int bufferBytes) throws LinuxException {
        if (set(Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, bufferBytes) < 0) {
            set(Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, bufferBytes);
        }
        bind();
        int heard = 0;
        for (int group : GROUPS) {
            heard += set(Netlink.SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group) == 0 ? 1 : 0;
        }
        if (heard == 0) {
            throw Errno.lastFailure("subscribe to route events");
        }
    }

    /** The kernel tells nothing to a socket without an address of its own. */
    private void bind() throws LinuxException {
        memory.buffer().putLong(0, 0).putInt(Long.BYTES, 0).putShort(0, (short) Sockets.AF_NETLINK);
        if (Libc.bind(fd, memory.address(), SOCKADDR_NL_BYTES) < 0) {
            throw Errno.lastFailure("bind a netlink socket for route events");
        }
    }

    private int set(int level, int option, int value) {
        memory.buffer().putInt(0, value);
        return Libc.setsockopt(fd, level, option, memory.address(), Integer.BYTES);
    }

    /**
     * Waits for events, for {@code millis} at most, and takes all that have come.
     *
     * @param interfaceIndex of the device whose routes matter, or {@link #ANY_INTERFACE}
     */
    public News await(int millis, int interfaceIndex) throws LinuxException {
        memory.buffer().putInt(RECEIVE_BYTES, fd).putInt(RECEIVE_BYTES + Integer.BYTES, POLLIN);
        if (Libc.poll(memory.address() + RECEIVE_BYTES, 1, millis) <= 0) {
            return News.NONE;
        }
        News news = News.NONE;
        for (int i = 0; i < MOST_DATAGRAMS; i++) {
            News more = take(interfaceIndex);
            if (more == null) {
                break;
            }
            news = more.compareTo(news) > 0 ? more : news;
        }
        return news;
    }

    /** Null when there is no more. */
    private News take(int interfaceIndex) throws LinuxException {
        long length = Libc.recv(fd, memory.address(), RECEIVE_BYTES, 0);
        if (length >= 0) {
            return matters((int) length, interfaceIndex) ? News.CHANGED : News.NONE;
        }
        int errno = Native.getLastError();
        if (Errno.EAGAIN.is(errno)) {
            return null;
        }
        if (Errno.ENOBUFS.is(errno)) {
            return News.OVERFLOW;
        }
        if (Errno.EINTR.is(errno)) {
            return News.NONE;
        }
        throw Errno.failure(errno, "hear route events");
    }

    private boolean matters(int length, int interfaceIndex) {
        ByteBuffer datagram = memory.buffer().slice(0, length).order(ByteOrder.nativeOrder());
        return interfaceIndex == ANY_INTERFACE
                || NetlinkMessage.parse(datagram).stream().anyMatch(message -> matters(message, interfaceIndex));
    }

    /** A route that takes the place of another may have put one of the device away. */
    private static boolean matters(NetlinkMessage message, int interfaceIndex) {
        return switch (message.type()) {
            case Links.RTM_NEWLINK, Links.RTM_DELLINK -> message.payload().getInt(4) == interfaceIndex;
            case Routes.RTM_NEWROUTE, Routes.RTM_DELROUTE -> {
                int through = new RouteMessage(message).interfaceIndex();
                yield through == 0 || through == interfaceIndex || (message.flags() & NLM_F_REPLACE) != 0;
            }
            default -> true;
        };
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
