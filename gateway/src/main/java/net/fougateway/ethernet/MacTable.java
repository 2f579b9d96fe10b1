package net.fougateway.ethernet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Where MAC addresses were seen last: on our own side, or at which peer; each VLAN for itself. Bounded: what does not fit is not learned. All
 * workers read and write it without locks, and without making objects; one thread at a time may {@link #sweep}.
 *
 * <p>A hash table with open addressing in which an address lies within {@value #WAYS} places from its own, so that one can be taken out
 * without moving others. A place is taken by its key, and then given its value; it is given back in the reverse order.
 */
public final class MacTable {

    /** Answer where an address is unknown. */
    public static final int NONE = -1;
    /** Port of what is on our own side of the tunnel. */
    public static final int LOCAL = 0;

    /** What came of learning an address. */
    public enum Learned {
        /** It is where it was, or is new. */
        HERE,
        /** It was elsewhere. */
        MOVED,
        /** It was on our own side a moment ago, so that what a peer sends from it has gone round in a loop: not learned. */
        LOOP,
        /** No room: not learned. */
        FULL
    }

    /**
     * An address in the table.
     *
     * @param vlan number of the VLAN, 0 without a tag
     * @param peer name of the peer where it is, empty for our own side
     * @param ageMillis since it was seen last, or {@link #FIXED}
     */
    public record Entry(long mac, int vlan, String peer, long ageMillis) {

        /** In place of an age: it is configured. */
        static final long FIXED = -1;

        /** An address that is configured to be at a peer. */
        public static Entry fixed(long mac, String peer) {
            return new Entry(mac, 0, peer, FIXED);
        }

        /** True when it is configured, and stays. */
        public boolean isFixed() {
            return ageMillis == FIXED;
        }
    }

    private static final int WAYS = 16;
    private static final int FEWEST_PLACES = 64;
    private static final int PORT_BITS = 20;
    private static final int PORT = (1 << PORT_BITS) - 1;
    private static final int VLAN_SHIFT = 48;
    private static final long MAC = (1L << VLAN_SHIFT) - 1;
    private static final long TAKEN = 1L << 62;
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
    /** Shorter than this nobody looks at the age of an address, so it is not written for every frame. */
    private static final long REFRESH_MILLIS = 200;
    /** An address that was on our own side is not learned from a peer for so long. */
    private static final long LOOP_MILLIS = 1000;

    private final int entries;
    private final long ageMillis;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final AtomicLongArray keys;
    private final AtomicLongArray values;
    private final int mask;
    private final AtomicInteger size = new AtomicInteger();
    private final LongAdder moves = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Map<String, Integer> portByPeer = new HashMap<>();
    private final List<String> peers = new ArrayList<>(List.of(""));
    private volatile long loopAtMillis;
    private volatile int loopPort = NONE;

    /**
     * An empty table.
     *
     * @param entries most addresses
     * @param ageSeconds an address that is not seen for so long is forgotten
     * @param nanoTime as {@link System#nanoTime}
     */
    public MacTable(int entries, int ageSeconds, LongSupplier nanoTime) {
        this.entries = entries;
        this.nanoTime = nanoTime;
        ageMillis = ageSeconds * 1000L;
        startNanos = nanoTime.getAsLong();
        int places = Integer.highestOneBit(Math.max(2 * entries, FEWEST_PLACES) * 2 - 1);
        keys = new AtomicLongArray(places);
        values = new AtomicLongArray(places);
        mask = places - 1;
    }

    /** The time as the other methods want it. */
    public long nowMillis() {
        return (nanoTime.getAsLong() - startNanos) / 1_000_000 + 1;
    }

    /** The port of a peer, which it keeps whatever becomes of other peers. */
    public synchronized int port(String peer) {
        return portByPeer.computeIfAbsent(peer, name -> {
            peers.add(name);
            return peers.size() - 1;
        });
    }

    private synchronized String peer(int port) {
        return peers.get(port);
    }

    /** Port where an address is, or {@link #NONE}. */
    public int lookup(long mac, int vlan, long nowMillis) {
        long key = key(mac, vlan);
        int place = find(key);
        long value = place < 0 ? 0 : values.get(place);
        boolean known = value != 0 && nowMillis - millis(value) <= ageMillis && keys.get(place) == key;
        return known ? port(value) : NONE;
    }

    /** Notes that a frame came from an address at {@code port}. */
    public Learned learn(long mac, int vlan, int port, long nowMillis) {
        long key = key(mac, vlan);
        int place = find(key);
        return place < 0 ? insert(key, port, nowMillis) : update(place, port, nowMillis);
    }

    private Learned update(int place, int port, long nowMillis) {
        long before = values.get(place);
        long ago = nowMillis - millis(before);
        if (before == 0 || (port(before) == port && ago < REFRESH_MILLIS)) {
            return Learned.HERE;
        }
        boolean elsewhere = port(before) != port && ago <= ageMillis;
        if (elsewhere && port(before) == LOCAL && ago < LOOP_MILLIS) {
            loopPort = port;
            loopAtMillis = nowMillis;
            return Learned.LOOP;
        }
        boolean written = values.compareAndSet(place, before, value(port, nowMillis));
        if (!elsewhere) {
            return Learned.HERE;
        }
        if (written) {
            moves.increment();
        }
        return Learned.MOVED;
    }

    private Learned insert(long key, int port, long nowMillis) {
        int home = home(key);
        for (int way = 0; way < WAYS && size.get() < entries; way++) {
            int place = (home + way) & mask;
            if (keys.get(place) == 0 && keys.compareAndSet(place, 0, key)) {
                values.set(place, value(port, nowMillis));
                size.incrementAndGet();
                return Learned.HERE;
            }
        }
        refused.increment();
        return Learned.FULL;
    }

    private int find(long key) {
        int home = home(key);
        for (int way = 0; way < WAYS; way++) {
            int place = (home + way) & mask;
            if (keys.get(place) == key) {
                return place;
            }
        }
        return NONE;
    }

    private static long key(long mac, int vlan) {
        return TAKEN | (long) vlan << VLAN_SHIFT | mac;
    }

    private int home(long key) {
        return (int) ((key * MULTIPLIER) >>> 32) & mask;
    }

    private static long value(int port, long millis) {
        return millis << PORT_BITS | (port + 1);
    }

    private static int port(long value) {
        return (int) (value & PORT) - 1;
    }

    private static long millis(long value) {
        return value >>> PORT_BITS;
    }

    /** Forgets what has not been seen for long enough. */
    public void sweep() {
        long now = nowMillis();
        for (int place = 0; place <= mask; place++) {
            long value = values.get(place);
            boolean old = value != 0 && now - millis(value) > ageMillis;
            if (old && values.compareAndSet(place, value, 0)) {
                keys.set(place, 0);
                size.decrementAndGet();
            }
        }
    }

    /** All addresses that are known now. */
    public List<Entry> list() {
        long now = nowMillis();
        List<Entry> list = new ArrayList<>();
        for (int place = 0; place <= mask; place++) {
            long key = keys.get(place);
            long value = values.get(place);
            if (key != 0 && value != 0 && now - millis(value) <= ageMillis) {
                int vlan = (int) ((key & ~TAKEN) >>> VLAN_SHIFT);
                list.add(new Entry(key & MAC, vlan, peer(port(value)), Math.max(now - millis(value), 0)));
            }
        }
        return list;
    }

    /** Most addresses. */
    public int entries() {
        return entries;
    }

    /** True when there is no room for more. */
    public boolean isFull() {
        return size.get() >= entries;
    }

    /** How often an address was seen elsewhere than before. */
    public long moves() {
        return moves.sum();
    }

    /** How often an address was not learned for want of room. */
    public long refused() {
        return refused.sum();
    }

    /** Name of the peer from which frames came back in a loop within the last {@code millis}; empty for none. */
    public String loopingPeer(long millis) {
        int port = loopPort;
        return port == NONE || nowMillis() - loopAtMillis > millis ? "" : peer(port);
    }
}
