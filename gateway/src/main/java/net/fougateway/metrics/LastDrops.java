package net.fougateway.metrics;

import java.util.Optional;

/**
 * The last packet that died of each reason, and whose it was. Only the worker's own thread writes, and copies it for others; nothing is
 * made for a packet.
 */
final class LastDrops {

    private static final int NUMBERS = 4;
    private static final long IPV4 = 4;
    private static final long IPV6 = 6;

    /** Of each slot when it was, family and address; no family for none yet. */
    private final long[] numbers;

    /** None yet. */
    LastDrops(int slots) {
        numbers = new long[NUMBERS * slots];
    }

    private LastDrops(LastDrops other) {
        numbers = other.numbers.clone();
    }

    /** As it is now. */
    LastDrops copy() {
        return new LastDrops(this);
    }

    /** Notes a packet; an IPv4 address is in the low 32 bits of {@code high}. */
    void note(int slot, long epochMillis, boolean ipv4, long high, long low) {
        int at = NUMBERS * slot;
        numbers[at] = epochMillis;
        numbers[at + 1] = ipv4 ? IPV4 : IPV6;
        numbers[at + 2] = high;
        numbers[at + 3] = low;
    }

    /** What was noted last. */
    Optional<Snapshot.LastDrop> get(int slot) {
        int at = NUMBERS * slot;
        return numbers[at + 1] == 0
                ? Optional.empty()
                : Optional.of(
                        Snapshot.LastDrop.of(numbers[at], numbers[at + 1] == IPV4, numbers[at + 2], numbers[at + 3]));
    }
}
