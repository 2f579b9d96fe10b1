package net.fougateway.metrics;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which way packets go, and what the routes of the host have to do with it.
 *
 * @param ipv4Prefixes prefixes in the IPv4 table
 * @param ipv6Prefixes prefixes in the IPv6 table
 * @param routes all of them, put together for whoever asks
 * @param kernelRoutes routes of the host through the device, one entry for each family and state
 * @param members of each peer of {@code type: next_hop}, by its name
 */
public record Routing(
        int ipv4Prefixes,
        int ipv6Prefixes,
        Supplier<List<Route>> routes,
        List<KernelRoutes> kernelRoutes,
        Map<String, Integer> members,
        Reads reads) {

    /** What becomes of a route of the host. */
    public enum State {
        /** Its next hops are peers. */
        USED,
        /** It has no next hop: {@code allowed_ips} decide. */
        ON_LINK,
        /** None of its next hops is a peer: packets are dropped. */
        NO_PEER,
        /** It is for packets of one TOS only, and passed over. */
        OTHER_TOS
    }

    /** How many routes of the host there are. */
    public record KernelRoutes(boolean ipv4, State state, long routes) {}

    /** Why the routes of the host were read. */
    public enum Cause {
        START,
        EVENT,
        OVERFLOW,
        TIMER
    }

    /**
     * How often the routes of the host were read.
     *
     * @param took how long
     * @param lastChange when they were last found to be other ones; the epoch when none are read
     */
    public record Reads(Map<Cause, Long> byCause, Durations took, Instant lastChange) {

        /** None were read. */
        public static final Reads NONE = new Reads(Map.of(), Durations.NONE, Instant.EPOCH);
    }

    /**
     * How long something took that happened several times.
     *
     * @param seconds all together
     * @param buckets how often it took no longer than each of {@link #BOUNDS_SECONDS}, but longer than the one before; the last is for the rest
     */
    public record Durations(double seconds, List<Long> buckets) {

        /** Upper bounds of the buckets, in seconds. */
        public static final List<Double> BOUNDS_SECONDS = List.of(0.001, 0.01, 0.03, 0.1, 0.3, 1.0);

        /** It has not happened. */
        public static final Durations NONE = new Durations(0, Collections.nCopies(BOUNDS_SECONDS.size() + 1, 0L));

        /** These, and one more. */
        public Durations and(double more) {
            long bucket =
                    BOUNDS_SECONDS.stream().takeWhile(bound -> bound < more).count();
            List<Long> counts = new ArrayList<>(buckets);
            counts.set((int) bucket, counts.get((int) bucket) + 1);
            return new Durations(seconds + more, List.copyOf(counts));
        }
    }

    /**
     * The route of a prefix.
     *
     * @param origin {@code allowed_ips}, or who made the route of the host: {@code bird}, {@code static}
     * @param metric of the route of the host
     * @param nextHops of the route of the host
     * @param legs the peers that packets go to; none when they are dropped
     * @param since when it was first seen; the epoch for {@code allowed_ips}
     */
    public record Route(
            String prefix, String origin, int metric, List<String> nextHops, List<Leg> legs, Instant since) {}

    /** A peer that packets go to, with its share of the flows to that of the others. */
    public record Leg(String peer, int weight) {}
}
