package net.fougateway.route;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Longest-prefix match for one address family: a hash table for each prefix length in use, longest first. The cost of a look-up
 * grows with the number of different lengths, not with the number of prefixes. Immutable.
 */
final class PrefixTable {

    static final int NONE = -1;

    private final boolean ipv4;
    private final int[] lengths;
    private final long[] maskHigh;
    private final long[] maskLow;
    private final long[][] keys;
    private final int[][] values;
    private final int size;

    /** A table that maps each prefix, all of one family, to a value of 0 or more. */
    PrefixTable(boolean ipv4, Map<Prefix, Integer> prefixes) {
        this.ipv4 = ipv4;
        size = prefixes.size();
        TreeMap<Integer, Integer> countByLength = new TreeMap<>((a, b) -> b - a);
        prefixes.keySet().forEach(prefix -> countByLength.merge(prefix.length(), 1, Integer::sum));
        int tables = countByLength.size();
        lengths = countByLength.keySet().stream().mapToInt(Integer::intValue).toArray();
        maskHigh = new long[tables];
        maskLow = new long[tables];
        keys = new long[tables][];
        values = new int[tables][];
        for (int table = 0; table < tables; table++) {
            allocate(table, countByLength.get(lengths[table]));
        }
        prefixes.forEach(this::insert);
    }

    private void allocate(int table, int entries) {
        int length = lengths[table];
        maskHigh[table] = ipv4 ? leadingOnes(length + 32) & 0xffffffffL : leadingOnes(Math.min(length, 64));
        maskLow[table] = ipv4 ? 0 : leadingOnes(Math.max(length - 64, 0));
        int buckets = Integer.highestOneBit(entries * 4);
        keys[table] = new long[2 * buckets];
        values[table] = new int[buckets];
        Arrays.fill(values[table], NONE);
    }

    private static long leadingOnes(int count) {
        return count == 0 ? 0 : -1L << (64 - count);
    }

    private void insert(Prefix prefix, int value) {
        int table = 0;
        while (lengths[table] != prefix.length()) {
            table++;
        }
        long high = AddressBits.high(prefix.address()) & maskHigh[table];
        long low = AddressBits.low(prefix.address()) & maskLow[table];
        int bucket = find(table, high, low);
        keys[table][2 * bucket] = high;
        keys[table][2 * bucket + 1] = low;
        values[table][bucket] = value;
    }

    /** Bucket that holds the key, or the free one where it belongs. */
    private int find(int table, long high, long low) {
        long[] key = keys[table];
        int[] value = values[table];
        int mask = value.length - 1;
        long mixed = (high * 31 + low) * 0x9E3779B97F4A7C15L;
        int bucket = (int) (mixed >>> 32) & mask;
        while (value[bucket] != NONE && (key[2 * bucket] != high || key[2 * bucket + 1] != low)) {
            bucket = bucket + 1 & mask;
        }
        return bucket;
    }

    /** Value of the longest prefix that covers the address, or {@link #NONE}. */
    int lookup(long high, long low) {
        for (int table = 0; table < lengths.length; table++) {
            int value = values[table][find(table, high & maskHigh[table], low & maskLow[table])];
            if (value != NONE) {
                return value;
            }
        }
        return NONE;
    }

    int size() {
        return size;
    }
}
