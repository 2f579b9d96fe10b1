package net.fougateway.tun;

import java.util.function.LongSupplier;

/** Limits how often something is done: so many times a second, and so many at once after a rest. Any thread may use it. */
public final class TokenBucket {

    private final long intervalNanos;
    private final long fullNanos;
    private final LongSupplier clock;
    private long emptyAtNanos;

    /**
     * A full bucket.
     *
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public TokenBucket(int perSecond, int burst, LongSupplier clock) {
        intervalNanos = 1_000_000_000L / perSecond;
        fullNanos = burst * intervalNanos;
        this.clock = clock;
        emptyAtNanos = clock.getAsLong() - fullNanos;
    }

    /** True when it may be done once more now. */
    public synchronized boolean take() {
        long now = clock.getAsLong();
        if (now - emptyAtNanos > fullNanos) {
            emptyAtNanos = now - fullNanos;
        }
        if (now - emptyAtNanos < intervalNanos) {
            return false;
        }
        emptyAtNanos += intervalNanos;
        return true;
    }
}
