package net.fougateway.fleet;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
        Map<Prefix, DeviceRoute> best = new LinkedHashMap<>();
        int tos = 0;
        for (DeviceRoute route : read) {
            if (route.tos() != 0) {
                tos++;
            } else {
                best.merge(route.destination(), route, (a, b) -> b.metric() < a.metric() ? b : a);
            }
        }
        Map<Prefix, Since> next = new HashMap<>();
        best.forEach((prefix, route) -> next.put(prefix, since(prefix, route, now)));
        return next.equals(routes) && tos == otherTos ? this : new FollowedRoutes(next, tos);
    }

    private Since since(Prefix prefix, DeviceRoute route, Instant now) {
        Since before = routes.get(prefix);
        return before != null && before.route().equals(route) ? before : new Since(route, now);
    }
}
