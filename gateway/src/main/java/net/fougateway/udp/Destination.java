package net.fougateway.udp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;

/**
 * Where datagrams go, and which source address they bear, as the kernel wants to be told. Immutable; any thread may use it, and the memory
 * lives as long as it does.
 */
public final class Destination {

    /** In place of an IPv4 address for {@link SendBatch#select}: the address that the destination has itself. */
    public static final long FIXED = -2;

    private static final int PKTINFO_BYTES = 12;
    private static final int PKTINFO6_BYTES = 20;
    /** Offset of {@code ipi_spec_dst} in {@code struct in_pktinfo}. */
    private static final int PKTINFO_SOURCE = 4;

    private final NativeMemory socketAddress = NativeMemory.allocate(SocketAddress.MAX_BYTES);
    private final int length;
    private final int port;
    private final boolean ipv4;
    private final byte[] source;

    /**
     * The destination at a UDP port.
     *
     * @param source address that each message has to say; empty where the sockets are bound to it, or the kernel may choose
     */
    public Destination(InetAddress address, int port, Optional<InetAddress> source) {
        length = SocketAddress.write(socketAddress.buffer(), 0, address, port);
        this.port = port;
        ipv4 = address instanceof Inet4Address;
        this.source = source.map(InetAddress::getAddress).orElse(null);
    }

    /** UDP port. */
    public int port() {
        return port;
    }

    boolean isIpv4() {
        return ipv4;
    }

    /** Address of the {@code sockaddr}. */
    long address() {
        return socketAddress.address();
    }

    /** Length of the {@code sockaddr}. */
    int length() {
        return length;
    }

    /** Writes the control message that says which source address to send from, where one is to be said; returns its room. */
    int writeSource(ByteBuffer control, int at) {
        if (source == null) {
            return 0;
        }
        int room = ipv4
                ? ControlMessage.writeZeros(control, at, UdpSocket.SOL_IP, UdpSocket.IP_PKTINFO, PKTINFO_BYTES)
                : ControlMessage.writeZeros(control, at, UdpSocket.SOL_IPV6, UdpSocket.IPV6_PKTINFO, PKTINFO6_BYTES);
        control.put(ControlMessage.value(at) + (ipv4 ? PKTINFO_SOURCE : 0), source);
        return room;
    }
}
