package net.fougateway.metrics;

import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;

/**
 * What one worker counted. Only the worker's own thread writes, plainly and without synchronisation; any thread may read and
 * sees each number as it was a moment ago. All numbers only grow.
 */
public final class WorkerCounters {

    private static final int DIRECTIONS = Direction.values().length;
    private static final int REASONS = DropReason.values().length;
    /** Error numbers are counted below this one. */
    public static final int MAX_ERRNO = 256;

    private static final int BUCKETS = Snapshot.BATCH_BOUNDS.size() + 1;

    private volatile PeerCounters peers;
    private final long[] received;
    private final long[] dropped;
    private final long[] sendErrors;
    private final long[] writeErrors;
    private final long[] icmpErrorsSent;
    private final long[] icmpErrorsIgnored;
    private final long[] batches;
    private final LastDrops lastDrops;

    /** Zeroed counters, for peers of these names. */
    public WorkerCounters(List<String> peerNames) {
        peers = new PeerCounters(peerNames);
        received = new long[2 * DIRECTIONS];
        dropped = new long[2 * DIRECTIONS * REASONS];
        sendErrors = new long[MAX_ERRNO];
        writeErrors = new long[MAX_ERRNO];
        icmpErrorsSent = new long[IcmpError.Kind.values().length];
        icmpErrorsIgnored = new long[1];
        batches = new long[DIRECTIONS * BUCKETS];
        lastDrops = new LastDrops(DIRECTIONS * REASONS);
    }

    private WorkerCounters(WorkerCounters other) {
        peers = other.peers.copy();
        received = other.received.clone();
        dropped = other.dropped.clone();
        sendErrors = other.sendErrors.clone();
        writeErrors = other.writeErrors.clone();
        icmpErrorsSent = other.icmpErrorsSent.clone();
        icmpErrorsIgnored = other.icmpErrorsIgnored.clone();
        batches = other.batches.clone();
        lastDrops = other.lastDrops.copy();
    }

    /** The numbers as they are now, which stay so. Only the worker itself may ask; between two batches all sums close. */
    public WorkerCounters copy() {
        return new WorkerCounters(this);
    }

    /** Goes on with other peers; those of the same name keep what they have. Only the worker itself may ask. */
    public void usePeers(List<String> peerNames) {
        if (!peers.areOf(peerNames)) {
            peers = peers.continued(peerNames);
        }
    }

    /** Counts what came in at the border where {@code direction} starts. */
    public void received(Direction direction, int packets, long bytes) {
        Counters.add(received, direction.ordinal(), packets, bytes);
    }

    /** Counts what left at the border where {@code direction} ends. */
    public void forwarded(Direction direction, int peer, int packets, long bytes) {
        peers.forwarded(direction, peer, packets, bytes);
    }

    /** Counts what died. */
    public void dropped(Direction direction, DropReason reason, int packets, long bytes) {
        Counters.add(dropped, slot(direction, reason), packets, bytes);
    }

    private static int slot(Direction direction, DropReason reason) {
        return direction.ordinal() * REASONS + reason.ordinal();
    }

    /** Notes whose packet died: the outer source of one from a peer, the inner destination of one to a peer. */
    public void lastDropped(
            Direction direction, DropReason reason, long epochMillis, boolean ipv4, long high, long low) {
        lastDrops.note(slot(direction, reason), epochMillis, ipv4, high, low);
    }

    /** What {@link #lastDropped} noted last. */
    public Optional<Snapshot.LastDrop> lastDrop(Direction direction, DropReason reason) {
        return lastDrops.get(slot(direction, reason));
    }

    /**
     * Closes the sum after a batch that died half-way: counts what was received and neither forwarded nor dropped as {@link
     * DropReason#INTERNAL_ERROR}, or as received what was already sent of a packet that was not counted yet.
     */
    public void dropRest(Direction direction) {
        Snapshot.Traffic in = received(direction);
        Snapshot.Traffic out = peers.forwarded(direction).plus(peers.removed(direction));
        for (DropReason reason : DropReason.values()) {
            out = out.plus(dropped(direction, reason));
        }
        int packets = (int) (in.packets() - out.packets());
        long bytes = in.bytes() - out.bytes();
        received(direction, Math.max(-packets, 0), Math.max(-bytes, 0));
        dropped(direction, DropReason.INTERNAL_ERROR, Math.max(packets, 0), Math.max(bytes, 0));
    }

    /** Notes that {@code peer} was heard; once for a batch is enough. */
    public void heard(int peer, long epochMillis) {
        peers.heard(peer, epochMillis);
    }

    /** Counts packets of {@code peer} that the kernel had joined into one message. */
    public void joined(int peer, int packets) {
        peers.joined(peer, packets);
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

    /** Counts an ICMP or ICMPv6 error about a datagram to a peer that cannot have been ours. */
    public void icmpErrorIgnored() {
        icmpErrorsIgnored[0]++;
    }

    /** Counts a batch of {@code packets} wire packets. */
    public void batch(Direction direction, int packets) {
        int bucket = packets <= 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(packets - 1);
        batches[direction.ordinal() * BUCKETS + Math.min(bucket, BUCKETS - 1)]++;
    }

    /** What {@link #received} counted. */
    public Snapshot.Traffic received(Direction direction) {
        return Counters.traffic(received, direction.ordinal());
    }

    /** What was counted for each peer, as of now. */
    public PeerCounters peers() {
        return peers;
    }

    /** What {@link #dropped} counted. */
    public Snapshot.Traffic dropped(Direction direction, DropReason reason) {
        return Counters.traffic(dropped, slot(direction, reason));
    }

    /** How many sends failed with {@code errno}. */
    public long sendErrors(int errno) {
        return Counters.read(sendErrors, errno);
    }

    /** How many writes failed with {@code errno}. */
    public long writeErrors(int errno) {
        return Counters.read(writeErrors, errno);
    }

    /** How many ICMP and ICMPv6 errors were sent to inner senders. */
    public long icmpErrorsSent(IcmpError.Kind kind) {
        return Counters.read(icmpErrorsSent, kind.ordinal());
    }

    /** How many ICMP and ICMPv6 errors about datagrams to peers were not believed. */
    public long icmpErrorsIgnored() {
        return Counters.read(icmpErrorsIgnored, 0);
    }

    /** How many batches fell into {@code bucket} of {@link Snapshot#BATCH_BOUNDS}. */
    public long batches(Direction direction, int bucket) {
        return Counters.read(batches, direction.ordinal() * BUCKETS + bucket);
    }
}
