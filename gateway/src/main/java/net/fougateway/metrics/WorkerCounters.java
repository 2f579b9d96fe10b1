package net.fougateway.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;

/**
 * What one worker counted. Only the worker's own thread writes, plainly and without synchronisation; any thread may read and
 * sees each number as it was a moment ago. All numbers only grow.
 */
public final class WorkerCounters {

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int DIRECTIONS = Direction.values().length;
    private static final int REASONS = DropReason.values().length;
    /** Error numbers are counted below this one. */
    public static final int MAX_ERRNO = 256;

    private static final int BUCKETS = Snapshot.BATCH_BOUNDS.size() + 1;

    private final int peers;
    private final long[] received = new long[2 * DIRECTIONS];
    private final long[] forwarded;
    private final long[] dropped = new long[2 * DIRECTIONS * REASONS];
    private final long[] lastReceiveMillis;
    private final long[] joined;
    private final long[] sendErrors = new long[MAX_ERRNO];
    private final long[] writeErrors = new long[MAX_ERRNO];
    private final long[] icmpErrorsSent = new long[IcmpError.Kind.values().length];
    private final long[] batches = new long[DIRECTIONS * BUCKETS];

    /** Zeroed counters for {@code peers} peers. */
    public WorkerCounters(int peers) {
        this.peers = peers;
        forwarded = new long[2 * DIRECTIONS * peers];
        lastReceiveMillis = new long[peers];
        joined = new long[peers];
    }

    /** Counts what came in at the border where {@code direction} starts. */
    public void received(Direction direction, int packets, long bytes) {
        add(received, direction.ordinal(), packets, bytes);
    }

    /** Counts what left at the border where {@code direction} ends. */
    public void forwarded(Direction direction, int peer, int packets, long bytes) {
        add(forwarded, direction.ordinal() * peers + peer, packets, bytes);
    }

    /** Counts what died. */
    public void dropped(Direction direction, DropReason reason, int packets, long bytes) {
        add(dropped, direction.ordinal() * REASONS + reason.ordinal(), packets, bytes);
    }

    /** Notes that {@code peer} was heard; once for a batch is enough. */
    public void heard(int peer, long epochMillis) {
        lastReceiveMillis[peer] = epochMillis;
    }

    /** Counts packets of {@code peer} that the kernel had joined into one message. */
    public void joined(int peer, int packets) {
        joined[peer] += packets;
    }

    /** Counts a failed send by error number. */
    public void sendError(int errno) {
        sendErrors[errno & MAX_ERRNO - 1]++;
    }

    /** Counts a failed write to the TUN device by error number. */
    public void writeError(int errno) {
        writeErrors[errno & MAX_ERRNO - 1]++;
    }

    /** Counts an ICMP or ICMPv6 error sent to an inner sender. */
    public void icmpErrorSent(IcmpError.Kind kind) {
        icmpErrorsSent[kind.ordinal()]++;
    }

    /** Counts a batch of {@code packets} wire packets. */
    public void batch(Direction direction, int packets) {
        int bucket = packets <= 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(packets - 1);
        batches[direction.ordinal() * BUCKETS + Math.min(bucket, BUCKETS - 1)]++;
    }

    private static void add(long[] counters, int index, int packets, long bytes) {
        counters[2 * index] += packets;
        counters[2 * index + 1] += bytes;
    }

    /** What {@link #received} counted. */
    public Snapshot.Traffic received(Direction direction) {
        return traffic(received, direction.ordinal());
    }

    /** What {@link #forwarded} counted. */
    public Snapshot.Traffic forwarded(Direction direction, int peer) {
        return traffic(forwarded, direction.ordinal() * peers + peer);
    }

    /** What {@link #dropped} counted. */
    public Snapshot.Traffic dropped(Direction direction, DropReason reason) {
        return traffic(dropped, direction.ordinal() * REASONS + reason.ordinal());
    }

    /** What {@link #joined} counted. */
    public long joined(int peer) {
        return read(joined, peer);
    }

    /** When {@code peer} was last heard, or 0. */
    public long lastReceiveMillis(int peer) {
        return read(lastReceiveMillis, peer);
    }

    /** How many sends failed with {@code errno}. */
    public long sendErrors(int errno) {
        return read(sendErrors, errno);
    }

    /** How many writes failed with {@code errno}. */
    public long writeErrors(int errno) {
        return read(writeErrors, errno);
    }

    /** How many ICMP and ICMPv6 errors were sent to inner senders. */
    public long icmpErrorsSent(IcmpError.Kind kind) {
        return read(icmpErrorsSent, kind.ordinal());
    }

    /** How many batches fell into {@code bucket} of {@link Snapshot#BATCH_BOUNDS}. */
    public long batches(Direction direction, int bucket) {
        return read(batches, direction.ordinal() * BUCKETS + bucket);
    }

    private static Snapshot.Traffic traffic(long[] counters, int index) {
        return new Snapshot.Traffic(read(counters, 2 * index), read(counters, 2 * index + 1));
    }

    private static long read(long[] counters, int index) {
        return (long) LONGS.getOpaque(counters, index);
    }
}
