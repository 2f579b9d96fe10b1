package net.fougateway.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;
import net.fougateway.linux.Errno;
import net.fougateway.metrics.Snapshot.Traffic;

/** What all workers together have counted, as a {@link Snapshot} tells it. */
public final class Totals {

    private final List<WorkerCounters> counters;
    private final KernelPath kernel;

    /** Sums over {@code counters}, one for each worker, and what was carried beside them. */
    public Totals(List<WorkerCounters> counters, KernelPath kernel) {
        this.counters = counters;
        this.kernel = kernel;
    }

    /** Sum of one number. */
    public long of(ToLongFunction<WorkerCounters> counted) {
        return counters.stream().mapToLong(counted).sum();
    }

    private Traffic sum(Function<WorkerCounters, Traffic> counted) {
        return add(counters.stream().map(counted).toList());
    }

    private static Traffic add(List<Traffic> parts) {
        return new Traffic(
                parts.stream().mapToLong(Traffic::packets).sum(),
                parts.stream().mapToLong(Traffic::bytes).sum());
    }

    /**
     * Both directions.
     *
     * @param peers with their part of what was forwarded
     */
    public Map<Direction, Snapshot.Flow> flows(List<Snapshot.Peer> peers) {
        Map<Direction, Snapshot.Flow> flows = new EnumMap<>(Direction.class);
        for (Direction direction : Direction.values()) {
            flows.put(direction, flow(direction, peers));
        }
        return flows;
    }

    /** A peer that the workers still know and {@code peers} does not, or not yet, counts as removed: so the sum closes at any time. */
    private Snapshot.Flow flow(Direction direction, List<Snapshot.Peer> peers) {
        Traffic forwarded = sum(counter -> counter.peers()
                        .forwarded(direction)
                        .plus(counter.peers().removed(direction)))
                .plus(kernel.carried(direction));
        Traffic present =
                add(peers.stream().map(peer -> peer.traffic(direction)).toList());
        Traffic dropped = add(Arrays.stream(DropReason.values())
                .map(reason -> dropped(direction, reason))
                .toList());
        List<Long> batches = IntStream.rangeClosed(0, Snapshot.BATCH_BOUNDS.size())
                .mapToObj(bucket -> of(counter -> counter.batches(direction, bucket)))
                .toList();
        Traffic received = sum(counter -> counter.received(direction))
                .plus(kernel.carried(direction))
                .plus(kernel.lost(direction));
        return new Snapshot.Flow(received, forwarded, forwarded.minus(present), dropped, batches);
    }

    private Traffic dropped(Direction direction, DropReason reason) {
        Traffic byWorkers = sum(counter -> counter.dropped(direction, reason));
        return reason == DropReason.SEND_FAILED ? byWorkers.plus(kernel.lost(direction)) : byWorkers;
    }

    /** Drops of each reason in each direction where it can happen, zero or not. */
    public List<Snapshot.Drop> drops() {
        List<Snapshot.Drop> drops = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (DropReason reason : DropReason.values()) {
                if (reason.in(direction)) {
                    drops.add(drop(direction, reason));
                }
            }
        }
        return drops;
    }

    private Snapshot.Drop drop(Direction direction, DropReason reason) {
        return new Snapshot.Drop(
                direction,
                reason,
                dropped(direction, reason),
                counters.stream()
                        .flatMap(counter -> counter.lastDrop(direction, reason).stream())
                        .max(Comparator.comparing(Snapshot.LastDrop::at)));
    }

    /** Failed sends by name of the error. */
    public Map<String, Long> sendErrors() {
        return errors(WorkerCounters::sendErrors);
    }

    /** Failed writes to the device by name of the error. */
    public Map<String, Long> writeErrors() {
        return errors(WorkerCounters::writeErrors);
    }

    private interface ErrnoCount {
        long of(WorkerCounters counters, int errno);
    }

    private Map<String, Long> errors(ErrnoCount count) {
        Map<String, Long> errors = new TreeMap<>();
        for (int number = 1; number < WorkerCounters.MAX_ERRNO; number++) {
            int errno = number;
            long times = of(counter -> count.of(counter, errno));
            if (times > 0) {
                errors.put(Errno.nameOf(errno), times);
            }
        }
        return errors;
    }

    /** ICMP and ICMPv6 errors sent to inner senders, one entry for each kind, zero or not. */
    public Map<IcmpError.Kind, Long> icmpErrorsSent() {
        Map<IcmpError.Kind, Long> sent = new EnumMap<>(IcmpError.Kind.class);
        for (IcmpError.Kind kind : IcmpError.Kind.values()) {
            sent.put(kind, of(counter -> counter.icmpErrorsSent(kind)));
        }
        return sent;
    }
}
