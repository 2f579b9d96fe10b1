package net.fougateway.it;

import com.sun.jna.Memory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A UDP socket that hands many datagrams of one size to the kernel at once, or takes them so, as applications with QUIC do. */
final class SegmentSocket implements AutoCloseable {

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int RECEIVE_BUFFER_BYTES = 16 << 20;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;

    private static final int DATA_BYTES = 65536;
    private static final int CONTROL_BYTES = 64;
    private static final int HEADER_BYTES = 56;
    private static final int VECTOR_BYTES = 16;

    private final int fd;
    private final Memory data = new Memory(DATA_BYTES);
    private final Memory control = new Memory(CONTROL_BYTES);
    private final Memory vector = new Memory(VECTOR_BYTES);
    private final Memory header = new Memory(HEADER_BYTES);

    private SegmentSocket(InetAddress address) {
        fd = LibC.socket(address instanceof Inet4Address ? LibC.AF_INET : LibC.AF_INET6, LibC.SOCK_DGRAM, 0);
    }

    /** Sends to {@code address}, each message cut into datagrams of {@code segmentBytes}; 0: not cut. */
    static SegmentSocket sender(String address, int port, int segmentBytes) throws UnknownHostException {
        InetAddress target = InetAddress.getByName(address);
        SegmentSocket socket = new SegmentSocket(target);
        byte[] name = name(target, port);
        LibC.connect(socket.fd, name, name.length);
        socket.set(SOL_UDP, UDP_SEGMENT, segmentBytes);
        return socket;
    }

    /** Receives at {@code address}; with {@code gro} it takes joined datagrams. */
    static SegmentSocket receiver(String address, int port, boolean gro) throws UnknownHostException {
        InetAddress local = InetAddress.getByName(address);
        SegmentSocket socket = new SegmentSocket(local);
        socket.set(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
        socket.set(SOL_UDP, UDP_GRO, gro ? 1 : 0);
        byte[] name = name(local, port);
        LibC.bind(socket.fd, name, name.length);
        return socket;
    }

    /** Sends one message. */
    void send(byte[] message) {
        LibC.send(fd, message, message.length, 0);
    }

    /** The datagrams of the next message: one, or several that the kernel had joined; none if no message waits. */
    List<byte[]> poll() {
        vector.setPointer(0, data);
        vector.setLong(8, DATA_BYTES);
        header.clear();
        header.setPointer(16, vector);
        header.setLong(24, 1);
        header.setPointer(32, control);
        header.setLong(40, CONTROL_BYTES);
        int length = (int) LibC.recvmsg(fd, header, LibC.MSG_DONTWAIT);
        List<byte[]> datagrams = new ArrayList<>();
        if (length > 0) {
            byte[] bytes = data.getByteArray(0, length);
            int segmentBytes = segmentBytes(length);
            for (int at = 0; at < length; at += segmentBytes) {
                datagrams.add(Arrays.copyOfRange(bytes, at, Math.min(at + segmentBytes, length)));
            }
        }
        return datagrams;
    }

    @Override
    public void close() {
        LibC.close(fd);
    }

    /** The kernel tells the size only of what it had joined. */
    private int segmentBytes(int length) {
        boolean told = header.getLong(40) > 0 && control.getInt(8) == SOL_UDP && control.getInt(12) == UDP_GRO;
        return told ? control.getInt(16) : length;
    }

    private void set(int level, int option, int value) {
        LibC.setsockopt(fd, level, option, new int[] {value}, Integer.BYTES);
    }

    /** The kernel's {@code sockaddr_in} or {@code sockaddr_in6}. */
    private static byte[] name(InetAddress address, int port) {
        boolean ipv4 = address instanceof Inet4Address;
        short family = (short) (ipv4 ? LibC.AF_INET : LibC.AF_INET6);
        ByteBuffer name = ByteBuffer.allocate(ipv4 ? 16 : 28);
        name.order(ByteOrder.nativeOrder()).putShort(family);
        name.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
        return name.put(ipv4 ? 4 : 8, address.getAddress()).array();
    }
}
