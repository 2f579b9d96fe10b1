package net.fougateway.icmp;

import com.sun.jna.Native;
import io.netty.channel.local.LocalAddress;
import java.io.IOException;
import net.fougateway.channel.BatchChannel;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.NativeMemory;

/** A raw ICMP socket as a Netty channel: reads one {@link UnderlayIcmp} after the other, and writes nothing. */
public final class IcmpChannel extends BatchChannel {

    private static final int BUFFER_BYTES = 65_536;
    private static final int MAX_PASSED_OVER = 16;

    private final boolean ipv4;
    private final UnderlayIcmp message = new UnderlayIcmp();
    private final NativeMemory memory = NativeMemory.allocate(BUFFER_BYTES);

    /** A channel that owns the socket's descriptor. */
    public IcmpChannel(IcmpSocket socket) {
        super(socket.fd(), new LocalAddress(socket.ipv4() ? "icmp" : "icmpv6"));
        ipv4 = socket.ipv4();
    }

    /** Passes over messages that are no business of a tunnel. */
    @Override
    protected Object readBatch() throws IOException {
        for (int i = 0; i < MAX_PASSED_OVER; i++) {
            int length = receive();
            if (length == 0) {
                return null;
            }
            if (message.parse(memory.buffer(), 0, length, ipv4)) {
                return message;
            }
        }
        return null;
    }

    /** Returns 0 when there was nothing to read. */
    private int receive() throws IOException {
        int length = (int) Libc.recv(fd().intValue(), memory.address(), BUFFER_BYTES, 0);
        if (length >= 0) {
            return length;
        }
        int errno = Native.getLastError();
        if (Errno.EAGAIN.is(errno) || Errno.EINTR.is(errno) || Errno.ENOMEM.is(errno) || Errno.ECONNABORTED.is(errno)) {
            return 0;
        }
        throw new IOException("cannot receive ICMP: " + Errno.text(errno));
    }

    @Override
    protected boolean wasFull() {
        return true;
    }
}
