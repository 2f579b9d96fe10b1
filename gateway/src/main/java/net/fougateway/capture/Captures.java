package net.fougateway.capture;

import java.util.Optional;
import java.util.function.LongSupplier;

/** The capture that runs, if any: one at a time, and a new one takes the place of the one before. */
public final class Captures {

    private final LongSupplier nanoTime;
    private long started;
    private volatile Capture current;

    /** No capture yet. */
    public Captures() {
        this(System::nanoTime);
    }

    Captures(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Starts a capture, and ends the one before. It ends by itself when nobody reads it for five seconds.
     *
     * @param dropsOnly whether only dropped packets are wanted
     * @param snapBytes how many bytes of each packet are wanted
     */
    public synchronized Capture start(boolean dropsOnly, int snapBytes) {
        started++;
        current = new Capture(started, dropsOnly, snapBytes, nanoTime);
        return current;
    }

    /** The capture of this number, if it still runs. */
    public Optional<Capture> find(long id) {
        return Optional.ofNullable(current).filter(capture -> capture.id() == id);
    }

    /** The capture that runs, or null. */
    Capture current() {
        return current;
    }

    synchronized void end(Capture capture) {
        if (current == capture) {
            current = null;
        }
    }
}
