package net.fougateway.tun;

import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import net.fougateway.linux.DescriptorSocket;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Sockets;

/**
 * Keeps two gateways from starting on one device at the same moment: a Unix socket with a name of the abstract kind, of which a network
 * namespace has each only once, and which goes with the process however it ends. Who wants the place of the gateway that has it connects to it.
 */
public final class DeviceLock implements AutoCloseable {

    private static final int FAMILY_BYTES = 2;
    private static final int MOST_WAITING = 4;

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
        int fd = open();
        DeviceLock lock = new DeviceLock(fd);
        int errno = named(device, Libc::bind, fd);
        if (errno == 0 && Libc.listen(fd, MOST_WAITING) == 0) {
            return lock;
        }
        lock.close();
        if (Errno.EADDRINUSE.is(errno)) {
            throw inUse(device);
        }
        throw new LinuxException(errno, "cannot lock the device " + device + ": " + Errno.text(errno));
    }

    /** That of a gateway that handed it over. */
    public static DeviceLock inherited(int fd) {
        return new DeviceLock(fd);
    }

    /** A conversation with the gateway that has the lock of a device, or nothing when none has. */
    public static Optional<DescriptorSocket> holder(String device) throws LinuxException {
        int fd = open();
        int errno = named(device, Libc::connect, fd);
        if (errno == 0) {
            return Optional.of(new DescriptorSocket(fd));
        }
        Libc.close(fd);
        if (Errno.ECONNREFUSED.is(errno)) {
            return Optional.empty();
        }
        throw Errno.failure(errno, "talk to the gateway that has the device " + device);
    }

    private static int open() throws LinuxException {
        int fd = Libc.socket(Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.lastFailure("open a Unix socket");
        }
        return fd;
    }

    /** Waits for one who wants to talk; nothing when nobody comes in time. */
    public Optional<DescriptorSocket> accept(Duration wait) throws LinuxException {
        if (!DescriptorSocket.isReadable(fd, wait)) {
            return Optional.empty();
        }
        int accepted = Libc.accept4(fd, 0, 0, Sockets.SOCK_CLOEXEC);
        if (accepted < 0) {
            throw Errno.lastFailure("accept a Unix socket");
        }
        return Optional.of(new DescriptorSocket(accepted));
    }

    /** Its descriptor, for one who takes over. */
    public int fd() {
        return fd;
    }

    /** The device has a process already. */
    public static LinuxException inUse(String device) {
        return new LinuxException(
                Errno.EADDRINUSE.number(),
                "the TUN device %s is in use by another process: stop it, or choose another device.name"
                        .formatted(device));
    }

    private interface AddressCall {
        int call(int fd, long address, int addressLength);
    }

    /** Returns 0 or the error number. */
    private static int named(String device, AddressCall systemCall, int fd) {
        byte[] path = ("\0fou-gateway/device/" + device).getBytes(StandardCharsets.US_ASCII);
        NativeMemory memory = NativeMemory.allocate(FAMILY_BYTES + path.length);
        memory.buffer().putShort(0, (short) Sockets.AF_UNIX).put(FAMILY_BYTES, path);
        return memory.call(address -> systemCall.call(fd, address, FAMILY_BYTES + path.length)) < 0
                ? Native.getLastError()
                : 0;
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
