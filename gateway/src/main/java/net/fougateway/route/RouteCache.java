package net.fougateway.route;

import java.util.Arrays;

/**
 * The last look-ups in a {@link RouteTable}, because packets of a flow come again: one that is found here costs the same whatever the size of
 * the table. Belongs to one worker.
 */
public final class RouteCache {

    /** A small table is as fast as its cache, and many workers have many of them. */
    private static final int MOST_ENTRIES = 2048;

    private static final int FEWEST_ENTRIES = 16;
    private static final long MIXER = 0x9E3779B97F4A7C15L;

    private final RouteTable routes;
    private final Family ipv4;
    private final Family ipv6;

    /** Look-ups of one address family, each where its address belongs. */
    private static final class Family {
        private final long[] high;
        private final long[] low;
        private final int[] target;

        /** Full of look-ups of the address that is all zeros. */
        Family(int prefixes, int targetOfZero) {
            int entries = Integer.highestOneBit(Math.max(FEWEST_ENTRIES, Math.min(2 * prefixes, MOST_ENTRIES)));
            high = new long[entries];
            low = new long[entries];
            target = new int[entries];
            Arrays.fill(target, targetOfZero);
        }
    }

    /** In front of {@code routes}. */
    public RouteCache(RouteTable routes) {
        this.routes = routes;
        ipv4 = new Family(routes.size(true), routes.lookup(true, 0, 0));
        ipv6 = new Family(routes.size(false), routes.lookup(false, 0, 0));
    }

    /** The table behind it. */
    public RouteTable routes() {
        return routes;
    }

    /** As {@link RouteTable#lookup}. */
    public int lookup(boolean isIpv4, long high, long low) {
        Family family = isIpv4 ? ipv4 : ipv6;
        int at = (int) (((high * 31 + low) * MIXER) >>> 32) & (family.target.length - 1);
        if (family.high[at] != high || family.low[at] != low) {
            family.target[at] = routes.lookup(isIpv4, high, low);
            family.high[at] = high;
            family.low[at] = low;
        }
        return family.target[at];
    }
}
