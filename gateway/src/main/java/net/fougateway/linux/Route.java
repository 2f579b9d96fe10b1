package net.fougateway.linux;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Optional;
import net.fougateway.route.Prefix;

/**
 * A unicast route; one leg of it if it has several.
 *
 * @param destination masked prefix
 * @param device name of the output interface; empty when the route has none
 * @param gateway next hop, possibly of the other family; empty when the destination is on the link
 * @param preferredSource source address for the host's own packets, if the route sets one
 * @param mtuBytes MTU that the route has itself, 0 for none
 * @param metric of several routes to a destination that with the least is used; 0 for the kernel's choice
 * @param table number of the table
 */
public record Route(
        Prefix destination,
        String device,
        Optional<InetAddress> gateway,
        Optional<InetAddress> preferredSource,
        int mtuBytes,
        int metric,
        int table) {

    /** Number of the table that holds what nobody put elsewhere. */
    public static final int MAIN = RouteMessage.RT_TABLE_MAIN;

    /** A route straight into a device, in the main table. */
    public Route(Prefix destination, String device) {
        this(destination, device, Optional.empty());
    }

    /** A route that leaves the rest to the kernel, in the main table. */
    public Route(Prefix destination, String device, Optional<InetAddress> gateway) {
        this(destination, device, gateway, Optional.empty(), 0, 0, MAIN);
    }

    /** The same to one of its destinations alone, in the main table. */
    public Route to(Prefix part, int ownMetric) {
        return new Route(part, device, gateway, preferredSource, mtuBytes, ownMetric, MAIN);
    }

    /** The same in a table. */
    public Route in(int other) {
        return new Route(destination, device, gateway, preferredSource, mtuBytes, metric, other);
    }

    /** The route as {@code ip route} takes it, such as {@code 10.42.2.0/24 via 192.0.2.1 dev eth0 onlink}. */
    @Override
    public String toString() {
        String via = gateway.map(address -> " via " + viaFamily(address) + NetUtil.toAddressString(address))
                .orElse("");
        String source = preferredSource
                .map(address -> " src " + NetUtil.toAddressString(address))
                .orElse("");
        return destination
                + via
                + " dev "
                + device
                + (gateway.isPresent() ? " onlink" : "")
                + source
                + (mtuBytes == 0 ? "" : " mtu " + mtuBytes)
                + (metric == 0 ? "" : " metric " + metric)
                + (table == MAIN ? "" : " table " + Integer.toUnsignedString(table));
    }

    private String viaFamily(InetAddress address) {
        return destination.isIpv4() && Links.family(address) == Sockets.AF_INET6 ? "inet6 " : "";
    }
}
