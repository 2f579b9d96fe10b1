package net.fougateway.udp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;

/** The source address that the kernel gives to datagrams of ours. A route look-up would tell a temporary address, where there is one. */
public final class OuterSource {

    private static final int DISCARD_PORT = 9;

    private OuterSource() {}

    /**
     * Asks the kernel; nothing is sent.
     *
     * @param device interface or VRF that they leave by; empty for any
     * @param mark of the datagrams, which goes unheeded without CAP_NET_ADMIN; 0 for none
     * @throws LinuxException when there is no way to {@code remote}
     */
    public static InetAddress to(InetAddress remote, String device, int mark) throws LinuxException {
        int fd = UdpSocket.open(SocketAddress.family(remote));
        try {
            UdpSocket.preferPublicSource(fd, SocketAddress.family(remote));
            UdpSocket.bindToDevice(fd, device);
            UdpSocket.trySet(fd, UdpSocket.SOL_SOCKET, UdpSocket.SO_MARK, mark);
            NativeMemory memory = NativeMemory.allocate(Integer.BYTES + SocketAddress.MAX_BYTES);
            int length = SocketAddress.write(memory.buffer(), Integer.BYTES, remote, DISCARD_PORT);
            if (memory.call(at -> Libc.connect(fd, at + Integer.BYTES, length)) < 0) {
                throw Errno.lastFailure("find a source address for datagrams to " + remote.getHostAddress());
            }
            memory.buffer().putInt(0, SocketAddress.MAX_BYTES);
            memory.call(at -> Libc.getsockname(fd, at + Integer.BYTES, at));
            return address(memory, remote.getAddress().length);
        } finally {
            Libc.close(fd);
        }
    }

    private static InetAddress address(NativeMemory memory, int length) {
        byte[] bytes = new byte[length];
        memory.buffer().get(Integer.BYTES + (length == Integer.BYTES ? 4 : 8), bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
