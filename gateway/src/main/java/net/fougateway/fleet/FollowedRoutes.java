package net.fougateway.fleet;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.fougateway.linux.DeviceRoute;
import net.fougateway.route.Prefix;

/**
 * The routes that packets take through the device, one for each prefix.
 *
 * @param routes by prefix
 * @param otherTos routes that are for packets of one TOS only, which are passed over
 */
public record FollowedRoutes(Map<Prefix, Since> routes, int otherTos) {

    /** None. */
    public static final FollowedRoutes NONE = new FollowedRoutes(Map.of(), 0);

    /** A route, and when it was first seen as it is. */
    public record Since(DeviceRoute route, Instant instant) {}

    /**
     * Chooses as the kernel does: of the routes of a prefix the one with the least metric, of these the first. Answers this very object when
     * nothing has changed.
     *
     * @param read in the kernel's order
     */
    FollowedRoutes then(List<DeviceRoute> read, Instant now) {
        Map<Prefix, DeviceRoute> best = new HashMap<>();
        int tos = 0;
        for (DeviceRoute route : read) {
            if (route.tos() != 0) {
                tos++;
            } else {
                best.merge(route.destination(), route, (a, b) -> b.metric() < a.metric() ? b : a);
            }
        }
        boolean isSame = best.size() == routes.size() && tos == otherTos;
        Map<Prefix, Since> next = new HashMap<>();
        for (DeviceRoute route : best.values()) {
            Since before = routes.get(route.destination());
            if (before != null && before.route().equals(route)) {
                next.put(before.route().destination(), before);
            } else {
                next.put(route.destination(), new Since(route, now));
                isSame = false;
            }
        }
        return isSame ? this : new FollowedRoutes(next, tos);
    }
}
