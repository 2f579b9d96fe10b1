package net.fougateway.path;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.fougateway.codec.Ip;

/**
 * Largest outer packet that reaches a peer: that of the route, until a router on the way or the kernel says less. As in the kernel
 * ({@code net.ipv4.route.mtu_expires}) what was learned is forgotten after ten minutes, so that a path that got wider is tried again.
 * Any thread may use it.
 */
public final class PathMtu {

    /** How long a lowered value holds, since it was last lowered or confirmed. */
    static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** Smallest value that a router is believed, as in the kernel ({@code net.ipv4.route.min_pmtu}). */
    private static final int IPV4_MIN_BYTES = 552;

    private static final int NOT_LEARNED = Integer.MAX_VALUE;

    private final int leastBytes;
    private final LongSupplier clock;
    private volatile int bytes;
    private volatile boolean refused;
    private int routeBytes;
    private int learnedBytes = NOT_LEARNED;
    private long learnedAtNanos;

    /**
     * The MTU of the route.
     *
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public PathMtu(int routeBytes, boolean ipv4Underlay, LongSupplier clock) {
        this.routeBytes = routeBytes;
        leastBytes = ipv4Underlay ? IPV4_MIN_BYTES : Ip.V6_MIN_MTU_BYTES;
        this.clock = clock;
        bytes = routeBytes;
    }

    /** The value that holds now, in bytes, outer headers included. */
    public int bytes() {
        return bytes;
    }

    /**
     * Follows the MTU of the route, up or down. What was learned of the path holds as long as it is less.
     *
     * @return true when that of the route is a different one now
     */
    public synchronized boolean route(int toBytes) {
        boolean changed = toBytes != routeBytes;
        routeBytes = toBytes;
        bytes = Math.min(routeBytes, learnedBytes);
        return changed;
    }

    /**
     * Lowers the value; a higher one is not believed, the same one again keeps it for longer. It stops at 552 for IPv4 and 1280 for
     * IPv6, or at the route's where that is less.
     *
     * @return true when the value is a different one now
     */
    public synchronized boolean lower(int toBytes) {
        int before = bytes;
        int after = Math.max(toBytes, Math.min(routeBytes, leastBytes));
        if (after > before) {
            return false;
        }
        if (after < routeBytes) {
            learnedAtNanos = clock.getAsLong();
            learnedBytes = after;
        }
        bytes = after;
        return after < before;
    }

    /** Forgets a lowered value that has become too old. To be called from time to time. */
    public synchronized void age() {
        if (learnedBytes != NOT_LEARNED && clock.getAsLong() - learnedAtNanos >= LIFETIME_NANOS) {
            learnedBytes = NOT_LEARNED;
            bytes = routeBytes;
        }
    }

    /** True while the path is known to be narrower than the route. */
    public synchronized boolean isNarrow() {
        return bytes < routeBytes;
    }

    /** Notes that the kernel refused a datagram as too big: it knows a lower value. */
    void refused() {
        refused = true;
    }

    /** True when the kernel refused a datagram since this was last asked. */
    public boolean takeRefused() {
        boolean taken = refused;
        refused = false;
        return taken;
    }
}
