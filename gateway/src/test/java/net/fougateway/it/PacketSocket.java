package net.fougateway.it;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A packet socket on one device of the calling thread's namespace: packets as the device sees them, without link header. */
final class PacketSocket implements AutoCloseable {

    static final int ETH_P_ALL = 0x0003;
    static final int ETH_P_IP = 0x0800;
    static final int ETH_P_IPV6 = 0x86dd;

    private final int fd;
    private final byte[] buffer = new byte[65536];

    private PacketSocket(int fd) {
        this.fd = fd;
    }

    /** For reading all that passes {@code device}, in and out, from the IP header on. */
    static PacketSocket reader(String device) {
        return open(LibC.SOCK_DGRAM, device, ETH_P_ALL);
    }

    /** The same from the Ethernet header on; the kernel takes the outermost VLAN tag of what comes in away. */
    static PacketSocket frames(String device) {
        return open(LibC.SOCK_RAW, device, ETH_P_ALL);
    }

    /** For sending bytes as they are out of {@code device}, its link header, where it has one, included. */
    static PacketSocket writer(String device, int protocol) {
        return open(LibC.SOCK_RAW, device, protocol);
    }

    private static PacketSocket open(int type, String device, int protocol) {
        PacketSocket socket = new PacketSocket(LibC.socket(LibC.AF_PACKET, type, 0));
        byte[] address = ByteBuffer.allocate(20)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_PACKET)
                .put((byte) (protocol >> 8))
                .put((byte) protocol)
                .putInt(LibC.if_nametoindex(device))
                .array();
        LibC.bind(socket.fd, address, address.length);
        return socket;
    }

    /** Sends one packet. */
    void send(byte[] packet) {
        LibC.send(fd, packet, packet.length, 0);
    }

    /** The next packet; empty if none waits. */
    byte[] poll() {
        long length = LibC.recv(fd, buffer, buffer.length, LibC.MSG_DONTWAIT);
        return Arrays.copyOf(buffer, (int) Math.max(0, length));
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
