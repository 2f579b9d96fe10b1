package net.fougateway.migration;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.route.Prefix;

/**
 * A unicast route of the kernel.
 *
 * @param gateway next hop, if it has one; of an IPv6 one with an IPv4 address inside, that
 * @param table name or number of the table; {@code main} for the one that everything is in that nobody put elsewhere
 * @param via the next hop as {@code ip route} takes it; empty for none
 * @param legs devices of a route with several legs; else empty
 */
record KernelRoute(
        Prefix prefix,
        String device,
        Optional<InetAddress> gateway,
        int metric,
        String table,
        List<String> legs,
        String via) {

    static final String MAIN = "main";
    /** That of IPv6 routes for which nobody said one. */
    private static final int IPV6_METRIC = 1024;
    /** What each {@code sit} has by itself. */
    private static final Prefix WAY_OF_SIT = new Prefix(NetUtil.createInetAddressFromIpAddressString("::"), 96);

    /** From an object of {@code ip -j route}; nothing for one that is not unicast, or is for the link alone. */
    static Optional<KernelRoute> of(IpJson json) {
        String type = json.text("type");
        return (type.isEmpty() || type.equals("unicast"))
                ? prefix(json).map(prefix -> of(prefix, json))
                : Optional.empty();
    }

    private static KernelRoute of(Prefix prefix, IpJson json) {
        return new KernelRoute(
                prefix,
                json.text("dev"),
                json.address("gateway").or(() -> json.object("via").address("host")),
                json.number("metric"),
                json.has("table") ? json.text("table") : MAIN,
                json.objects("nexthops").map(leg -> leg.text("dev")).toList(),
                via(json));
    }

    private static String via(IpJson json) {
        return json.has("via")
                ? json.object("via").text("family") + " " + json.object("via").text("host")
                : json.text("gateway");
    }

    /** Routes of IPv6 have a preference, which tells its default route. */
    private static Optional<Prefix> prefix(IpJson json) {
        if (json.text("dst").equals("default")) {
            String any = json.has("pref") || json.text("gateway").contains(":") ? "::" : "0.0.0.0";
            return IpJson.parse(any).map(address -> new Prefix(address, 0));
        }
        return json.prefix("dst")
                .filter(prefix -> !prefix.address().isMulticastAddress()
                        && !prefix.address().isLinkLocalAddress()
                        && !prefix.equals(WAY_OF_SIT));
    }

    boolean isMain() {
        return table.equals(MAIN);
    }

    /** What follows {@code ip route add}, through another device. */
    String through(String other) {
        return prefix + (via.isEmpty() ? "" : " via " + via) + " dev " + other
                + (via.isEmpty() ? "" : " onlink")
                + (metric == 0 || metric == IPV6_METRIC ? "" : " metric " + metric);
    }

    @Override
    public String toString() {
        return through(device) + (isMain() ? "" : " table " + table);
    }
}
