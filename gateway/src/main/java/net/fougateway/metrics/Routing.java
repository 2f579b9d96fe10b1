package net.fougateway.metrics;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Which way packets go, and what the routes of the host have to do with it.
 *
 * @param ipv4Prefixes prefixes in the IPv4 table
 * @param ipv6Prefixes prefixes in the IPv6 table
 * @param routes all of them, shared by all snapshots until they change
 * @param kernelRoutes routes of the host through the device, one entry for each family and state
 * @param members of each peer of {@code type: next_hop}, by its name
 */
public record Routing(
        int ipv4Prefixes,
        int ipv6Prefixes,
        List<Route> routes,
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
     * @param seconds that it took, all together
     * @param lastChange when they were last found to be other ones; the epoch when none are read
     */
    public record Reads(Map<Cause, Long> byCause, double seconds, Instant lastChange) {

        /** None were read. */
        public static final Reads NONE = new Reads(Map.of(), 0, Instant.EPOCH);
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
