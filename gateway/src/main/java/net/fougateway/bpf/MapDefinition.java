package net.fougateway.bpf;

/**
 * What a map is to be.
 *
 * @param type {@code enum bpf_map_type}, see the constants here
 * @param entries at most
 */
public record MapDefinition(int type, int keyBytes, int valueBytes, int entries, int flags) {

    public static final int HASH = 1;
    public static final int ARRAY = 2;
    public static final int PER_CPU_HASH = 5;
    public static final int PER_CPU_ARRAY = 6;
    /** Keys are the number of bits, four bytes in the machine's order, and behind it the bits; wants {@link #NO_PREALLOC}. */
    public static final int LPM_TRIE = 11;
    /** Without keys and values; {@link #entries} is its size in bytes, a power of two of whole pages. */
    public static final int RING_BUFFER = 27;

    /** Flag: memory is taken when an entry is made. */
    public static final int NO_PREALLOC = 1;

    private static final int MOST_BYTES = 1 << 16;

    /** The same with room for more, or fewer. */
    public MapDefinition withEntries(int other) {
        return new MapDefinition(type, keyBytes, valueBytes, other, flags);
    }

    boolean isPerCpu() {
        return type == PER_CPU_ARRAY || type == PER_CPU_HASH;
    }

    /** False for what the kernel would refuse, and for values of each processor that are no counters of eight bytes. */
    boolean isSane() {
        return type > 0
                && keyBytes >= 0
                && keyBytes <= MOST_BYTES
                && valueBytes >= 0
                && valueBytes <= MOST_BYTES
                && entries > 0
                && !(isPerCpu() && valueBytes % Long.BYTES != 0);
    }
}
