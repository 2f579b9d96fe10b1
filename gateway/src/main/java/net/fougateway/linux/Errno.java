package net.fougateway.linux;

import com.sun.jna.Native;

/** Error numbers of Linux, the same on x86_64 and aarch64. */
public enum Errno {
    /** Operation not permitted. */
    EPERM(1, "Operation not permitted"),
    /** No such file or directory. */
    ENOENT(2, "No such file or directory"),
    /** No such process. */
    ESRCH(3, "No such process"),
    /** Interrupted system call. */
    EINTR(4, "Interrupted system call"),
    /** Input/output error. */
    EIO(5, "Input/output error"),
    /** No such device or address. */
    ENXIO(6, "No such device or address"),
    /** Argument list too long. */
    E2BIG(7, "Argument list too long"),
    /** Bad file descriptor. */
    EBADF(9, "Bad file descriptor"),
    /** Resource temporarily unavailable. */
    EAGAIN(11, "Resource temporarily unavailable"),
    /** Cannot allocate memory. */
    ENOMEM(12, "Cannot allocate memory"),
    /** Permission denied. */
    EACCES(13, "Permission denied"),
    /** Bad address. */
    EFAULT(14, "Bad address"),
    /** Device or resource busy. */
    EBUSY(16, "Device or resource busy"),
    /** File exists. */
    EEXIST(17, "File exists"),
    /** No such device. */
    ENODEV(19, "No such device"),
    /** Invalid argument. */
    EINVAL(22, "Invalid argument"),
    /** Too many open files in system. */
    ENFILE(23, "Too many open files in system"),
    /** Too many open files. */
    EMFILE(24, "Too many open files"),
    /** Inappropriate ioctl for device. */
    ENOTTY(25, "Inappropriate ioctl for device"),
    /** No space left on device. */
    ENOSPC(28, "No space left on device"),
    /** Broken pipe. */
    EPIPE(32, "Broken pipe"),
    /** Numerical result out of range. */
    ERANGE(34, "Numerical result out of range"),
    /** Function not implemented. */
    ENOSYS(38, "Function not implemented"),
    /** Protocol error. */
    EPROTO(71, "Protocol error"),
    /** Socket operation on non-socket. */
    ENOTSOCK(88, "Socket operation on non-socket"),
    /** Destination address required. */
    EDESTADDRREQ(89, "Destination address required"),
    /** Message too long. */
    EMSGSIZE(90, "Message too long"),
    /** Protocol not available. */
    ENOPROTOOPT(92, "Protocol not available"),
    /** Protocol not supported. */
    EPROTONOSUPPORT(93, "Protocol not supported"),
    /** Operation not supported. */
    EOPNOTSUPP(95, "Operation not supported"),
    /** Address family not supported by protocol. */
    EAFNOSUPPORT(97, "Address family not supported by protocol"),
    /** Address already in use. */
    EADDRINUSE(98, "Address already in use"),
    /** Cannot assign requested address. */
    EADDRNOTAVAIL(99, "Cannot assign requested address"),
    /** Network is down. */
    ENETDOWN(100, "Network is down"),
    /** Network is unreachable. */
    ENETUNREACH(101, "Network is unreachable"),
    /** Software caused connection abort. */
    ECONNABORTED(103, "Software caused connection abort"),
    /** Connection reset by peer. */
    ECONNRESET(104, "Connection reset by peer"),
    /** No buffer space available. */
    ENOBUFS(105, "No buffer space available"),
    /** Transport endpoint is already connected. */
    EISCONN(106, "Transport endpoint is already connected"),
    /** Transport endpoint is not connected. */
    ENOTCONN(107, "Transport endpoint is not connected"),
    /** Connection timed out. */
    ETIMEDOUT(110, "Connection timed out"),
    /** Connection refused. */
    ECONNREFUSED(111, "Connection refused"),
    /** Host is down. */
    EHOSTDOWN(112, "Host is down"),
    /** No route to host. */
    EHOSTUNREACH(113, "No route to host"),
    /** Operation already in progress. */
    EALREADY(114, "Operation already in progress"),
    /** Operation now in progress. */
    EINPROGRESS(115, "Operation now in progress"),
    /** Operation canceled. */
    ECANCELED(125, "Operation canceled");

    private static final Errno[] BY_NUMBER = byNumber();

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
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
        return isKnown(errno) ? BY_NUMBER[errno].name() : "errno_" + errno;
    }

    /** The kernel's words for {@code errno}, such as {@code No such file or directory}, the same in every locale. */
    public static String text(int errno) {
        return isKnown(errno) ? BY_NUMBER[errno].text : Libc.strerror(errno);
    }

    private static boolean isKnown(int errno) {
        return errno >= 0 && errno < BY_NUMBER.length && BY_NUMBER[errno] != null;
    }

    /** What to do about it where that does not depend on what was tried; else empty. */
    private static String remedy(int errno) {
        return switch (nameOf(errno)) {
            case "EMFILE" ->
                ": this process may open no more files: raise the limit (shell: ulimit -n; systemd: LimitNOFILE=; "
                        + "container: --ulimit nofile=), or lower source_ports.sockets or workers";
            case "ENFILE" -> ": this machine may open no more files: raise the sysctl fs.file-max";
            case "ENOMEM", "ENOBUFS" ->
                ": the kernel has no memory for it: free some, or raise the limit of this container or unit";
            default -> "";
        };
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

    /** True for what the kernel answers to who sends where nobody can be reached. */
    public static boolean isUnreachable(int errno) {
        return ENETUNREACH.is(errno) || EHOSTUNREACH.is(errno) || ECONNREFUSED.is(errno);
    }

    /** The failure {@code errno} of what was tried on what, to follow the word "cannot". */
    public static LinuxException failure(int errno, String attempted) {
        return new LinuxException(errno, "cannot " + attempted + ": " + text(errno) + remedy(errno));
    }

    private static Errno[] byNumber() {
        Errno[] all = values();
        Errno[] table = new Errno[all[all.length - 1].number + 1];
        for (Errno errno : all) {
            table[errno.number] = errno;
        }
        return table;
    }
}
