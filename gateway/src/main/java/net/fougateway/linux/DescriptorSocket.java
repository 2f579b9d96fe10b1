package net.fougateway.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One end of a conversation between two processes of this host: a Unix socket of the kind {@code SOCK_SEQPACKET}, whose messages are text and
 * may carry open descriptors: unix(7), {@code SCM_RIGHTS}. One thread at a time uses it.
 */
public final class DescriptorSocket implements AutoCloseable {

    /** Longest text of a message, in bytes. */
    public static final int MOST_TEXT_BYTES = 60_000;
    /** Most descriptors of a message, as in the kernel: {@code SCM_MAX_FD}. */
    public static final int MOST_DESCRIPTORS = 253;

    /**
     * What came from the other end.
     *
     * @param text never empty
     * @param descriptors open; who takes the message closes them
     */
    public record Message(String text, List<Integer> descriptors) {}

    private static final int IOV_LENGTH = 8;
    private static final int HEADER_IOVECS = 16;
    private static final int HEADER_IOVEC_COUNT = 24;
    private static final int HEADER_CONTROL = 32;
    private static final int HEADER_CONTROL_LENGTH = 40;
    private static final int HEADER_FLAGS = 48;
    private static final int POLLFD_BYTES = 8;
    private static final short POLLIN = 1;
    private static final int SHUT_RD = 0;
    private static final int UCRED_BYTES = 12;
    private static final int UCRED_UID = 4;
    private static final int TIMEVAL_BYTES = 16;
    private static final int PATIENCE_SECONDS = 10;

    private final int fd;
    private final AtomicBoolean open = new AtomicBoolean(true);
    private final NativeMemory text = NativeMemory.allocate(MOST_TEXT_BYTES);
    private final NativeMemory control =
            NativeMemory.allocate(Sockets.CMSGHDR_BYTES + MOST_DESCRIPTORS * Integer.BYTES + Integer.BYTES);
    private final NativeMemory header = NativeMemory.allocate(Sockets.MSGHDR_BYTES + Sockets.IOVEC_BYTES);

    /** Around a connected socket, which it owns. Nothing that is sent waits longer than 10 s for the other end. */
    public DescriptorSocket(int fd) {
        this.fd = fd;
        NativeMemory patience = NativeMemory.allocate(TIMEVAL_BYTES);
        patience.buffer().putLong(0, PATIENCE_SECONDS);
        patience.call(time -> Libc.setsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_SNDTIMEO, time, TIMEVAL_BYTES));
    }

    /** User id of the process at the other end when it connected. */
    public int peerUid() throws LinuxException {
        NativeMemory credentials = NativeMemory.allocate(UCRED_BYTES + Integer.BYTES);
        credentials.buffer().putInt(UCRED_BYTES, UCRED_BYTES);
        int result = credentials.call(address ->
                Libc.getsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_PEERCRED, address, address + UCRED_BYTES));
        if (result < 0) {
            throw Errno.lastFailure("ask who is at the other end of a Unix socket");
        }
        return credentials.buffer().getInt(UCRED_UID);
    }

    /**
     * Sends a message.
     *
     * @param descriptors stay the caller's
     * @throws LinuxException when there is nobody any more who could get it
     */
    public void send(String message, List<Integer> descriptors) throws LinuxException {
        byte[] bytes = message.getBytes(UTF_8);
        if (bytes.length == 0 || bytes.length > MOST_TEXT_BYTES || descriptors.size() > MOST_DESCRIPTORS) {
            throw new IllegalArgumentException(bytes.length + " bytes, " + descriptors.size() + " descriptors");
        }
        text.buffer().put(0, bytes);
        int controlBytes = descriptors.isEmpty() ? 0 : Sockets.CMSGHDR_BYTES + descriptors.size() * Integer.BYTES;
        ByteBuffer rights = control.buffer();
        rights.putLong(0, controlBytes)
                .putInt(Long.BYTES, Sockets.SOL_SOCKET)
                .putInt(Long.BYTES + Integer.BYTES, Sockets.SCM_RIGHTS);
        for (int i = 0; i < descriptors.size(); i++) {
            rights.putInt(Sockets.CMSGHDR_BYTES + i * Integer.BYTES, descriptors.get(i));
        }
        prepare(bytes.length, controlBytes);
        if (header.call(address -> (int) Libc.sendmsg(fd, address, Sockets.MSG_NOSIGNAL)) < 0) {
            throw Errno.lastFailure("send to the other gateway");
        }
    }

    /** The header at hand, for {@code textBytes} of text and {@code controlBytes} of control messages. */
    private void prepare(int textBytes, int controlBytes) {
        header.buffer()
                .putLong(HEADER_IOVECS, header.address() + Sockets.MSGHDR_BYTES)
                .putLong(HEADER_IOVEC_COUNT, 1)
                .putLong(HEADER_CONTROL, controlBytes == 0 ? 0 : control.address())
                .putLong(HEADER_CONTROL_LENGTH, controlBytes)
                .putInt(HEADER_FLAGS, 0)
                .putLong(Sockets.MSGHDR_BYTES, text.address())
                .putLong(Sockets.MSGHDR_BYTES + IOV_LENGTH, textBytes);
    }

    /**
     * Waits for a message.
     *
     * @return nothing when the other end has closed, or has died
     * @throws LinuxException ETIMEDOUT when none comes in time
     */
    public Optional<Message> receive(Duration patience) throws LinuxException {
        if (!isReadable(fd, patience)) {
            throw Errno.failure(Errno.ETIMEDOUT.number(), "hear from the other gateway");
        }
        prepare(MOST_TEXT_BYTES, control.buffer().capacity());
        int bytes = header.call(address -> (int) Libc.recvmsg(fd, address, Sockets.MSG_CMSG_CLOEXEC));
        if (bytes <= 0) {
            return Optional.empty();
        }
        if ((header.buffer().getInt(HEADER_FLAGS) & Sockets.MSG_CTRUNC) != 0) {
            descriptors().forEach(Libc::close);
            throw Errno.failure(Errno.EMFILE.number(), "take descriptors from the other gateway");
        }
        byte[] received = new byte[bytes];
        text.buffer().get(0, received);
        return Optional.of(new Message(new String(received, UTF_8), descriptors()));
    }

    private List<Integer> descriptors() {
        List<Integer> descriptors = new ArrayList<>();
        long controlBytes = header.buffer().getLong(HEADER_CONTROL_LENGTH);
        long end = controlBytes < Sockets.CMSGHDR_BYTES ? 0 : control.buffer().getLong(0);
        for (int at = Sockets.CMSGHDR_BYTES; at < end; at += Integer.BYTES) {
            descriptors.add(control.buffer().getInt(at));
        }
        return descriptors;
    }

    /** True when something arrives at a descriptor in time. */
    public static boolean isReadable(int fd, Duration patience) {
        NativeMemory poll = NativeMemory.allocate(POLLFD_BYTES);
        poll.buffer().putInt(0, fd).putShort(Integer.BYTES, POLLIN);
        return poll.call(address -> Libc.poll(address, 1, (int) patience.toMillis())) > 0;
    }

    /** From now on the other end can send nothing more; what it has sent can still be received. */
    public void endReceiving() {
        Libc.shutdown(fd, SHUT_RD);
    }

    @Override
    public void close() {
        if (open.getAndSet(false)) {
            Libc.close(fd);
        }
    }
}
