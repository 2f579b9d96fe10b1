package net.fougateway.path;

import java.util.function.LongSupplier;

/** Limits how often something is done: so many times a second, and so many at once after a rest. Any thread may use it. */
public final class TokenBucket {

    /** As the kernel's {@code net.ipv4.icmp_msgs_per_sec} and {@code icmp_msgs_burst}. */
    private static final int ICMP_PER_SECOND = 1000;

    private static final int ICMP_BURST = 50;

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

    /**
     * How many ICMP errors inner senders get about packets to one peer, so that who provokes many does not take those of others.
     *
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public static TokenBucket ofIcmpErrors(LongSupplier clock) {
        return new TokenBucket(ICMP_PER_SECOND, ICMP_BURST, clock);
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
