package net.fougateway.cli;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import net.fougateway.linux.Libc;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The SIGHUPs of this process. From {@link #hear} on they no longer end it, but are kept until somebody waits for them. */
final class Hangups {

    private static final Logger log = LoggerFactory.getLogger(Hangups.class);
    private static final int SIGHUP = 1;
    private static final Semaphore ARRIVED = new Semaphore(0);

    private Hangups() {}

    /**
     * Begins to keep them. A process that was started with SIGHUP ignored, as the launcher and nohup(1) do, hears it too.
     *
     * <p>By reflection, because the compiler calls the only class that can do it a proprietary one.
     */
    static void hear() {
        try {
            if (handle().equals(Class.forName("sun.misc.SignalHandler")
                    .getField("SIG_IGN")
                    .get(null))) {
                stopIgnoring();
                handle();
            }
        } catch (ReflectiveOperationException e) {
            log.warn("SIGHUP is not heard, only changes of the file are: {}", e.toString());
        }
    }

    /** Installs the handler; returns the one before, {@code SIG_IGN} when the JVM has left it at that. */
    private static Object handle() throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        InvocationHandler release = (self, method, arguments) -> {
            ARRIVED.release();
            return null;
        };
        return signal.getMethod("handle", signal, handler)
                .invoke(
                        null,
                        signal.getConstructor(String.class).newInstance("HUP"),
                        Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, release));
    }

    /**
     * The JVM never takes a signal over that was ignored when it started. So it is given a handler first, that of C's {@code abs}, which
     * takes a signal's number and does nothing with it: with the default one a SIGHUP could end the process in between.
     */
    private static void stopIgnoring() {
        Pointer nothing = NativeLibrary.getInstance(Platform.C_LIBRARY_NAME).getFunction("abs");
        Libc.signal(SIGHUP, Pointer.nativeValue(nothing));
    }

    /** Waits for one; several that have arrived are one. False when none came in this time. */
    static boolean await(long millis) throws InterruptedException {
        boolean arrived = ARRIVED.tryAcquire(millis, TimeUnit.MILLISECONDS);
        ARRIVED.drainPermits();
        return arrived;
    }
}
