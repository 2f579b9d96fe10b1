package net.fougateway.udp;

import com.sun.jna.Native;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.linux.Sockets;

/** Opens and configures UDP sockets. A socket is its file descriptor, a plain number, which the caller closes. */
final class UdpSocket {

    static final int SOL_SOCKET = Sockets.SOL_SOCKET;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = Sockets.SO_RCVBUF;
    static final int SO_NO_CHECK = 11;
    static final int SO_REUSEPORT = 15;
    static final int SO_BINDTODEVICE = 25;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_MARK = 36;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = Sockets.SO_RCVBUFFORCE;
    static final int SO_MEMINFO = 55;
    static final int SO_BINDTOIFINDEX = 62;

    static final int SOL_IP = 0;
    static final int IP_TOS = 1;
    static final int IP_TTL = 2;
    static final int IP_PKTINFO = 8;
    static final int IP_MTU_DISCOVER = 10;
    static final int IP_RECVTOS = 13;

    static final int SOL_IPV6 = 41;
    static final int IPV6_UNICAST_HOPS = 16;
    static final int IPV6_MTU_DISCOVER = 23;
    static final int IPV6_V6ONLY = 26;
    static final int IPV6_RECVPKTINFO = 49;
    static final int IPV6_PKTINFO = 50;
    static final int IPV6_HOPLIMIT = 52;
    static final int IPV6_RECVTCLASS = 66;
    static final int IPV6_TCLASS = 67;

    /** {@code IPV6_ADDR_PREFERENCES}. */
    static final int IPV6_SOURCE_PREFERENCES = 72;

    static final int SOL_UDP = 17;
    static final int UDP_NO_CHECK6_TX = 101;
    static final int UDP_NO_CHECK6_RX = 102;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    private static final long TENTATIVE_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long TENTATIVE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int PREFER_PUBLIC_SOURCE = 2;
    private static final String PRIVILEGED_PORT =
            ": ports below the sysctl net.ipv4.ip_unprivileged_port_start need the capability NET_BIND_SERVICE: give it "
                    + "(container: --cap-add NET_BIND_SERVICE; systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE), "
                    + "lower the sysctl, or choose a higher port";

    private static final int MEMINFO_WORDS = 9;
    private static final int MEMINFO_DROPS = 8;

    private UdpSocket() {}

    static int open(int family) throws LinuxException {
        int fd = Libc.socket(family, Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.lastFailure("open a UDP socket");
        }
        if (family == SocketAddress.AF_INET6) {
            set(fd, SOL_IPV6, IPV6_V6ONLY, 1);
        }
        return fd;
    }

    /** Waits for an IPv6 address that is tentative, as it is for a second or two after it was given to a device. */
    static void bind(int fd, InetAddress address, int port) throws LinuxException {
        long end = System.nanoTime() + (address instanceof Inet6Address ? TENTATIVE_NANOS : 0);
        while (!tryBind(fd, address, port)) {
            int errno = Native.getLastError();
            if (!Errno.EADDRNOTAVAIL.is(errno) || System.nanoTime() > end) {
                throw refused(errno, NetUtil.toAddressString(address), port);
            }
            LockSupport.parkNanos(TENTATIVE_POLL_NANOS);
        }
    }

    private static LinuxException refused(int errno, String address, int port) {
        LinuxException failure = Errno.failure(errno, "bind UDP " + address + " port " + port);
        String remedy = switch (Errno.nameOf(errno)) {
            case "EACCES" -> PRIVILEGED_PORT;
            case "EADDRNOTAVAIL" ->
                ": no device of this host has the address (yet): see 'ip address', give it to one, "
                        + "or correct local in listen or peers";
            case "EADDRINUSE" ->
                ": another process has the port: see who with 'ss -uanp sport = :%d', or choose another"
                        .formatted(port);
            case "EINVAL" -> ": it holds on one link only, which cannot be told here: write another address as local";
            default -> "";
        };
        return new LinuxException(errno, failure.getMessage() + remedy);
    }

    private static boolean tryBind(int fd, InetAddress address, int port) {
        NativeMemory memory = NativeMemory.allocate(SocketAddress.MAX_BYTES);
        int length = SocketAddress.write(memory.buffer(), 0, address, port);
        return memory.call(socketAddress -> Libc.bind(fd, socketAddress, length)) == 0;
    }

    static void set(int fd, int level, int option, int value) throws LinuxException {
        if (!trySet(fd, level, option, value)) {
            throw Errno.lastFailure("set socket option %d/%d to %d".formatted(level, option, value));
        }
    }

    static boolean trySet(int fd, int level, int option, int value) {
        NativeMemory memory = NativeMemory.allocate(Integer.BYTES);
        memory.buffer().putInt(0, value);
        return memory.call(address -> Libc.setsockopt(fd, level, option, address, Integer.BYTES)) == 0;
    }

    static int get(int fd, int level, int option) {
        return getWord(fd, level, option, 1, 0);
    }

    private static int getWord(int fd, int level, int option, int words, int index) {
        NativeMemory memory = NativeMemory.allocate(Integer.BYTES * (words + 1));
        memory.buffer().putInt(0, Integer.BYTES * words);
        int result = memory.call(address -> Libc.getsockopt(fd, level, option, address + Integer.BYTES, address));
        return result < 0 ? 0 : memory.buffer().getInt(Integer.BYTES * (index + 1));
    }

    /** Datagrams that the kernel dropped because the receive buffer was full. */
    static long receiveDrops(int fd) {
        return getWord(fd, SOL_SOCKET, SO_MEMINFO, MEMINFO_WORDS, MEMINFO_DROPS) & 0xffffffffL;
    }

    /** Sets a buffer size, past the system's limit where we may; returns the size in force. */
    static int setBuffer(int fd, int force, int ordinary, int bytes) {
        if (!trySet(fd, SOL_SOCKET, force, bytes)) {
            trySet(fd, SOL_SOCKET, ordinary, bytes);
        }
        return get(fd, SOL_SOCKET, ordinary) / 2;
    }

    /**
     * Binds a socket to an interface or VRF; an empty name is none.
     *
     * @throws LinuxException ENODEV when there is no such interface
     */
    static void bindToDevice(int fd, String device) throws LinuxException {
        if (device.isEmpty()) {
            return;
        }
        byte[] name = device.getBytes(StandardCharsets.UTF_8);
        NativeMemory memory = NativeMemory.allocate(name.length);
        memory.buffer().put(0, name);
        if (memory.call(address -> Libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, address, name.length)) < 0) {
            int errno = Native.getLastError();
            String remedy = Errno.ENODEV.is(errno)
                    ? ": there is no such interface in this network namespace (yet): see 'ip link', or correct device"
                    : "";
            throw new LinuxException(
                    errno, Errno.failure(errno, "bind a socket to " + device).getMessage() + remedy);
        }
    }

    /** Binds a socket again that is bound to another interface than that of an index; false when it is not. */
    static boolean bindToDeviceAgain(int fd, String device, int index) throws LinuxException {
        if (get(fd, SOL_SOCKET, SO_BINDTOIFINDEX) == index) {
            return false;
        }
        bindToDevice(fd, device);
        return true;
    }

    /** Gives all that leaves a socket a mark; 0 is none. The kernel wants CAP_NET_ADMIN for it, also when nothing changes. */
    static void mark(int fd, int mark) throws LinuxException {
        if (get(fd, SOL_SOCKET, SO_MARK) != mark && !trySet(fd, SOL_SOCKET, SO_MARK, mark)) {
            int errno = Native.getLastError();
            throw new LinuxException(
                    errno,
                    Errno.failure(errno, "mark outer packets with " + Integer.toUnsignedString(mark))
                                    .getMessage()
                            + ": run as root or with CAP_NET_ADMIN, or set device.fwmark: off");
        }
    }

    static void setPathMtuDiscovery(int fd, int family, PathMtuDiscovery mode) throws LinuxException {
        if (family == SocketAddress.AF_INET) {
            set(fd, SOL_IP, IP_MTU_DISCOVER, mode.value());
        } else {
            set(fd, SOL_IPV6, IPV6_MTU_DISCOVER, mode.value());
        }
    }

    /** Never a temporary address (RFC 8981), which peers cannot know, unless there is no other. */
    static void preferPublicSource(int fd, int family) {
        if (family == SocketAddress.AF_INET6) {
            trySet(fd, SOL_IPV6, IPV6_SOURCE_PREFERENCES, PREFER_PUBLIC_SOURCE);
        }
    }

    static void setTtl(int fd, int family, int ttl) throws LinuxException {
        if (family == SocketAddress.AF_INET) {
            set(fd, SOL_IP, IP_TTL, ttl);
        } else {
            set(fd, SOL_IPV6, IPV6_UNICAST_HOPS, ttl);
        }
    }

    static void setSendChecksum(int fd, int family, boolean checksum) throws LinuxException {
        if (family == SocketAddress.AF_INET) {
            set(fd, SOL_SOCKET, SO_NO_CHECK, checksum ? 0 : 1);
        } else {
            set(fd, SOL_UDP, UDP_NO_CHECK6_TX, checksum ? 0 : 1);
        }
    }

    /** Makes the kernel drop all that arrives, for a socket that only sends. */
    static void receiveNothing(int fd) throws LinuxException {
        NativeMemory memory = NativeMemory.allocate(24);
        // struct sock_fprog {1, pointer} and one struct sock_filter: BPF_RET | BPF_K, 0
        memory.buffer().putShort(0, (short) 1).putLong(8, memory.address() + 16);
        memory.buffer().putShort(16, (short) 6);
        if (memory.call(program -> Libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 16)) < 0) {
            throw Errno.lastFailure("attach a filter to a source-port socket");
        }
    }
}
