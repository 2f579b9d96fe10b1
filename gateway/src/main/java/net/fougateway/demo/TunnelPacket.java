package net.fougateway.demo;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Map;
import net.fougateway.codec.Bytes;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;

/**
 * A packet of the underlay, as a line such as tcpdump prints.
 *
 * @param source outer address
 * @param sourcePort outer UDP port
 * @param destination outer address
 * @param destinationPort outer UDP port
 * @param inner the packet inside
 */
record TunnelPacket(String source, int sourcePort, String destination, int destinationPort, String inner) {

    private static final Map<Integer, String> PROTOCOLS =
            Map.of(Ip.ICMP, "ICMP", Ip.ICMPV6, "ICMPv6", Ip.TCP, "TCP", Ip.UDP, "UDP");

    /** Reads an IPv4 packet; null when it is not IP in UDP. */
    static TunnelPacket parse(ByteBuffer buffer, int length) {
        InnerPacket packet = new InnerPacket();
        if (packet.parse(buffer, 0, length) != null || packet.protocol() != Ip.UDP) {
            return null;
        }
        int udp = packet.transportOffset();
        int payload = udp + Ip.UDP_HEADER_BYTES;
        String source = address(buffer, 12, 4);
        String destination = address(buffer, 16, 4);
        if (packet.parse(buffer, payload, length - payload) != null) {
            return null;
        }
        return new TunnelPacket(
                source, Bytes.u16(buffer, udp), destination, Bytes.u16(buffer, udp + 2), describe(buffer, packet));
    }

    private static String describe(ByteBuffer buffer, InnerPacket packet) {
        int size = packet.isIpv4() ? 4 : 16;
        int addresses = packet.offset() + (packet.isIpv4() ? 12 : 8);
        boolean ports = packet.protocol() == Ip.TCP || packet.protocol() == Ip.UDP;
        int transport = packet.transportOffset();
        return address(buffer, addresses, size)
                + (ports ? ":" + Bytes.u16(buffer, transport) : "")
                + " > "
                + address(buffer, addresses + size, size)
                + (ports ? ":" + Bytes.u16(buffer, transport + 2) : "")
                + " "
                + PROTOCOLS.getOrDefault(packet.protocol(), "protocol " + packet.protocol());
    }

    private static String address(ByteBuffer buffer, int offset, int size) {
        byte[] bytes = new byte[size];
        buffer.get(offset, bytes);
        try {
            return NetUtil.toAddressString(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public String toString() {
        return "%s:%d > %s:%d UDP | %s".formatted(source, sourcePort, destination, destinationPort, inner);
    }
}
