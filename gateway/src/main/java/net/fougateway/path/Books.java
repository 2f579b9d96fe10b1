package net.fougateway.path;

import net.fougateway.capture.Border;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.metrics.WorkerCounters;

/**
 * What becomes of the packets of one direction: it is counted, and shown to whoever captures. Packets received are those forwarded plus
 * those dropped. Belongs to one worker.
 */
final class Books {

    private final Direction direction;
    private final WorkerCounters counters;
    private final Tap tap;
    private final Accidents accidents;

    Books(Direction direction, WorkerCounters counters, Tap tap, Accidents accidents) {
        this.direction = direction;
        this.counters = counters;
        this.tap = tap;
        this.accidents = accidents;
    }

    /** Counts what came in. */
    void received(int packets, long bytes) {
        counters.received(direction, packets, bytes);
    }

    /** Counts what left. */
    void forwarded(int peer, int packets, long bytes) {
        counters.forwarded(direction, peer, packets, bytes);
    }

    /** Counts what died. */
    void dropped(DropReason reason, int packets, long bytes) {
        counters.dropped(direction, reason, packets, bytes);
    }

    /** Notes whose packet died, see {@link WorkerCounters#lastDropped}. */
    void lastDropped(DropReason reason, long epochMillis, boolean ipv4, long high, long low) {
        counters.lastDropped(direction, reason, epochMillis, ipv4, high, low);
    }

    /** Counts what the kernel answered where packets leave. */
    void refused(int errno) {
        if (direction == Direction.TUN_TO_UDP) {
            counters.sendError(errno);
        } else {
            counters.writeError(errno);
        }
    }

    /** Notes that {@code peer} was heard. */
    void heard(int peer, long epochMillis) {
        counters.heard(peer, epochMillis);
    }

    /** Counts packets of {@code peer} that the kernel had joined into one message. */
    void joined(int peer, int packets) {
        counters.joined(peer, packets);
    }

    /** Counts a batch of {@code packets} wire packets. */
    void batch(int packets) {
        counters.batch(direction, packets);
    }

    /** Takes a failure that cost what was received and neither forwarded nor dropped yet. */
    void lost(RuntimeException failure) {
        counters.dropRest(direction);
        accidents.survived(failure);
    }

    /** True when somebody captures packets of this verdict; null is that of packets which are not dropped. */
    boolean shows(DropReason verdict) {
        return tap.wants(verdict);
    }

    /** Begins to show a packet, with the {@code bytes} at {@code address}. */
    void show(long address, int bytes) {
        tap.packet(address, bytes);
    }

    /** Goes on with the {@code bytes} at {@code address}. */
    void showMore(long address, int bytes) {
        tap.add(address, bytes);
    }

    /** Ends to show a packet. */
    void shown(Border border, DropReason verdict) {
        tap.seen(border, direction, verdict);
    }
}
