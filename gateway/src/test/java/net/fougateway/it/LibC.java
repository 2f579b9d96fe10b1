package net.fougateway.it;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The few calls of the C library that the JDK does not offer and the tests need. */
final class LibC {

    static final int O_RDONLY = 0;
    static final int CLONE_NEWNET = 0x40000000;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_PACKET = 17;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int MSG_DONTWAIT = 0x40;

    static {
        Native.register(LibC.class, "c");
    }

    private LibC() {}

    static native int open(String path, int flags) throws LastErrorException;

    static native int close(int fd) throws LastErrorException;

    static native int setns(int fd, int type) throws LastErrorException;

    static native int socket(int family, int type, int protocol) throws LastErrorException;

    static native int bind(int fd, byte[] address, int length) throws LastErrorException;

    static native int connect(int fd, byte[] address, int length) throws LastErrorException;

    static native int setsockopt(int fd, int level, int option, int[] value, int length) throws LastErrorException;

    static native int if_nametoindex(String name) throws LastErrorException;

    static native long send(int fd, byte[] bytes, long length, int flags) throws LastErrorException;

    static native long ptrace(int request, int thread, long address, long data) throws LastErrorException;

    static native int waitpid(int thread, int[] status, int options) throws LastErrorException;

    /** Without {@link LastErrorException}: an empty queue is no error to the caller. */
    static native long recv(int fd, byte[] bytes, long length, int flags);

    /** As {@link #recv}, into the {@code msghdr} at {@code message}. */
    static native long recvmsg(int fd, Pointer message, int flags);
}
