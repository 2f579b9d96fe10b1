package net.fougateway.linux;

import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * System calls of Linux by JNA direct mapping.
 *
 * <p>Memory is passed as raw addresses, see {@link NativeMemory}; the caller keeps it reachable during the call. Such a
 * call allocates nothing. Lengths are bytes. A failed call returns -1 and leaves the error number of this thread in
 * {@link Native#getLastError()}, see {@link Errno#lastFailure}. Only 64-bit Linux.
 */
public final class Libc {

    static {
        Native.register(Libc.class, Platform.C_LIBRARY_NAME);
    }

    private Libc() {}

    /** open(2) of an existing file; returns a file descriptor that the caller closes. */
    public static native int open(String path, int flags);

    /** close(2). */
    public static native int close(int fd);

    /** ioctl(2) whose argument is a number or the address of a structure. */
    public static native int ioctl(int fd, long request, long argument);

    /** socket(2); returns a file descriptor that the caller closes. */
    public static native int socket(int domain, int type, int protocol);

    /** socketpair(2); writes two file descriptors, which the caller closes, as {@code int} each to {@code pair}. */
    public static native int socketpair(int domain, int type, int protocol, long pair);

    /** bind(2) to the {@code sockaddr} at {@code address}. */
    public static native int bind(int fd, long address, int addressLength);

    /** shutdown(2). */
    public static native int shutdown(int fd, int how);

    /** setpriority(2); with {@code which} and {@code who} 0 of the calling thread, and of those that it will start. */
    public static native int setpriority(int which, int who, int nice);

    /** geteuid(2). */
    public static native int geteuid();

    /** listen(2). */
    public static native int listen(int fd, int backlog);

    /** accept4(2) without the address of the other end; returns a file descriptor that the caller closes. */
    public static native int accept4(int fd, long address, long addressLength, int flags);

    /** connect(2) to the {@code sockaddr} at {@code address}. */
    public static native int connect(int fd, long address, int addressLength);

    /** setsockopt(2). */
    public static native int setsockopt(int fd, int level, int option, long value, int valueLength);

    /** getsockopt(2); {@code valueLength} is the address of a {@code socklen_t}. */
    public static native int getsockopt(int fd, int level, int option, long value, long valueLength);

    /** getsockname(2); {@code addressLength} is the address of a {@code socklen_t}. */
    public static native int getsockname(int fd, long address, long addressLength);

    /** write(2); returns the bytes written. */
    public static native long write(int fd, long buffer, long length);

    /** send(2); returns the bytes sent. */
    public static native long send(int fd, long buffer, long length, int flags);

    /** recv(2); returns the bytes received. */
    public static native long recv(int fd, long buffer, long length, int flags);

    /** sendto(2); returns the bytes sent. */
    public static native long sendto(int fd, long buffer, long length, int flags, long address, int addressLength);

    /** sendmsg(2) of the {@code msghdr} at {@code message}; returns the bytes sent. */
    public static native long sendmsg(int fd, long message, int flags);

    /** recvmsg(2) into the {@code msghdr} at {@code message}; returns the bytes received. */
    public static native long recvmsg(int fd, long message, int flags);

    /** sendmmsg(2) of {@code count} {@code mmsghdr} at {@code messages}; returns the messages sent. */
    public static native int sendmmsg(int fd, long messages, int count, int flags);

    /**
     * recvmmsg(2) into {@code count} {@code mmsghdr} at {@code messages}; returns the messages received; {@code timeout} is
     * the address of a {@code timespec}, or 0.
     */
    public static native int recvmmsg(int fd, long messages, int count, int flags, long timeout);

    /** signal(2); {@code handler} is the address of a C function. */
    public static native long signal(int signal, long handler);

    /** poll(2) of {@code count} {@code pollfd} at {@code descriptors}. */
    public static native int poll(long descriptors, long count, int timeoutMillis);

    /** setns(2) of the calling thread. */
    public static native int setns(int fd, int type);

    /** mmap(2): the address, or -1. */
    public static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

    /** munmap(2). */
    public static native int munmap(long address, long length);

    /** getpagesize(2). */
    public static native int getpagesize();

    static native String strerror(int errno);
}
