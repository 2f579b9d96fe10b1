package net.fougateway.tun;

import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Netlink;

/**
 * Opens the queues of a TUN or TAP device: of one that it creates, which vanishes when the last queue is closed, or of one that the
 * administrator made. Queues carry a virtio header in front of each packet and no packet information. It owns the queues until somebody takes them.
 */
public final class TunDevice implements AutoCloseable {

    private static final String NODE = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final int IFF_TUN = 0x1;
    private static final int IFF_TAP = 0x2;
    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_TUN_EXCL = 0x8000;
    private static final int IFREQ_BYTES = 40;
    private static final int IFREQ_FLAGS = 16;

    private final String name;
    private final DeviceMode mode;
    private final boolean ofKernel;
    private final List<Integer> queues = new ArrayList<>();
    private final Set<Integer> taken = new HashSet<>();

    private TunDevice(String name, DeviceMode mode, boolean ofKernel) {
        this.name = name;
        this.mode = mode;
        this.ofKernel = ofKernel;
    }

    /**
     * What takes the place of a device: a queue whose other end is a program, which sees packets as a TUN device's driver does.
     *
     * @param queue a non-blocking descriptor, each packet a message
     */
    public static TunDevice standIn(String name, int queue) {
        TunDevice device = new TunDevice(name, DeviceMode.TUN, false);
        device.queues.add(queue);
        return device;
    }

    /** A device whose queues another gateway has opened. */
    public static TunDevice inherited(String name, DeviceMode mode, List<Integer> queues) {
        TunDevice device = new TunDevice(name, mode, true);
        device.queues.addAll(queues);
        return device;
    }

    /**
     * Opens {@code wanted} queues; fewer where an existing device has only one.
     *
     * @param create the device must not exist yet
     * @throws LinuxException whose message says which of the ways to fail it was, and what to do
     */
    public static TunDevice open(String name, DeviceMode mode, int wanted, boolean create) throws LinuxException {
        TunDevice device = new TunDevice(name, mode, true);
        try {
            device.openQueues(wanted, create);
            return device;
        } catch (LinuxException e) {
            device.close();
            throw e;
        }
    }

    private void openQueues(int wanted, boolean create) throws LinuxException {
        int flags = (mode == DeviceMode.TAP ? IFF_TAP : IFF_TUN) | IFF_NO_PI | IFF_VNET_HDR;
        int first = openNode();
        queues.add(first);
        boolean multi = wanted > 1;
        int firstFlags = create ? flags | IFF_TUN_EXCL : flags;
        int errno = attach(first, name, multi ? firstFlags | IFF_MULTI_QUEUE : firstFlags);
        if (errno == Errno.EINVAL.number()) {
            multi = !multi;
            errno = attach(first, name, multi ? firstFlags | IFF_MULTI_QUEUE : firstFlags);
        }
        require(errno);
        while (multi && queues.size() < wanted) {
            int next = openNode();
            queues.add(next);
            require(attach(next, name, flags | IFF_MULTI_QUEUE));
        }
    }

    private void require(int errno) throws LinuxException {
        if (errno != 0) {
            throw refused(name, mode, errno);
        }
    }

    /**
     * Lets the device stay when all its queues are closed, with its addresses and routes; {@code ip link del} ends it.
     *
     * @throws LinuxException when the kernel refuses
     */
    public void persist() throws LinuxException {
        if (Libc.ioctl(queues.get(0), TUNSETPERSIST, 1) < 0) {
            throw Errno.lastFailure("make the device " + name + " persistent");
        }
    }

    /** Name of the device. */
    public String name() {
        return name;
    }

    /** What it carries. */
    public DeviceMode mode() {
        return mode;
    }

    /** False for a stand-in, which cannot be asked what it can do. */
    public boolean isOfKernel() {
        return ofKernel;
    }

    /** Descriptors of all queues, non-blocking. */
    public List<Integer> queues() {
        return List.copyOf(queues);
    }

    /** Hands the descriptor of a queue over: who takes it closes it. */
    public int take(int queue) {
        taken.add(queue);
        return queues.get(queue);
    }

    /** Closes the queues that nobody has taken. */
    @Override
    public void close() {
        for (int queue = 0; queue < queues.size(); queue++) {
            if (taken.add(queue)) {
                Libc.close(queues.get(queue));
            }
        }
    }

    /**
     * True when the device is to be created.
     *
     * @throws LinuxException when it is in use, up or down, because one with several queues would let a second process attach to it, and take
     *     a share of the packets
     */
    public static boolean isAbsent(String name, Netlink netlink) throws LinuxException {
        Optional<Link> link = new Links(netlink).find(name);
        if (link.filter(Link::carrier).isPresent() && TunOwner.find(name).isPresent()) {
            throw DeviceLock.inUse(name);
        }
        return link.isEmpty();
    }

    private static int openNode() throws LinuxException {
        int fd = Libc.open(NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0) {
            return fd;
        }
        int errno = Native.getLastError();
        String remedy = switch (Errno.nameOf(errno)) {
            case "ENOENT" ->
                "the node is missing: 'modprobe tun', or pass it to the container with "
                        + "'--device /dev/net/tun' (compose: devices: [\"/dev/net/tun:/dev/net/tun\"])";
            case "EPERM" ->
                "the device rules of the container forbid it: start it with '--device /dev/net/tun'; "
                        + "mounting the node with -v does not open the rule";
            case "EACCES" -> "this user may not open the node: 'chmod 0666 /dev/net/tun', or run as root";
            case "ENODEV", "ENXIO" -> "this kernel has no TUN driver: 'modprobe tun'";
            default -> "";
        };
        if (remedy.isEmpty()) {
            throw Errno.failure(errno, "open " + NODE);
        }
        throw new LinuxException(errno, "cannot open %s: %s; %s".formatted(NODE, Errno.text(errno), remedy));
    }

    /** Returns 0 or the error number. */
    private static int attach(int fd, String name, int flags) {
        NativeMemory request = NativeMemory.allocate(IFREQ_BYTES);
        request.buffer().put(0, name.getBytes(StandardCharsets.US_ASCII));
        request.buffer().putShort(IFREQ_FLAGS, (short) flags);
        return request.call(address -> Libc.ioctl(fd, TUNSETIFF, address)) < 0 ? Native.getLastError() : 0;
    }

    private static LinuxException refused(String name, DeviceMode mode, int errno) {
        String word = mode.word();
        String remedy = switch (Errno.nameOf(errno)) {
            case "EPERM" ->
                TunOwner.find(name)
                        .map(owner ->
                                "the device belongs to %s: run as that user, or make it again with 'ip tuntap add dev %s mode %s user USER'"
                                        .formatted(owner, name, word))
                        .orElse(
                                "the capability NET_ADMIN is missing: run as root, or give it (container: --cap-add NET_ADMIN; "
                                        + "systemd: AmbientCapabilities=CAP_NET_ADMIN), or let the administrator make the device: "
                                        + "'ip tuntap add dev %s mode %s user USER'".formatted(name, word));
            case "EBUSY" -> "another process has the device: stop it, or choose another device.name";
            case "EINVAL" ->
                "there is a device of that name that is no %s device: choose another device.name".formatted(mode);
            default -> "choose another device.name";
        };
        return new LinuxException(
                errno, "cannot attach to %s device %s: %s; %s".formatted(mode, name, Errno.text(errno), remedy));
    }
}
