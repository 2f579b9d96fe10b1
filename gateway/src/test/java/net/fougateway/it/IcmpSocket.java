package net.fougateway.it;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.fougateway.codec.Naive;

/** Sends ICMP and ICMPv6 messages, true ones and forged ones, from the calling thread's namespace. */
final class IcmpSocket implements AutoCloseable {

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_RAW = 3;

    private final int fd;
    private final boolean ipv4;

    /** To one host. */
    IcmpSocket(InetAddress to) {
        this(to, to.getAddress().length == 4 ? 1 : 58);
    }

    /** To one host, of another protocol. */
    static IcmpSocket raw(InetAddress to, int protocol) {
        return new IcmpSocket(to, protocol);
    }

    private IcmpSocket(InetAddress to, int protocol) {
        byte[] bytes = to.getAddress();
        ipv4 = bytes.length == 4;
        fd = LibC.socket(ipv4 ? AF_INET : AF_INET6, SOCK_RAW, protocol);
        ByteBuffer address = ByteBuffer.allocate(ipv4 ? 16 : 28).order(ByteOrder.nativeOrder());
        address.putShort((short) (ipv4 ? AF_INET : AF_INET6)).position(ipv4 ? 4 : 8);
        address.put(bytes);
        LibC.connect(fd, address.array(), address.capacity());
    }

    /** Says that a packet was too big; the kernel completes the checksum of ICMPv6 alone. */
    void tooBig(int mtuBytes, byte[] quoted) {
        send(ipv4 ? 3 : 2, ipv4 ? 4 : 0, mtuBytes, quoted);
    }

    /** Says that the destination is unreachable. */
    void unreachable(byte[] quoted) {
        send(ipv4 ? 3 : 1, ipv4 ? 1 : 0, 0, quoted);
    }

    private void send(int type, int code, int rest, byte[] quoted) {
        ByteBuffer message = ByteBuffer.allocate(8 + quoted.length)
                .put((byte) type)
                .put((byte) code)
                .putShort((short) 0)
                .putInt(rest)
                .put(quoted);
        message.putShort(2, (short) Naive.checksum(message.array()));
        send(message.array());
    }

    /** Sends what follows the IP header. */
    void send(byte[] bytes) {
        LibC.send(fd, bytes, bytes.length, 0);
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
