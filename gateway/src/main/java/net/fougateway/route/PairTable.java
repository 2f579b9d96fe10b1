package net.fougateway.route;

import java.util.Arrays;

/** A hash table from two numbers to one, without boxing. It is filled by one thread, and then only read. */
public final class PairTable {

    /** Answer for a key that is not in it. */
    public static final int NONE = -1;

    private static final int FIRST_BUCKETS = 16;

    private long[] keys = new long[2 * FIRST_BUCKETS];
    private int[] values = new int[FIRST_BUCKETS];
    private int size;

    /** An empty table. */
    public PairTable() {
        Arrays.fill(values, NONE);
    }

    /** Notes a value of 0 or more, unless there is one already. */
    public void putIfAbsent(long high, long low, int value) {
        if (2 * (size + 1) > values.length) {
            grow();
        }
        int bucket = find(high, low);
        if (values[bucket] == NONE) {
            keys[2 * bucket] = high;
            keys[2 * bucket + 1] = low;
            values[bucket] = value;
            size++;
        }
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new int[2 * oldValues.length];
        Arrays.fill(values, NONE);
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != NONE) {
                int bucket = find(oldKeys[2 * i], oldKeys[2 * i + 1]);
                keys[2 * bucket] = oldKeys[2 * i];
                keys[2 * bucket + 1] = oldKeys[2 * i + 1];
                values[bucket] = oldValues[i];
            }
        }
    }

    /** Bucket that holds the key, or the free one where it belongs. */
    private int find(long high, long low) {
        int mask = values.length - 1;
        long mixed = (high * 31 + low) * 0x9E3779B97F4A7C15L;
        int bucket = (int) (mixed >>> 32) & mask;
        while (values[bucket] != NONE && (keys[2 * bucket] != high || keys[2 * bucket + 1] != low)) {
            bucket = bucket + 1 & mask;
        }
        return bucket;
    }

    /** The value, or {@link #NONE}. */
    public int get(long high, long low) {
        return values[find(high, low)];
    }
}
