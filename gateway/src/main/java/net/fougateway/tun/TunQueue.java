package net.fougateway.tun;

import java.io.IOException;

/**
 * The two system calls on a queue of a TUN device, neither of which waits: those of the kernel, or of memory for tests and
 * benchmarks. Addresses are those of native memory, which the caller keeps reachable. A call that succeeds allocates nothing.
 */
public interface TunQueue {

    /**
     * read(2) of one packet, virtio header in front.
     *
     * @return bytes read, 0 or less when there was nothing to read
     * @throws IOException when the device is gone
     */
    int read(long address, int bytes) throws IOException;

    /** writev(2) of one packet, virtio header in front; returns the bytes written, or the negated error number. */
    int writev(long iovecs, int count);
}
