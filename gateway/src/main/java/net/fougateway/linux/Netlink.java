package net.fougateway.linux;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * A route netlink socket, which acts on the network namespace of the thread that opened it. Any thread may use it, one at
 * a time.
 */
public final class Netlink implements AutoCloseable {

    static final int NETLINK_ROUTE = 0;
    static final int NETLINK_NETFILTER = 12;
    static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_ACK = 4;
    private static final int NLM_F_DUMP = 0x300;

    private static final int RECEIVE_BUFFER_BYTES = 65536;
    /** Whose acknowledgements fit into an ordinary receive buffer, and which fit into one datagram, a kilobyte each. */
    private static final int BATCH_REQUESTS = 64;

    private static final int DUMP_ATTEMPTS = 5;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final NativeMemory memory = NativeMemory.allocate(RECEIVE_BUFFER_BYTES);
    private final int fd;
    private int sequence;
    private boolean closed;

    private Netlink(int fd) {
        this.fd = fd;
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @throws LinuxException when the kernel gives no socket
     */
    public static Netlink open() throws LinuxException {
        return open(NETLINK_ROUTE);
    }

    static Netlink open(int protocol) throws LinuxException {
        int fd = Libc.socket(Sockets.AF_NETLINK, Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            throw Errno.lastFailure("open a netlink socket");
        }
        Netlink netlink = new Netlink(fd);
        netlink.setOptions();
        return netlink;
    }

    /** Older kernels lack some of these options and then answer in less detail. */
    private synchronized void setOptions() {
        memory.buffer().putInt(0, 1);
        for (int option : new int[] {NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK}) {
            Libc.setsockopt(fd, SOL_NETLINK, option, memory.address(), Integer.BYTES);
        }
        memory.buffer().putLong(0, TIMEOUT.toSeconds()).putLong(Long.BYTES, 0);
        Libc.setsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVTIMEO, memory.address(), 2 * Long.BYTES);
    }

    /**
     * Sends one request and waits for its acknowledgement.
     *
     * @param attempted what the request does, to follow the word "cannot" in an error
     * @return the messages that came before the acknowledgement
     * @throws LinuxException when the kernel refuses, with its words, or does not answer in time
     */
    synchronized List<NetlinkMessage> request(NetlinkRequest request, String attempted) throws LinuxException {
        List<NetlinkMessage> answers = new ArrayList<>();
        exchange(request.finish(++sequence, NLM_F_REQUEST | NLM_F_ACK), attempted, answers::add);
        return answers;
    }

    /**
     * Sends requests, many in one datagram, and waits for their acknowledgements.
     *
     * @param attempted what the request of an index does, to follow the word "cannot" in an error
     * @return in their order, why the kernel refused; empty for those that it did not
     * @throws LinuxException when it does not answer
     */
    synchronized List<Optional<LinuxException>> requestAll(List<NetlinkRequest> requests, IntFunction<String> attempted)
            throws LinuxException {
        List<Optional<LinuxException>> answers = new ArrayList<>();
        for (int from = 0; from < requests.size(); from += BATCH_REQUESTS) {
            int first = from;
            List<NetlinkRequest> batch = requests.subList(from, Math.min(from + BATCH_REQUESTS, requests.size()));
            requestBatch(batch, i -> attempted.apply(first + i), answers);
        }
        return answers;
    }

    private void requestBatch(
            List<NetlinkRequest> batch, IntFunction<String> attempted, List<Optional<LinuxException>> answers)
            throws LinuxException {
        int firstSequence = sequence + 1;
        ByteBuffer datagram = ByteBuffer.allocate(RECEIVE_BUFFER_BYTES);
        batch.forEach(request -> datagram.put(request.finish(++sequence, NLM_F_REQUEST | NLM_F_ACK)));
        send(datagram.flip(), attempted.apply(0));
        int answered = 0;
        while (answered < batch.size()) {
            String next = attempted.apply(answered);
            for (NetlinkMessage message : NetlinkMessage.parse(receive(next))) {
                if (message.isLast() && message.sequence() == firstSequence + answered) {
                    answers.add(failure(message, attempted.apply(answered)));
                    answered++;
                }
            }
        }
    }

    private static Optional<LinuxException> failure(NetlinkMessage last, String attempted) {
        try {
            checkSuccess(last, attempted);
            return Optional.empty();
        } catch (LinuxException refused) {
            return Optional.of(refused);
        }
    }

    /**
     * Lists a table, which may be far larger than memory: each message is looked at as it comes.
     *
     * @param attempted what the request does, to follow the word "cannot" in an error
     * @param pick what to keep of a message
     * @throws LinuxException as {@link #request}, or EINTR when the table keeps changing
     */
    synchronized <T> List<T> dump(NetlinkRequest request, String attempted, Function<NetlinkMessage, Stream<T>> pick)
            throws LinuxException {
        for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
            List<T> picked = new ArrayList<>();
            AtomicBoolean interrupted = new AtomicBoolean();
            exchange(request.finish(++sequence, NLM_F_REQUEST | NLM_F_DUMP), attempted, message -> {
                if (message.isInterrupted()) {
                    interrupted.setPlain(true);
                }
                pick.apply(message).forEach(picked::add);
            });
            if (!interrupted.getPlain()) {
                return picked;
            }
        }
        throw Errno.failure(Errno.EINTR.number(), attempted);
    }

    private void exchange(ByteBuffer request, String attempted, Consumer<NetlinkMessage> answers)
            throws LinuxException {
        send(request, attempted);
        while (true) {
            for (NetlinkMessage message : NetlinkMessage.parse(receive(attempted))) {
                if (message.sequence() != sequence) {
                    continue;
                }
                if (message.isLast()) {
                    checkSuccess(message, attempted);
                    return;
                }
                answers.accept(message);
            }
        }
    }

    private void send(ByteBuffer request, String attempted) throws LinuxException {
        if (closed) {
            throw Errno.failure(Errno.EBADF.number(), attempted);
        }
        int length = request.remaining();
        memory.buffer().duplicate().put(request);
        if (Libc.send(fd, memory.address(), length, 0) < 0) {
            throw Errno.lastFailure(attempted);
        }
    }

    private ByteBuffer receive(String attempted) throws LinuxException {
        long length;
        do {
            length = Libc.recv(fd, memory.address(), RECEIVE_BUFFER_BYTES, Sockets.MSG_TRUNC);
        } while (length < 0 && Errno.EINTR.is(Native.getLastError()));
        if (length < 0) {
            int errno = Native.getLastError();
            throw Errno.failure(Errno.EAGAIN.is(errno) ? Errno.ETIMEDOUT.number() : errno, attempted);
        }
        if (length > RECEIVE_BUFFER_BYTES) {
            throw Errno.failure(Errno.EMSGSIZE.number(), attempted);
        }
        byte[] copy = new byte[(int) length];
        memory.buffer().get(0, copy);
        return ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder());
    }

    private static void checkSuccess(NetlinkMessage last, String attempted) throws LinuxException {
        int errno = last.errno();
        if (errno != 0) {
            String words = last.extendedAcknowledgement().orElseGet(() -> Errno.text(errno));
            throw new LinuxException(errno, "cannot " + attempted + ": " + words);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
