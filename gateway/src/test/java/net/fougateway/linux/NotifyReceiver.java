package net.fougateway.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The service manager's end of a notification socket. */
public final class NotifyReceiver implements Closeable {

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    /** systemd throws longer messages away. */
    private static final int LONGEST_BYTES = 4096;

    private static final long PATIENCE_SECONDS = 30;
    private static final long PAUSE_MILLIS = 2;

    private final NativeMemory message = NativeMemory.allocate(LONGEST_BYTES + 1);
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::receive, "notify-receiver");
    private final int fd;
    private volatile boolean closed;

    /**
     * Receives from now on.
     *
     * @param path as the kernel wants it: a path, or a NUL character and an abstract name
     */
    public NotifyReceiver(String path) {
        fd = Libc.socket(AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
        byte[] bytes = path.getBytes(UTF_8);
        NativeMemory address = NativeMemory.allocate(Short.BYTES + bytes.length);
        address.buffer().putShort(0, (short) AF_UNIX).put(Short.BYTES, bytes);
        assertThat(address.call(at -> Libc.bind(fd, at, Short.BYTES + bytes.length)))
                .as("bind to %s", path)
                .isZero();
        thread.start();
    }

    /** The next message, which must come soon. */
    public String next() throws InterruptedException {
        String next = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("a message within %d s", PATIENCE_SECONDS).isNotNull();
        return next;
    }

    /** The next message that begins like this; those before it are forgotten. */
    public String next(String beginning) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        List<String> others = new ArrayList<>();
        for (String next = next(); System.nanoTime() < end; next = next()) {
            if (next.startsWith(beginning)) {
                return next;
            }
            others.add(next);
        }
        throw new AssertionError("no " + beginning + " within " + PATIENCE_SECONDS + " s, only " + others);
    }

    /** Forgets what has come, and returns all that comes in this time. */
    public List<String> during(Duration time) throws InterruptedException {
        messages.clear();
        Thread.sleep(time.toMillis());
        List<String> came = new ArrayList<>();
        messages.drainTo(came);
        return came;
    }

    private void receive() {
        try {
            while (!closed) {
                int length = message.call(to -> (int) Libc.recv(fd, to, LONGEST_BYTES + 1, 0));
                if (length < 0) {
                    Thread.sleep(PAUSE_MILLIS);
                } else {
                    messages.add(text(length));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String text(int length) {
        assertThat(length).isLessThanOrEqualTo(LONGEST_BYTES);
        byte[] bytes = new byte[length];
        message.buffer().get(0, bytes);
        return new String(bytes, UTF_8);
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Libc.close(fd);
    }
}
