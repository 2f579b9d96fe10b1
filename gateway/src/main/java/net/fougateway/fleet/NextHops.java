package net.fougateway.fleet;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.DeviceRoute;
import net.fougateway.plan.Peering;
import net.fougateway.route.AddressBits;
import net.fougateway.route.AddressTable;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import net.fougateway.route.RouteTable;

/**
 * Who is at a next hop. It is an outer address; or one that has it inside, as an IPv6 route needs where the underlay is IPv4; or an inner
 * address, as routing daemons tell it, which is looked up in the routes once more.
 */
final class NextHops {

    private static final int MOST_STEPS = 4;
    /** {@code ::ffff:0:0/96}. */
    private static final long MAPPED = 0xffff_0000_0000L;

    private static final long LOW_32 = 0xffff_ffffL;

    private final Peering own;
    private final List<Range> ranges = new ArrayList<>();
    private final AddressTable remotes = new AddressTable();
    private final List<DeviceRoute> routes;
    private RouteTable table;

    private record Range(Prefix prefix, GatewayConfig.Peer template) {}

    /**
     * Who it is: a peer that is there, or a member.
     *
     * @param peer index, or negative for a member
     * @param template of the member
     * @param outer address of the member
     */
    record Who(int peer, GatewayConfig.Peer template, InetAddress outer) {}

    /**
     * Next hops among these.
     *
     * @param own the peers that are there from the start
     * @param routes in which an inner next hop is looked up
     */
    NextHops(GatewayConfig config, Peering own, List<DeviceRoute> routes) {
        this.own = own;
        this.routes = routes;
        own.peers().stream().filter(Peer::hasAddress).forEach(peer -> remotes.putIfAbsent(peer.remote(), peer.index()));
        config.templates()
                .forEach(template -> template.ranges().forEach(prefix -> ranges.add(new Range(prefix, template))));
    }

    /** Nothing when nobody is there. */
    Optional<Who> at(InetAddress nextHop) {
        InetAddress hop = nextHop;
        for (int step = 0; step < MOST_STEPS && hop != null; step++) {
            InetAddress address = hop;
            Optional<Who> who = embedded(hop).flatMap(this::outer).or(() -> outer(address));
            if (who.isPresent()) {
                return who;
            }
            DeviceRoute route = routeTo(hop);
            if (route == null || route.hops().isEmpty()) {
                return inner(hop);
            }
            hop = route.hops().get(0).gateway();
        }
        return Optional.empty();
    }

    private Optional<Who> outer(InetAddress address) {
        int peer = remotes.get(address);
        return peer != AddressTable.NONE
                ? Optional.of(new Who(peer, null, address))
                : ranges.stream()
                        .filter(range -> range.prefix().covers(address))
                        .findFirst()
                        .map(range -> new Who(-1, range.template(), address));
    }

    /** The peer whose {@code allowed_ips} cover an inner address. */
    private Optional<Who> inner(InetAddress address) {
        return own.owner(address).map(peer -> new Who(peer.index(), null, address));
    }

    private DeviceRoute routeTo(InetAddress address) {
        if (table == null) {
            Map<Prefix, Integer> byPrefix = new HashMap<>();
            for (int i = 0; i < routes.size(); i++) {
                byPrefix.put(routes.get(i).destination(), i);
            }
            table = new RouteTable(byPrefix);
        }
        int found = table.lookup(address instanceof Inet4Address, AddressBits.high(address), AddressBits.low(address));
        return found < 0 ? null : routes.get(found);
    }

    /** The IPv4 address inside {@code ::a.b.c.d}, {@code ::ffff:a.b.c.d} or an ISATAP address. */
    static Optional<InetAddress> embedded(InetAddress address) {
        if (address instanceof Inet4Address) {
            return Optional.empty();
        }
        long high = AddressBits.high(address);
        long low = AddressBits.low(address);
        boolean compatible = high == 0 && low >>> Integer.SIZE == 0 && (low & LOW_32) > 1;
        boolean mapped = high == 0 && (low & ~LOW_32) == MAPPED;
        boolean isatap = EmbeddedAddress.ISATAP.covers(high, low);
        return compatible || mapped || isatap ? Optional.of(ipv4(address)) : Optional.empty();
    }

    private static InetAddress ipv4(InetAddress address) {
        byte[] bytes = address.getAddress();
        return AddressBits.address(Arrays.copyOfRange(bytes, bytes.length - Integer.BYTES, bytes.length));
    }
}
