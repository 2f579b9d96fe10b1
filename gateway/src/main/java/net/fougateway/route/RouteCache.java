package net.fougateway.route;

import java.util.Arrays;

/**
 * The last look-ups in a {@link RouteTable}, because packets of a flow come again: one that is found here costs the same whatever the size of
 * the table. Belongs to one worker.
 */
public final class RouteCache {

    private static final int ENTRIES = 4096;
    private static final long MIXER = 0x9E3779B97F4A7C15L;

    private final RouteTable routes;
    private final Family ipv4;
    private final Family ipv6;

    /** Look-ups of one address family, each where its address belongs. */
    private static final class Family {
        private final long[] high = new long[ENTRIES];
        private final long[] low = new long[ENTRIES];
        private final int[] target = new int[ENTRIES];

        /** Full of look-ups of the address that is all zeros. */
        Family(int targetOfZero) {
            Arrays.fill(target, targetOfZero);
        }
    }

    /** In front of {@code routes}. */
    public RouteCache(RouteTable routes) {
        this.routes = routes;
        ipv4 = new Family(routes.lookup(true, 0, 0));
        ipv6 = new Family(routes.lookup(false, 0, 0));
    }

    /** As {@link RouteTable#lookup}. */
    public int lookup(boolean isIpv4, long high, long low) {
        Family family = isIpv4 ? ipv4 : ipv6;
        int at = (int) (((high * 31 + low) * MIXER) >>> 32) & (ENTRIES - 1);
        if (family.high[at] != high || family.low[at] != low) {
            family.target[at] = routes.lookup(isIpv4, high, low);
            family.high[at] = high;
            family.low[at] = low;
        }
        return family.target[at];
    }
}
