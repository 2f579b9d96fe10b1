package net.fougateway.udp;

import com.sun.jna.Native;
import net.fougateway.linux.Libc;
import net.fougateway.linux.Sockets;

/** The system calls of the kernel. */
public final class KernelUdp implements UdpSystemCalls {

    @Override
    public int sendmmsg(int fd, long messages, int count) {
        int sent = Libc.sendmmsg(fd, messages, count, Sockets.MSG_DONTWAIT);
        return sent < 0 ? -Native.getLastError() : sent;
    }

    @Override
    public int recvmmsg(int fd, long messages, int count) {
        int received = Libc.recvmmsg(fd, messages, count, Sockets.MSG_DONTWAIT, 0);
        return received < 0 ? -Native.getLastError() : received;
    }
}
