package net.fougateway.cli;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when a file has new content, or on SIGHUP, on a thread of its own. Looks at the content itself, so that it does not matter how the
 * file came to be another: written over, renamed to, or by a symbolic link in its path that was exchanged, as Kubernetes does. New
 * content counts when it has not changed for a moment, so that a file half written is not taken.
 */
final class ConfigWatch {

    private static final Logger log = LoggerFactory.getLogger(ConfigWatch.class);
    private static final long PERIOD_MILLIS = 500;

    private final Path file;
    private final Runnable changed;
    private final Semaphore signals = new Semaphore(0);
    private byte[] known;
    private byte[] seen;

    /** Watches {@code file} from its present content on. */
    ConfigWatch(Path file, Runnable changed) {
        this.file = file;
        this.changed = changed;
        known = read();
        seen = known;
    }

    /** Begins. */
    void start() {
        catchHangup();
        Thread thread = new Thread(this::run, "config-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                boolean signalled = signals.tryAcquire(PERIOD_MILLIS, TimeUnit.MILLISECONDS);
                if (look() || signalled) {
                    known = seen;
                    changed.run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** True when there is new content that has stayed the same since the last look; a file that is not there is no news. */
    boolean look() {
        byte[] content = read();
        boolean settled = Arrays.equals(content, seen);
        seen = content;
        if (content == null || !settled || Arrays.equals(content, known)) {
            return false;
        }
        known = content;
        return true;
    }

    private byte[] read() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return null;
        }
    }

    /** By reflection, because the compiler calls the only class that can do it a proprietary one. */
    private void catchHangup() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object release = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        signals.release();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), release);
        } catch (ReflectiveOperationException e) {
            log.warn("SIGHUP is not heard, only changes of the file are: {}", e.toString());
        }
    }
}
