package net.fougateway.udp;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import net.fougateway.codec.FlowHash;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.SocketAddress;
import net.fougateway.route.Peer;

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
     */
    public record Kind(
            int family, Optional<InetAddress> local, int port, boolean checksum, boolean dontFragment, int ttl) {

        /** The sockets that packets to {@code peer} leave from. */
        public static Kind of(Peer peer) {
            return new Kind(
                    SocketAddress.family(peer.remote()),
                    peer.local(),
                    peer.sourcePort(),
                    peer.checksum(),
                    peer.pmtuDiscovery(),
                    peer.ttl());
        }

        /** The same without DF, for packets that are fragmented outside the tunnel. */
        public Kind fragmented() {
            return dontFragment ? new Kind(family, local, port, checksum, false, ttl) : this;
        }
    }

    /** Send buffer asked for, in bytes. */
    public static final int SEND_BUFFER_BYTES = 4 << 20;

    private final Kind kind;
    private final int[] sockets;
    private final boolean owned;
    private final BitSet ports = new BitSet();

    SourcePorts(Kind kind, int[] sockets, boolean owned) {
        this.kind = kind;
        this.sockets = sockets;
        this.owned = owned;
        if (kind.port() != 0) {
            ports.set(kind.port());
        }
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
     * Opens {@code count} sockets on ports spread evenly over {@code minPort..maxPort}; a port in use is replaced by the next
     * free one.
     *
     * @throws LinuxException when the range does not hold so many free ports
     */
    public static SourcePorts pool(Kind kind, int minPort, int maxPort, int count) throws LinuxException {
        SourcePorts pool = new SourcePorts(kind, new int[count], true);
        Arrays.fill(pool.sockets, -1);
        try {
            int port = minPort;
            for (int i = 0; i < count; i++) {
                port = Math.max(port, minPort + (int) ((long) i * (maxPort - minPort) / count));
                port = pool.openNextFree(i, port, maxPort) + 1;
            }
            return pool;
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
    }

    private int openNextFree(int index, int firstPort, int maxPort) throws LinuxException {
        for (int port = firstPort; port <= maxPort; port++) {
            int fd = open(kind);
            sockets[index] = fd;
            try {
                UdpSocket.bind(fd, localAddress(kind), port);
                ports.set(port);
                return port;
            } catch (LinuxException e) {
                if (e.errno() != Errno.EADDRINUSE.number()) {
                    throw e;
                }
                Libc.close(fd);
                sockets[index] = -1;
            }
        }
        throw new LinuxException(
                Errno.EADDRINUSE.number(),
                "not enough free UDP ports up to %d: widen source_ports.range or lower source_ports.sockets"
                        .formatted(maxPort));
    }

    /** Opens one socket on the pinned port of {@code kind}. */
    public static SourcePorts pinned(Kind kind) throws LinuxException {
        int fd = open(kind);
        SourcePorts one = new SourcePorts(kind, new int[] {fd}, true);
        try {
            UdpSocket.set(fd, UdpSocket.SOL_SOCKET, UdpSocket.SO_REUSEPORT, 1);
            UdpSocket.bind(fd, localAddress(kind), kind.port());
            return one;
        } catch (LinuxException e) {
            one.close();
            throw e;
        }
    }

    /** Sends from a socket that listens; {@code kind} is applied to it, and it is not closed with the pool. */
    public static SourcePorts shared(Kind kind, int fd) throws LinuxException {
        configure(kind, fd);
        return new SourcePorts(kind, new int[] {fd}, false);
    }

    private static int open(Kind kind) throws LinuxException {
        int fd = UdpSocket.open(kind.family());
        UdpSocket.receiveNothing(fd);
        configure(kind, fd);
        return fd;
    }

    private static void configure(Kind kind, int fd) throws LinuxException {
        UdpSocket.setDontFragment(fd, kind.family(), kind.dontFragment());
        UdpSocket.setSendChecksum(fd, kind.family(), kind.checksum());
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

    /** Socket for a flow, by its {@link FlowHash}. */
    public int socket(int flowHash) {
        return sockets[FlowHash.bucket(flowHash, sockets.length)];
    }

    /** True when one of the sockets has this port. */
    boolean has(int port) {
        return ports.get(port);
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
