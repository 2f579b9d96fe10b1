package net.fougateway.tun;

import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Sockets;

/**
 * Keeps two gateways from starting on one device at the same moment: a Unix socket with a name of the abstract kind, of which a network
 * namespace has each only once, and which goes with the process however it ends.
 */
public final class DeviceLock implements AutoCloseable {

    private static final int FAMILY_BYTES = 2;

    private final int fd;

    private DeviceLock(int fd) {
        this.fd = fd;
    }

    /**
     * Takes the lock.
     *
     * @throws LinuxException with {@code EADDRINUSE} when another gateway has it
     */
    public static DeviceLock take(String device) throws LinuxException {
        int fd = Libc.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.lastFailure("open a Unix socket");
        }
        DeviceLock lock = new DeviceLock(fd);
        int errno = bind(fd, "\0fou-gateway/device/" + device);
        if (errno == 0) {
            return lock;
        }
        lock.close();
        if (Errno.EADDRINUSE.is(errno)) {
            throw inUse(device);
        }
        throw new LinuxException(errno, "cannot lock the device " + device + ": " + Errno.text(errno));
    }

    /** The device has a process already. */
    public static LinuxException inUse(String device) {
        return new LinuxException(
                Errno.EADDRINUSE.number(),
                "the TUN device %s is in use by another process: stop it, or choose another device.name"
                        .formatted(device));
    }

    /** Returns 0 or the error number. */
    private static int bind(int fd, String name) {
        byte[] path = name.getBytes(StandardCharsets.US_ASCII);
        NativeMemory memory = NativeMemory.allocate(FAMILY_BYTES + path.length);
        memory.buffer().putShort(0, (short) Sockets.AF_UNIX).put(FAMILY_BYTES, path);
        return memory.call(address -> Libc.bind(fd, address, FAMILY_BYTES + path.length)) < 0
                ? Native.getLastError()
                : 0;
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
