package net.fougateway.udp;

/**
 * The two system calls that carry datagrams, neither of which waits: those of the kernel, or of memory for tests and benchmarks.
 * Addresses are those of native memory, which the caller keeps reachable. A call allocates nothing.
 */
public interface UdpSystemCalls {

    /** sendmmsg(2) of {@code count} {@code mmsghdr} at {@code messages}; returns the messages sent, or the negated error number. */
    int sendmmsg(int fd, long messages, int count);

    /** recvmmsg(2) into {@code count} {@code mmsghdr} at {@code messages}; returns the messages received, or the negated error number. */
    int recvmmsg(int fd, long messages, int count);
}
