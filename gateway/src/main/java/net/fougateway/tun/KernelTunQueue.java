package net.fougateway.tun;

import io.netty.channel.unix.Errors;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import net.fougateway.linux.Errno;

/** A queue of a TUN device of the kernel. */
final class KernelTunQueue implements TunQueue {

    private final FileDescriptor fd;

    KernelTunQueue(FileDescriptor fd) {
        this.fd = fd;
    }

    @Override
    public int read(long address, int bytes) throws IOException {
        return fd.readAddress(address, 0, bytes);
    }

    @Override
    public int writev(long iovecs, int count) {
        try {
            long written = fd.writevAddresses(iovecs, count);
            return written > 0 ? (int) written : Errors.ERRNO_EAGAIN_NEGATIVE;
        } catch (Errors.NativeIoException e) {
            return e.expectedErr();
        } catch (IOException e) {
            return -Errno.EIO.number();
        }
    }
}
