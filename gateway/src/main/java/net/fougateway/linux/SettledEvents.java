package net.fougateway.linux;

import java.util.concurrent.TimeUnit;
import net.fougateway.linux.RouteEvents.News;

/**
 * Tells when it is time to look at the host anew: when events have come and settled, or when there was none for long, in case that one went
 * unheard. Between two looks it rests nine times as long as one took, a second at most. Belongs to one thread.
 */
public final class SettledEvents implements AutoCloseable {

    /** Why it is time to look. */
    public enum Cause {
        /** It is not. */
        NONE,
        /** Nothing was heard for long. */
        TIMER,
        /** Something has changed. */
        EVENT,
        /** More has changed than the kernel could tell. */
        OVERFLOW
    }

    private static final int POLL_MILLIS = 200;
    private static final int QUIET_MILLIS = 20;
    private static final long LONGEST_SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int REST_FACTOR = 9;
    private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RouteEvents events;
    private final long timerNanos;
    private boolean looking;
    private long lastCallNanos = System.nanoTime();
    private long restUntilNanos = lastCallNanos;

    /**
     * One that has heard nothing yet.
     *
     * @param events become its own
     * @param timerSeconds how long nothing may be heard
     */
    public SettledEvents(RouteEvents events, int timerSeconds) {
        this.events = events;
        timerNanos = TimeUnit.SECONDS.toNanos(timerSeconds);
    }

    /**
     * Waits a moment for events, and until they have settled. A look that this calls for has ended when it is called again.
     *
     * @param interfaceIndex of the device whose routes matter, or {@link RouteEvents#ANY_INTERFACE}
     */
    public Cause await(int interfaceIndex) throws LinuxException, InterruptedException {
        noteRest();
        News news = events.await(POLL_MILLIS, interfaceIndex);
        if (news == News.NONE) {
            return System.nanoTime() - lastCallNanos < timerNanos ? Cause.NONE : call(Cause.TIMER);
        }
        News settled = settle(news, interfaceIndex);
        TimeUnit.NANOSECONDS.sleep(restUntilNanos - System.nanoTime());
        return call(settled == News.OVERFLOW ? Cause.OVERFLOW : Cause.EVENT);
    }

    private void noteRest() {
        if (looking) {
            long now = System.nanoTime();
            restUntilNanos = now + Math.min(REST_FACTOR * (now - lastCallNanos), LONGEST_REST_NANOS);
            looking = false;
        }
    }

    private Cause call(Cause cause) {
        looking = true;
        lastCallNanos = System.nanoTime();
        return cause;
    }

    private News settle(News first, int interfaceIndex) throws LinuxException {
        News worst = first;
        News more = first;
        long end = System.nanoTime() + LONGEST_SETTLE_NANOS;
        while (more != News.NONE && System.nanoTime() < end) {
            more = events.await(QUIET_MILLIS, interfaceIndex);
            worst = more.compareTo(worst) > 0 ? more : worst;
        }
        return worst;
    }

    @Override
    public void close() {
        events.close();
    }
}
