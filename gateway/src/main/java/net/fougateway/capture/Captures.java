package net.fougateway.capture;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.LongSupplier;
import net.fougateway.codec.DropReason;

/** The capture that runs, if any: one at a time, and a new one takes the place of the one before. */
public final class Captures {

    private final LongSupplier nanoTime;
    private final boolean frames;
    private final SecureRandom random = new SecureRandom();
    private volatile Capture current;

    /** No capture yet, where IP packets are carried. */
    public Captures() {
        this(false);
    }

    /**
     * No capture yet.
     *
     * @param frames whether Ethernet frames are carried, else IP packets
     */
    public Captures(boolean frames) {
        this(frames, System::nanoTime);
    }

    Captures(boolean frames, LongSupplier nanoTime) {
        this.frames = frames;
        this.nanoTime = nanoTime;
    }

    /** An empty file, for what is captured. */
    public PcapNg file() {
        return new PcapNg(frames);
    }

    /**
     * Starts a capture, and ends the one before. It is given up when nobody reads it for five seconds.
     *
     * @param dropsOnly whether only dropped packets are wanted
     * @param snapBytes how many bytes of each packet are wanted
     */
    public synchronized Capture start(boolean dropsOnly, int snapBytes) {
        current = new Capture(random.nextLong(Long.MAX_VALUE), dropsOnly, snapBytes, nanoTime);
        return current;
    }

    /** The capture of this number, if it still runs. Who knows the number may read it: it cannot be guessed. */
    public Optional<Capture> find(long id) {
        return Optional.ofNullable(current).filter(capture -> capture.id() == id && !capture.isAbandoned());
    }

    /** True when packets of this verdict are wanted; null is that of packets which are not dropped. */
    public boolean want(DropReason verdict) {
        Capture capture = current;
        return capture != null && (verdict != null || !capture.dropsOnly());
    }

    /** Takes a packet, if it is wanted, and ends a capture that nobody reads. */
    public void show(CapturedPacket packet) {
        Capture capture = current;
        if (!want(packet.dropped())) {
            return;
        }
        if (capture.isAbandoned()) {
            end(capture);
            return;
        }
        capture.add(packet.cut(capture.snapBytes()));
    }

    /** Notes packets that were wanted and could not be had. */
    public void missed(long packets) {
        Capture capture = current;
        if (capture != null) {
            capture.miss(packets);
        }
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
