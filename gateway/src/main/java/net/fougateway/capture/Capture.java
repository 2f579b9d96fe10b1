package net.fougateway.capture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What somebody asked to see, and the packets that wait for him: at most 4 MB of them, those beyond are counted as missed. Workers
 * {@link #add}, one reader at a time {@link #take}s.
 */
public final class Capture {

    /** Memory that waiting packets may take. */
    static final long MAX_WAITING_BYTES = 4 << 20;
    /** A capture that nobody reads for so long has been given up. */
    static final long ABANDONED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long id;
    private final boolean dropsOnly;
    private final int snapBytes;
    private final LongSupplier nanoTime;
    private final BlockingQueue<CapturedPacket> waiting = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();
    private volatile long lastReadNanos;

    Capture(long id, boolean dropsOnly, int snapBytes, LongSupplier nanoTime) {
        this.id = id;
        this.dropsOnly = dropsOnly;
        this.snapBytes = snapBytes;
        this.nanoTime = nanoTime;
        lastReadNanos = nanoTime.getAsLong();
    }

    /** Tells it from captures before and after. */
    public long id() {
        return id;
    }

    /** True when packets that are not dropped are not wanted. */
    boolean dropsOnly() {
        return dropsOnly;
    }

    /** How many bytes of each packet are wanted. */
    public int snapBytes() {
        return snapBytes;
    }

    /** How many packets found no room. */
    public long missed() {
        return missed.get();
    }

    boolean isAbandoned() {
        return nanoTime.getAsLong() - lastReadNanos > ABANDONED_NANOS;
    }

    void add(CapturedPacket packet) {
        if (waitingBytes.get() + packet.memoryBytes() > MAX_WAITING_BYTES) {
            miss(1);
            return;
        }
        waitingBytes.addAndGet(packet.memoryBytes());
        waiting.add(packet);
    }

    void miss(long packets) {
        missed.addAndGet(packets);
    }

    /**
     * Takes what waits, and waits for the first.
     *
     * @param most packets
     * @return empty when none came within {@code patience}
     */
    public List<CapturedPacket> take(int most, Duration patience) throws InterruptedException {
        List<CapturedPacket> taken = new ArrayList<>();
        CapturedPacket first = waiting.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
            taken.add(first);
            waiting.drainTo(taken, most - 1);
        }
        taken.forEach(packet -> waitingBytes.addAndGet(-packet.memoryBytes()));
        lastReadNanos = nanoTime.getAsLong();
        return taken;
    }
}
