package net.fougateway.udp;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.FlowHash;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.SocketAddress;

/**
 * The sockets that outer packets leave from: a pool of sockets on ports of their own, of which the inner flow's hash picks one,
 * so that ECMP routers and RSS cards spread the flows ({@code encap-sport auto}); or a single socket on a pinned port.
 *
 * <p>The sockets only send. Whatever arrives at them is dropped by the kernel. Workers share them.
 */
public final class SourcePorts implements AutoCloseable {

    /**
     * What all sockets of a pool have in common, because the kernel knows it per socket only.
     *
     * @param family {@link SocketAddress#AF_INET} or {@link SocketAddress#AF_INET6}
     * @param local source address, empty for the kernel's choice
     * @param port pinned port, or 0 for a pool
     * @param checksum whether the UDP checksum is sent
     * @param dontFragment whether DF is set
     * @param ttl TTL or hop limit, 0 for the system's default
     * @param device interface or VRF that they are bound to; empty for none
     * @param mark of the datagrams, 0 for none
     */
    public record Kind(
            int family,
            Optional<InetAddress> local,
            int port,
            boolean checksum,
            boolean dontFragment,
            int ttl,
            String device,
            int mark) {

        /** The same without DF, for packets that are fragmented outside the tunnel. */
        public Kind fragmented() {
            return dontFragment ? new Kind(family, local, port, checksum, false, ttl, device, mark) : this;
        }

        /** What is left of it where peers share a socket: TTL and source address are in each message. */
        public Kind shared() {
            return new Kind(family, Optional.empty(), port, checksum, dontFragment, 0, device, mark);
        }

        /** The same from a pool. */
        public Kind pooled() {
            return new Kind(family, local, 0, checksum, dontFragment, ttl, device, mark);
        }
    }

    /** Send buffer asked for, in bytes. */
    public static final int SEND_BUFFER_BYTES = 4 << 20;

    private final Kind kind;
    private final int[] sockets;
    private final int[] ports;
    private final boolean owned;

    SourcePorts(Kind kind, int[] sockets, int[] ports, boolean owned) {
        this.kind = kind;
        this.sockets = sockets;
        this.ports = ports;
        this.owned = owned;
    }

    /** True when the kernel has {@code UDP_SEGMENT}, as Linux has since 4.18. */
    public static boolean kernelSegments() {
        try {
            int fd = UdpSocket.open(SocketAddress.AF_INET);
            boolean segments = UdpSocket.trySet(fd, UdpSocket.SOL_UDP, UdpSocket.UDP_SEGMENT, 1200);
            Libc.close(fd);
            return segments;
        } catch (LinuxException e) {
            return false;
        }
    }

    /**
     * Where sockets come from.
     *
     * @param min first port that a pool may use
     * @param max last one
     * @param avoided ports that it may not use all the same
     * @param ownDiscovery whether the gateway hears of ICMP errors itself, so that the kernel need not believe them
     */
    public record Supply(int min, int max, BitSet avoided, boolean ownDiscovery) {}

    /**
     * Opens {@code count} sockets on ports that nobody can guess, so that nobody can forge an error about a datagram without having seen
     * one.
     *
     * @throws LinuxException when the range does not hold so many free ports
     */
    public static SourcePorts pool(Kind kind, Supply supply, int count) throws LinuxException {
        SourcePorts pool = new SourcePorts(kind, new int[count], new int[count], true);
        Arrays.fill(pool.sockets, -1);
        PortChoice choice = new PortChoice(supply.min(), supply.max(), supply.avoided(), new SecureRandom());
        try {
            for (int i = 0; i < count; i++) {
                pool.openFree(i, choice, supply);
            }
            return pool;
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
    }

    private void openFree(int index, PortChoice choice, Supply supply) throws LinuxException {
        while (!choice.isEmpty()) {
            int port = choice.draw();
            sockets[index] = open(kind, supply);
            ports[index] = port;
            try {
                UdpSocket.bind(sockets[index], localAddress(kind), port);
                return;
            } catch (LinuxException e) {
                if (e.errno() != Errno.EADDRINUSE.number()) {
                    throw e;
                }
                Libc.close(sockets[index]);
                sockets[index] = -1;
            }
        }
        throw new LinuxException(
                Errno.EADDRINUSE.number(),
                ("not enough free UDP ports in %d-%d: widen source_ports.range, lower source_ports.sockets, "
                                + "or see what net.ipv4.ip_local_reserved_ports keeps for others")
                        .formatted(supply.min(), supply.max()));
    }

    /** Opens one socket on the pinned port of {@code kind}. */
    public static SourcePorts pinned(Kind kind, Supply supply) throws LinuxException {
        int fd = open(kind, supply);
        SourcePorts one = new SourcePorts(kind, new int[] {fd}, new int[] {kind.port()}, true);
        try {
            UdpSocket.set(fd, UdpSocket.SOL_SOCKET, UdpSocket.SO_REUSEPORT, 1);
            UdpSocket.bind(fd, localAddress(kind), kind.port());
            return one;
        } catch (LinuxException e) {
            one.close();
            throw e;
        }
    }

    /**
     * Sends from a socket that listens. DF and checksum of {@code kind} are set on it; TTL and source address, in which its peers may
     * differ, each message has to carry. It is not closed with the pool.
     *
     * @throws LinuxException when one of these cannot be had
     */
    public static SourcePorts shared(Kind kind, Supply supply, int fd) throws LinuxException {
        if (kind.local().isPresent()) {
            requireAddress(kind);
        }
        configure(kind.shared(), supply, fd);
        return new SourcePorts(kind.shared(), new int[] {fd}, new int[] {kind.port()}, false);
    }

    /**
     * Sockets of a kind that another gateway has opened.
     *
     * @throws LinuxException when the kernel refuses one of the options; then they are closed
     */
    public static SourcePorts inherited(Kind kind, Supply supply, List<Integer> sockets, List<Integer> ports)
            throws LinuxException {
        SourcePorts inherited = new SourcePorts(kind, ints(sockets), ints(ports), true);
        try {
            for (int fd : inherited.sockets) {
                configure(kind, supply, fd);
            }
            return inherited;
        } catch (LinuxException e) {
            inherited.close();
            throw e;
        }
    }

    private static int[] ints(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    private static void requireAddress(Kind kind) throws LinuxException {
        int fd = UdpSocket.open(kind.family());
        try {
            UdpSocket.bindToDevice(fd, kind.device());
            UdpSocket.bind(fd, localAddress(kind), 0);
        } finally {
            Libc.close(fd);
        }
    }

    private static int open(Kind kind, Supply supply) throws LinuxException {
        int fd = UdpSocket.open(kind.family());
        try {
            UdpSocket.receiveNothing(fd);
            UdpSocket.bindToDevice(fd, kind.device());
            configure(kind, supply, fd);
            return fd;
        } catch (LinuxException e) {
            Libc.close(fd);
            throw e;
        }
    }

    /**
     * Binds those sockets to their device again that are bound to another interface than that of an index, because it has been made anew
     * under the same name; true when there were some.
     */
    public boolean bindToDeviceAgain(int index) throws LinuxException {
        boolean any = false;
        for (int fd : owned ? sockets : new int[0]) {
            any |= UdpSocket.bindToDeviceAgain(fd, kind.device(), index);
        }
        return any;
    }

    private static void configure(Kind kind, Supply supply, int fd) throws LinuxException {
        PathMtuDiscovery discovery = supply.ownDiscovery() ? PathMtuDiscovery.OWN : PathMtuDiscovery.KERNEL;
        UdpSocket.setPathMtuDiscovery(fd, kind.family(), kind.dontFragment() ? discovery : PathMtuDiscovery.NONE);
        UdpSocket.setSendChecksum(fd, kind.family(), kind.checksum());
        UdpSocket.preferPublicSource(fd, kind.family());
        UdpSocket.mark(fd, kind.mark());
        UdpSocket.setBuffer(fd, UdpSocket.SO_SNDBUFFORCE, UdpSocket.SO_SNDBUF, SEND_BUFFER_BYTES);
        if (kind.ttl() != 0) {
            UdpSocket.setTtl(fd, kind.family(), kind.ttl());
        }
    }

    private static InetAddress localAddress(Kind kind) {
        return kind.local().orElseGet(() -> wildcard(kind.family()));
    }

    /** The wildcard address of an address family. */
    static InetAddress wildcard(int family) {
        try {
            return family == SocketAddress.AF_INET
                    ? Inet4Address.getByAddress(new byte[4])
                    : Inet6Address.getByAddress(new byte[16]);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Sets the options of a socket that listens again, after others may have set their own on it.
     *
     * @throws LinuxException when the kernel refuses
     */
    public void claim(Supply supply) throws LinuxException {
        if (!owned) {
            configure(kind, supply, sockets[0]);
        }
    }

    /** Socket for a flow, by its {@link FlowHash}. */
    public int socket(int flowHash) {
        return sockets[FlowHash.bucket(flowHash, sockets.length)];
    }

    /** Port of the socket for a flow, by its {@link FlowHash}. */
    public int port(int flowHash) {
        return ports[FlowHash.bucket(flowHash, ports.length)];
    }

    /** All ports, in the order of {@link FlowHash#bucket}. */
    public int[] ports() {
        return ports.clone();
    }

    /** Its own sockets, in the order of {@link #ports}; none where it sends from one that listens. They stay its own. */
    public List<Integer> ownSockets() {
        return owned ? Arrays.stream(sockets).boxed().toList() : List.of();
    }

    /** True when one of the sockets has this port. */
    public boolean has(int port) {
        for (int own : ports) {
            if (own == port) {
                return true;
            }
        }
        return false;
    }

    /** True when only who has seen a datagram can tell its source port. */
    public boolean isUnguessable() {
        return kind.port() == 0;
    }

    /** What the sockets have in common. */
    public Kind kind() {
        return kind;
    }

    /** Number of source ports. */
    public int size() {
        return sockets.length;
    }

    /** Send buffer in force, in bytes. The kernel doubles what is asked for, to have room for its own. */
    public int sendBufferBytes() {
        return UdpSocket.get(sockets[0], UdpSocket.SOL_SOCKET, UdpSocket.SO_SNDBUF) / 2;
    }

    @Override
    public void close() {
        for (int fd : sockets) {
            if (owned && fd >= 0) {
                Libc.close(fd);
            }
        }
    }
}
