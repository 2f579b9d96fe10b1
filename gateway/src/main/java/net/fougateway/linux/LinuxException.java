package net.fougateway.linux;

/** A system call or a netlink request that the kernel refused; the message carries the kernel's own words. */
public final class LinuxException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * A refusal.
     *
     * @param errno the kernel's error number, positive
     * @param message what was tried, on what, and the kernel's words
     */
    public LinuxException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    /** The kernel's error number, positive. */
    public int errno() {
        return errno;
    }
}
