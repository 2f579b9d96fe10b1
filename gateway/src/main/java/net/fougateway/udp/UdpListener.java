package net.fougateway.udp;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import net.fougateway.codec.PortPayload;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.SocketAddress;

/**
 * A socket that FOU datagrams arrive at: one of several on the same port, one for each worker, among which the kernel spreads
 * the senders' source ports.
 *
 * @param fd descriptor, owned by the channel that is made of it
 * @param address local address
 * @param port UDP port
 * @param device interface or VRF that it is bound to; empty for none
 * @param payload what the port carries
 * @param receiveBufferBytes receive buffer in force
 * @param gro whether {@code UDP_GRO} is on
 */
public record UdpListener(
        int fd,
        InetAddress address,
        int port,
        String device,
        PortPayload payload,
        int receiveBufferBytes,
        boolean gro) {

    /** Receive buffer asked for, in bytes. */
    public static final int RECEIVE_BUFFER_BYTES = 8 << 20;

    /**
     * Makes sure that nobody else has the port; {@code SO_REUSEPORT} would let another gateway of the same user share it, and
     * traffic would be torn between the two.
     *
     * @throws LinuxException with {@code EADDRINUSE} when somebody has
     */
    public static void requireFree(InetAddress address, int port, String device) throws LinuxException {
        int fd = UdpSocket.open(SocketAddress.family(address));
        try {
            UdpSocket.bindToDevice(fd, device);
            UdpSocket.bind(fd, address, port);
        } catch (LinuxException e) {
            throw e.errno() == Errno.EADDRINUSE.number() ? inUse(address, port) : e;
        } finally {
            Libc.close(fd);
        }
    }

    /** False when the kernel runs without the address family of {@code address}, as with {@code ipv6.disable=1}. */
    public static boolean isFamilySupported(InetAddress address) {
        try {
            Libc.close(UdpSocket.open(SocketAddress.family(address)));
            return true;
        } catch (LinuxException e) {
            return e.errno() != Errno.EAFNOSUPPORT.number();
        }
    }

    private static LinuxException inUse(InetAddress address, int port) {
        return new LinuxException(
                Errno.EADDRINUSE.number(),
                ("UDP port %d on %s is in use by another process: see who with 'ss -ulnp sport = :%d', "
                                + "or choose another listen.port")
                        .formatted(port, NetUtil.toAddressString(address), port));
    }

    /** Opens one more socket on the port. */
    public static UdpListener open(InetAddress address, int port, String device, PortPayload payload, boolean wantGro)
            throws LinuxException {
        int family = SocketAddress.family(address);
        int fd = UdpSocket.open(family);
        try {
            UdpSocket.set(fd, UdpSocket.SOL_SOCKET, UdpSocket.SO_REUSEPORT, 1);
            UdpSocket.bindToDevice(fd, device);
            UdpListener listener = inherited(fd, address, port, device, payload, wantGro);
            if (family == SocketAddress.AF_INET) {
                UdpSocket.set(fd, UdpSocket.SOL_IP, UdpSocket.IP_RECVTOS, 1);
                UdpSocket.set(fd, UdpSocket.SOL_IP, UdpSocket.IP_PKTINFO, 1);
            } else {
                UdpSocket.set(fd, UdpSocket.SOL_IPV6, UdpSocket.IPV6_RECVTCLASS, 1);
                UdpSocket.set(fd, UdpSocket.SOL_IPV6, UdpSocket.IPV6_RECVPKTINFO, 1);
                UdpSocket.set(fd, UdpSocket.SOL_UDP, UdpSocket.UDP_NO_CHECK6_RX, 1);
            }
            UdpSocket.setPathMtuDiscovery(fd, family, PathMtuDiscovery.DEAF);
            UdpSocket.bind(fd, address, port);
            return listener;
        } catch (LinuxException e) {
            Libc.close(fd);
            throw e;
        }
    }

    /** One that another gateway has opened, on {@code device} and {@code port}. */
    public static UdpListener inherited(
            int fd, InetAddress address, int port, String device, PortPayload payload, boolean wantGro) {
        boolean gro = UdpSocket.trySet(fd, UdpSocket.SOL_UDP, UdpSocket.UDP_GRO, wantGro ? 1 : 0) && wantGro;
        int buffer = UdpSocket.setBuffer(fd, UdpSocket.SO_RCVBUFFORCE, UdpSocket.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
        return new UdpListener(fd, address, port, device, payload, buffer, gro);
    }

    /** As {@link SourcePorts#bindToDeviceAgain}. */
    public boolean bindToDeviceAgain(int index) throws LinuxException {
        return UdpSocket.bindToDeviceAgain(fd, device, index);
    }

    /** Switches {@code UDP_GRO} on or off. */
    public void join(boolean wanted) {
        UdpSocket.trySet(fd, UdpSocket.SOL_UDP, UdpSocket.UDP_GRO, wanted ? 1 : 0);
    }

    /** Datagrams that the kernel dropped because the receive buffer was full. */
    public long drops() {
        return UdpSocket.receiveDrops(fd);
    }
}
