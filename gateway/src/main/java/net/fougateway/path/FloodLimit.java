package net.fougateway.path;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import net.fougateway.ethernet.Flooding;

/**
 * How many frames a second may go to every peer, for each cause apart, so that a storm of one leaves room for the others: who sends to
 * unknown addresses does not keep ARP from working. Counts those that went. All workers share it.
 */
public final class FloodLimit {

    private final Map<Flooding, TokenBucket> buckets = new EnumMap<>(Flooding.class);
    private final Map<Flooding, LongAdder> flooded = new EnumMap<>(Flooding.class);

    /**
     * A limit.
     *
     * @param perSecond frames, 0 for none at all
     * @param nanoTime as {@link System#nanoTime}
     */
    public FloodLimit(int perSecond, LongSupplier nanoTime) {
        for (Flooding cause : Flooding.values()) {
            flooded.put(cause, new LongAdder());
            if (perSecond > 0) {
                buckets.put(cause, new TokenBucket(perSecond, perSecond, nanoTime));
            }
        }
    }

    /** True when a frame may go to every peer now; it is counted then. */
    boolean take(Flooding cause) {
        TokenBucket bucket = buckets.get(cause);
        boolean taken = bucket != null && bucket.take();
        if (taken) {
            flooded.get(cause).increment();
        }
        return taken;
    }

    /** Frames that went to every peer. */
    public long flooded(Flooding cause) {
        return flooded.get(cause).sum();
    }
}
