package net.fougateway.linux;

import com.sun.jna.Native;

/** Error numbers of Linux, the same on x86_64 and aarch64. */
public enum Errno {
    /** Operation not permitted. */
    EPERM(1),
    /** No such file or directory. */
    ENOENT(2),
    /** No such process. */
    ESRCH(3),
    /** Interrupted system call. */
    EINTR(4),
    /** Input/output error. */
    EIO(5),
    /** No such device or address. */
    ENXIO(6),
    /** Argument list too long. */
    E2BIG(7),
    /** Bad file descriptor. */
    EBADF(9),
    /** Resource temporarily unavailable. */
    EAGAIN(11),
    /** Cannot allocate memory. */
    ENOMEM(12),
    /** Permission denied. */
    EACCES(13),
    /** Bad address. */
    EFAULT(14),
    /** Device or resource busy. */
    EBUSY(16),
    /** File exists. */
    EEXIST(17),
    /** No such device. */
    ENODEV(19),
    /** Invalid argument. */
    EINVAL(22),
    /** Too many open files in system. */
    ENFILE(23),
    /** Too many open files. */
    EMFILE(24),
    /** Inappropriate ioctl for device. */
    ENOTTY(25),
    /** No space left on device. */
    ENOSPC(28),
    /** Broken pipe. */
    EPIPE(32),
    /** Numerical result out of range. */
    ERANGE(34),
    /** Function not implemented. */
    ENOSYS(38),
    /** Protocol error. */
    EPROTO(71),
    /** Socket operation on non-socket. */
    ENOTSOCK(88),
    /** Destination address required. */
    EDESTADDRREQ(89),
    /** Message too long. */
    EMSGSIZE(90),
    /** Protocol not available. */
    ENOPROTOOPT(92),
    /** Protocol not supported. */
    EPROTONOSUPPORT(93),
    /** Operation not supported. */
    EOPNOTSUPP(95),
    /** Address family not supported by protocol. */
    EAFNOSUPPORT(97),
    /** Address already in use. */
    EADDRINUSE(98),
    /** Cannot assign requested address. */
    EADDRNOTAVAIL(99),
    /** Network is down. */
    ENETDOWN(100),
    /** Network is unreachable. */
    ENETUNREACH(101),
    /** Software caused connection abort. */
    ECONNABORTED(103),
    /** Connection reset by peer. */
    ECONNRESET(104),
    /** No buffer space available. */
    ENOBUFS(105),
    /** Transport endpoint is already connected. */
    EISCONN(106),
    /** Transport endpoint is not connected. */
    ENOTCONN(107),
    /** Connection timed out. */
    ETIMEDOUT(110),
    /** Connection refused. */
    ECONNREFUSED(111),
    /** Host is down. */
    EHOSTDOWN(112),
    /** No route to host. */
    EHOSTUNREACH(113),
    /** Operation already in progress. */
    EALREADY(114),
    /** Operation now in progress. */
    EINPROGRESS(115),
    /** Operation canceled. */
    ECANCELED(125);

    private static final String[] NAMES = names();

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** The positive number in {@code errno.h}. */
    public int number() {
        return number;
    }

    /** True when {@code errno} is this error. */
    public boolean is(int errno) {
        return number == errno;
    }

    /** The symbol of {@code errno}, such as {@code ENOENT}, or {@code errno_N} for one that is not in this table. */
    public static String nameOf(int errno) {
        boolean known = errno >= 0 && errno < NAMES.length && NAMES[errno] != null;
        return known ? NAMES[errno] : "errno_" + errno;
    }

    /** The C library's text for {@code errno}, such as {@code No such file or directory}. */
    public static String text(int errno) {
        return Libc.strerror(errno);
    }

    /**
     * The failure of this thread's last system call.
     *
     * @param attempted what was tried on what, to follow the word "cannot"
     */
    public static LinuxException lastFailure(String attempted) {
        return failure(Native.getLastError(), attempted);
    }

    /** True for what the kernel answers where there is no route, or one that goes nowhere: unreachable, prohibit, blackhole. */
    public static boolean isNoRoute(int errno) {
        return ENETUNREACH.is(errno) || EHOSTUNREACH.is(errno) || EACCES.is(errno) || EINVAL.is(errno);
    }

    static LinuxException failure(int errno, String attempted) {
        return new LinuxException(errno, "cannot " + attempted + ": " + text(errno));
    }

    private static String[] names() {
        Errno[] all = values();
        String[] names = new String[all[all.length - 1].number + 1];
        for (Errno errno : all) {
            names[errno.number] = errno.name();
        }
        return names;
    }
}
