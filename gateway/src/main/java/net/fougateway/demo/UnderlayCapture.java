package net.fougateway.demo;

import java.io.IOException;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Sockets;

/** A packet socket on the wire, as tcpdump opens it. It sees both directions. */
final class UnderlayCapture implements AutoCloseable {

    /** In network byte order. */
    private static final short ETH_P_ALL = 0x0300;

    private static final int SOCKET_ADDRESS_BYTES = 20;
    private static final int BUFFER_BYTES = 65536;

    private final NativeMemory memory = NativeMemory.allocate(BUFFER_BYTES);
    private final int fd;

    private UnderlayCapture(int fd) {
        this.fd = fd;
    }

    /** Captures from now on what crosses an interface in the network namespace of the calling thread. */
    static UnderlayCapture open(String device) throws LinuxException, IOException {
        int index = NetworkInterface.getByName(device).getIndex();
        int fd = Libc.socket(Sockets.AF_PACKET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.lastFailure("open a packet socket");
        }
        UnderlayCapture capture = new UnderlayCapture(fd);
        capture.bind(index);
        return capture;
    }

    private void bind(int index) throws LinuxException {
        memory.buffer()
                .putShort(0, (short) Sockets.AF_PACKET)
                .putShort(2, ETH_P_ALL)
                .putInt(4, index);
        if (memory.call(address -> Libc.bind(fd, address, SOCKET_ADDRESS_BYTES)) < 0) {
            close();
            throw Errno.lastFailure("capture on interface " + index);
        }
    }

    /**
     * IPv4 packets since the last call.
     *
     * @throws DemoException when one of them is not IP in UDP
     */
    List<TunnelPacket> read() throws DemoException {
        List<TunnelPacket> packets = new ArrayList<>();
        while (true) {
            int length = memory.call(packet -> (int) Libc.recv(fd, packet, BUFFER_BYTES, Sockets.MSG_DONTWAIT));
            if (length < 0) {
                return packets;
            }
            if (length > 0 && memory.buffer().get(0) >>> 4 == 4) {
                packets.add(parse(length));
            }
        }
    }

    private TunnelPacket parse(int length) throws DemoException {
        TunnelPacket packet = TunnelPacket.parse(memory.buffer(), length);
        if (packet == null) {
            throw new DemoException("an IPv4 packet crossed the wire outside the tunnel, of protocol "
                    + memory.buffer().get(9));
        }
        return packet;
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
