package net.fougateway.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.fougateway.linux.DeviceRoute.Hop;

/**
 * Reads the routes through one device from one table, in the kernel's order: of equal prefix and metric the first is used. The kernel sends
 * only these, whatever else is in the table; kernels before 4.20 send all, and the others are passed over here.
 */
public final class DeviceRoutes {

    private static final int RTM_GETNEXTHOP = 106;
    private static final int NEXT_HOP_FIXED_BYTES = 8;
    private static final int NHA_ID = 1;
    private static final int NHA_GROUP = 2;
    private static final int NHA_OIF = 5;
    private static final int NHA_GATEWAY = 6;
    private static final int GROUP_ENTRY_BYTES = 8;

    private final Netlink netlink;

    /** Works through {@code netlink}, which stays the caller's to close. */
    public DeviceRoutes(Netlink netlink) {
        this.netlink = netlink;
    }

    /** A nexthop object: a leg of its own, or a group of others with weights. */
    private record NextHop(int interfaceIndex, Optional<InetAddress> gateway, List<Member> members) {}

    private record Member(int id, int weight) {}

    /**
     * All unicast routes of {@code table} that go through a device, both families.
     *
     * @param interfaceIndex of the device
     */
    public List<DeviceRoute> read(int interfaceIndex, int table) throws LinuxException {
        Map<Integer, NextHop> objects = nextHopObjects();
        List<DeviceRoute> routes = new ArrayList<>(read(Sockets.AF_INET, interfaceIndex, table, objects));
        routes.addAll(read(Sockets.AF_INET6, interfaceIndex, table, objects));
        return routes;
    }

    private List<DeviceRoute> read(int family, int interfaceIndex, int table, Map<Integer, NextHop> objects)
            throws LinuxException {
        NetlinkRequest request = new NetlinkRequest(Routes.RTM_GETROUTE, 0)
                .bytes(family, 0, 0, 0)
                .bytes(table < 256 ? table : 0, 0, 0, RouteMessage.RTN_UNICAST)
                .u32(0)
                .attributeU32(RouteMessage.RTA_TABLE, table)
                .attributeU32(RouteMessage.RTA_OIF, interfaceIndex);
        Map<List<Hop>, List<Hop>> known = new HashMap<>(); // a hundred thousand routes have a hundred next hops
        try {
            return netlink.dump(
                    request,
                    "list the routes of a device",
                    message -> route(new RouteMessage(message), interfaceIndex, table, objects)
                            .map(route -> route.withHops(known.computeIfAbsent(route.hops(), hops -> hops))));
        } catch (LinuxException e) {
            if (Errno.ENOENT.is(e.errno())) { // there is no such table yet
                return List.of();
            }
            throw e;
        }
    }

    private static Stream<DeviceRoute> route(
            RouteMessage message, int interfaceIndex, int table, Map<Integer, NextHop> objects) {
        if (!message.isUnicast() || message.table() != table) {
            return Stream.empty();
        }
        List<RouteMessage.Hop> legs = legs(message, objects).stream()
                .filter(leg -> leg.interfaceIndex() == interfaceIndex && !leg.dead())
                .toList();
        if (legs.isEmpty()) {
            return Stream.empty();
        }
        List<Hop> hops = legs.stream()
                .flatMap(leg -> leg.gateway().map(gateway -> new Hop(gateway, leg.weight())).stream())
                .toList();
        return Stream.of(
                new DeviceRoute(message.destination(), message.protocol(), message.tos(), message.metric(), hops));
    }

    /** With {@code net.ipv4.nexthop_compat_mode=0} the message names the nexthop object only. */
    private static List<RouteMessage.Hop> legs(RouteMessage message, Map<Integer, NextHop> objects) {
        NextHop object = objects.get(message.nextHopObject());
        if (object == null) {
            return message.hops();
        }
        return object.members().isEmpty()
                ? List.of(leg(object, 1))
                : object.members().stream()
                        .filter(member -> objects.containsKey(member.id()))
                        .map(member -> leg(objects.get(member.id()), member.weight()))
                        .toList();
    }

    private static RouteMessage.Hop leg(NextHop object, int weight) {
        return new RouteMessage.Hop(object.interfaceIndex(), object.gateway(), weight, false);
    }

    /** Nexthop objects by number; none in kernels before 5.3. */
    private Map<Integer, NextHop> nextHopObjects() throws LinuxException {
        NetlinkRequest request =
                new NetlinkRequest(RTM_GETNEXTHOP, 0).bytes(0, 0, 0, 0).u32(0);
        Map<Integer, NextHop> objects = new HashMap<>();
        try {
            netlink.dump(request, "list nexthop objects", message -> {
                NetlinkAttributes attributes = message.attributes(NEXT_HOP_FIXED_BYTES);
                objects.put(attributes.u32(NHA_ID).orElse(0), nextHop(attributes));
                return Stream.empty();
            });
        } catch (LinuxException e) {
            if (!Errno.EOPNOTSUPP.is(e.errno()) && !Errno.EINVAL.is(e.errno())) {
                throw e;
            }
        }
        return objects;
    }

    private static NextHop nextHop(NetlinkAttributes attributes) {
        List<Member> members =
                attributes.find(NHA_GROUP).map(DeviceRoutes::members).orElse(List.of());
        return new NextHop(attributes.u32(NHA_OIF).orElse(0), attributes.address(NHA_GATEWAY), members);
    }

    /** Reads a list of {@code struct nexthop_grp}. */
    private static List<Member> members(ByteBuffer group) {
        List<Member> members = new ArrayList<>();
        for (int start = 0; start + GROUP_ENTRY_BYTES <= group.limit(); start += GROUP_ENTRY_BYTES) {
            members.add(new Member(group.getInt(start), (group.get(start + 4) & 0xff) + 1));
        }
        return members;
    }
}
