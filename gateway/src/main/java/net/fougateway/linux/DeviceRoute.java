package net.fougateway.linux;

import java.net.InetAddress;
import java.util.List;
import net.fougateway.route.Prefix;

/**
 * A unicast route through one device, as a table of the kernel has it.
 *
 * @param destination masked prefix
 * @param protocol who made it, {@code RTPROT_*}: 4 an administrator, 12 BIRD, 186 a BGP daemon
 * @param tos that packets must have to take it; 0 for any
 * @param metric the route with the least is used
 * @param hops its legs through the device that have a next hop, none where the destination is on the link; those through other devices are
 *     left out
 */
public record DeviceRoute(Prefix destination, int protocol, int tos, int metric, List<Hop> hops) {

    /**
     * One leg.
     *
     * @param gateway the next hop, of either family
     * @param weight 1 to 256
     */
    public record Hop(InetAddress gateway, int weight) {}

    /** The same with other next hops. */
    DeviceRoute withHops(List<Hop> others) {
        return new DeviceRoute(destination, protocol, tos, metric, others);
    }
}
