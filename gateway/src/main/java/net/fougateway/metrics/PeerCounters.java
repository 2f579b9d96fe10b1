package net.fougateway.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.fougateway.codec.Direction;

/**
 * What one worker counted for each peer. Only the worker's own thread writes; any thread may read. When the peers change, the
 * worker goes on with new counters, which begin with what the old ones had for peers of the same name.
 */
public final class PeerCounters {

    private static final int DIRECTIONS = Direction.values().length;

    private final List<String> names;
    private final Map<String, Integer> indexByName;
    private final long[] forwarded;
    private final long[] removed;
    private final long[] lastReceiveMillis;
    private final long[] joined;

    /** Zeroed counters for peers of these names. */
    PeerCounters(List<String> names) {
        this.names = List.copyOf(names);
        indexByName = new HashMap<>();
        for (int peer = 0; peer < names.size(); peer++) {
            indexByName.put(names.get(peer), peer);
        }
        forwarded = new long[2 * DIRECTIONS * names.size()];
        removed = new long[2 * DIRECTIONS];
        lastReceiveMillis = new long[names.size()];
        joined = new long[names.size()];
    }

    private PeerCounters(PeerCounters other) {
        names = other.names;
        indexByName = other.indexByName;
        forwarded = other.forwarded.clone();
        removed = other.removed.clone();
        lastReceiveMillis = other.lastReceiveMillis.clone();
        joined = other.joined.clone();
    }

    /** The numbers as they are now, which stay so. */
    PeerCounters copy() {
        return new PeerCounters(this);
    }

    /** True when they are for peers of these names. */
    boolean areOf(List<String> others) {
        return names.equals(others);
    }

    /** Counters for peers of these names that go on from these. */
    PeerCounters continued(List<String> newNames) {
        PeerCounters next = new PeerCounters(newNames);
        System.arraycopy(removed, 0, next.removed, 0, removed.length);
        for (int peer = 0; peer < names.size(); peer++) {
            int to = next.indexOf(names.get(peer));
            for (int direction = 0; direction < DIRECTIONS; direction++) {
                int from = 2 * (peer * DIRECTIONS + direction);
                long[] target = to < 0 ? next.removed : next.forwarded;
                int at = 2 * (to < 0 ? direction : to * DIRECTIONS + direction);
                target[at] += forwarded[from];
                target[at + 1] += forwarded[from + 1];
            }
            if (to >= 0) {
                next.lastReceiveMillis[to] = lastReceiveMillis[peer];
                next.joined[to] = joined[peer];
            }
        }
        return next;
    }

    void forwarded(Direction direction, int peer, int packets, long bytes) {
        Counters.add(forwarded, peer * DIRECTIONS + direction.ordinal(), packets, bytes);
    }

    void heard(int peer, long epochMillis) {
        lastReceiveMillis[peer] = epochMillis;
    }

    /** Peers of these names were heard then. */
    public void remember(Map<String, Long> millis) {
        millis.forEach((name, epochMillis) -> {
            if (indexOf(name) >= 0) {
                heard(indexOf(name), epochMillis);
            }
        });
    }

    void joined(int peer, int packets) {
        joined[peer] += packets;
    }

    /** Index of the peer of this name, or a negative number. */
    private int indexOf(String name) {
        return indexByName.getOrDefault(name, -1);
    }

    /** What left at the border where {@code direction} ends. */
    public Snapshot.Traffic forwarded(Direction direction, String name) {
        int peer = indexOf(name);
        return peer < 0 ? Snapshot.NO_TRAFFIC : Counters.traffic(forwarded, peer * DIRECTIONS + direction.ordinal());
    }

    /** The same of all peers that there are. */
    Snapshot.Traffic forwarded(Direction direction) {
        long packets = 0;
        long bytes = 0;
        for (int pair = 2 * direction.ordinal(); pair < forwarded.length; pair += 2 * DIRECTIONS) {
            packets += Counters.read(forwarded, pair);
            bytes += Counters.read(forwarded, pair + 1);
        }
        return new Snapshot.Traffic(packets, bytes);
    }

    /** The same of all peers that are gone. */
    public Snapshot.Traffic removed(Direction direction) {
        return Counters.traffic(removed, direction.ordinal());
    }

    /** Packets that the kernel had joined with others. */
    public long joined(String name) {
        int peer = indexOf(name);
        return peer < 0 ? 0 : Counters.read(joined, peer);
    }

    /** When the peer was last heard, or 0. */
    public long lastReceiveMillis(String name) {
        int peer = indexOf(name);
        return peer < 0 ? 0 : Counters.read(lastReceiveMillis, peer);
    }
}
