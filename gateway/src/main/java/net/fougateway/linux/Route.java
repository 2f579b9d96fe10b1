package net.fougateway.linux;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Optional;
import net.fougateway.route.Prefix;

/**
 * A unicast route of the main table; one leg of it if it has several.
 *
 * @param destination masked prefix
 * @param device name of the output interface; empty when the route has none
 * @param gateway next hop, possibly of the other family; empty when the destination is on the link
 * @param preferredSource source address for the host's own packets, if the route sets one
 */
public record Route(
        Prefix destination, String device, Optional<InetAddress> gateway, Optional<InetAddress> preferredSource) {

    /** A route straight into a device. */
    public Route(Prefix destination, String device) {
        this(destination, device, Optional.empty(), Optional.empty());
    }

    /** The route as {@code ip route} takes it, such as {@code 10.42.2.0/24 via 192.0.2.1 dev eth0 onlink}. */
    @Override
    public String toString() {
        String via = gateway.map(address -> " via " + viaFamily(address) + NetUtil.toAddressString(address))
                .orElse("");
        String source = preferredSource
                .map(address -> " src " + NetUtil.toAddressString(address))
                .orElse("");
        return destination + via + " dev " + device + (gateway.isPresent() ? " onlink" : "") + source;
    }

    private String viaFamily(InetAddress address) {
        return destination.isIpv4() && Links.family(address) == Sockets.AF_INET6 ? "inet6 " : "";
    }
}
