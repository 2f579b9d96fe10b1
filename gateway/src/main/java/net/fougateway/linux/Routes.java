package net.fougateway.linux;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.route.Prefix;
import net.fougateway.route.Underlay;

/**
 * The host's routes. Every method throws {@link LinuxException} with the kernel's words when it refuses; changes need
 * CAP_NET_ADMIN.
 */
public final class Routes {

    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_GETROUTE = 26;
    /** By which the routes that {@link #add} makes are known ({@code ip route show proto 155}); nobody else has this number. */
    static final int RTPROT_OURS = 155;

    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RT_SCOPE_NOWHERE = 255;
    private static final int RTN_UNSPEC = 0;
    private static final int RTNH_F_ONLINK = 4;
    private static final int RTM_F_FIB_MATCH = 0x2000;
    private static final int RTA_SRC = 2;
    private static final int RTA_MARK = 16;
    private static final int NLM_F_CREATE_EXCL = 0x600;
    private static final long LINK_LASTS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Netlink netlink;
    private final Links links;
    private final Map<String, Integer> interfaceIndexes = new ConcurrentHashMap<>();
    private final Map<Integer, SeenLink> seenLinks = new ConcurrentHashMap<>();

    private record SeenLink(Link link, long nanos) {}

    /** Works through {@code netlink}, which stays the caller's to close. */
    public Routes(Netlink netlink) {
        this.netlink = netlink;
        this.links = new Links(netlink);
    }

    /** The unicast routes of the main table, both families, to what {@code wanted} accepts. The table itself is not held in memory. */
    public List<Route> main(Predicate<Prefix> wanted) throws LinuxException {
        List<Route> routes = new ArrayList<>(main(Sockets.AF_INET, wanted));
        routes.addAll(main(Sockets.AF_INET6, wanted));
        return routes;
    }

    /** The devices that the main table has routes through to each of these destinations, whatever their metric. */
    public Map<Prefix, List<String>> devicesTo(Set<Prefix> destinations) throws LinuxException {
        return main(destinations::contains).stream()
                .collect(Collectors.groupingBy(
                        Route::destination, Collectors.mapping(Route::device, Collectors.toList())));
    }

    /**
     * Adds routes, as far as the kernel lets it.
     *
     * @return those that it refused, with its reason; EEXIST where there is a route to the same destination with the same metric
     */
    public Map<Route, LinuxException> add(List<Route> routes) throws LinuxException {
        List<NetlinkRequest> requests = new ArrayList<>();
        for (Route route : routes) {
            requests.add(change(RTM_NEWROUTE, NLM_F_CREATE_EXCL, route, scope(route), RouteMessage.RTN_UNICAST));
        }
        List<Optional<LinuxException>> answers = netlink.requestAll(requests, i -> "add route " + routes.get(i));
        Map<Route, LinuxException> refused = new LinkedHashMap<>();
        for (int i = 0; i < answers.size(); i++) {
            Route route = routes.get(i);
            answers.get(i).ifPresent(why -> refused.put(route, why));
        }
        return refused;
    }

    private static int scope(Route route) {
        return route.gateway().isPresent() || !route.destination().isIpv4() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    }

    /** The unicast routes of all tables through a device, whoever made them. */
    public List<Route> through(Link device) throws LinuxException {
        return list(0, device.index(), Map.of(device.index(), device.name()));
    }

    /** The routes of all tables that {@link #add} made, in this process or an earlier one. */
    public List<Route> own() throws LinuxException {
        return list(RTPROT_OURS, 0, deviceNames());
    }

    /** The kernel sends only these; before 4.20 it sends all, and the others are passed over here. */
    private List<Route> list(int protocol, int interfaceIndex, Map<Integer, String> devices) throws LinuxException {
        List<Route> routes = new ArrayList<>();
        for (int family : new int[] {Sockets.AF_INET, Sockets.AF_INET6}) {
            NetlinkRequest request = header(RTM_GETROUTE, 0, family, 0, 0)
                    .bytes(0, protocol, 0, RouteMessage.RTN_UNICAST)
                    .u32(0);
            if (interfaceIndex != 0) {
                request.attributeU32(RouteMessage.RTA_OIF, interfaceIndex);
            }
            routes.addAll(netlink.dump(request, "list routes", answer -> {
                RouteMessage message = new RouteMessage(answer);
                boolean wanted = message.isUnicast() && (protocol == 0 || message.protocol() == protocol);
                return wanted
                        ? message.legs(devices).stream()
                                .filter(leg -> !leg.device().isEmpty())
                        : Stream.empty();
            }));
        }
        return routes;
    }

    /**
     * Removes a route that {@link #add} made.
     *
     * @return false when the route or its device is not there
     */
    public boolean remove(Route route) throws LinuxException {
        try {
            netlink.request(change(RTM_DELROUTE, 0, route, RT_SCOPE_NOWHERE, RTN_UNSPEC), "remove route " + route);
            return true;
        } catch (LinuxException e) {
            if (Errno.ESRCH.is(e.errno()) || Errno.ENODEV.is(e.errno())) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Asks the kernel for the way to an address.
     *
     * @param destination a scoped IPv6 address stays on the interface of its scope
     * @param from how it would be sent
     * @throws LinuxException ENETUNREACH or another word of the kernel when there is no way
     */
    public RouteInfo routeTo(InetAddress destination, Underlay from) throws LinuxException {
        String attempted = "find a route to " + NetUtil.toAddressString(destination);
        int bits = destination.getAddress().length * 8;
        int sourceBits = from.local().isPresent() ? bits : 0;
        NetlinkRequest request = header(RTM_GETROUTE, 0, Links.family(destination), bits, sourceBits)
                .bytes(0, 0, 0, 0)
                .u32(0)
                .attribute(RouteMessage.RTA_DST, destination)
                .attributeU32(RTA_MARK, from.mark());
        from.local().ifPresent(address -> request.attribute(RTA_SRC, address));
        if (!from.device().isEmpty()) {
            request.attributeU32(
                    RouteMessage.RTA_OIF, links.get(from.device(), attempted).index());
        }
        if (destination instanceof Inet6Address scoped && scoped.getScopeId() != 0) {
            request.attributeU32(RouteMessage.RTA_OIF, scoped.getScopeId());
        }
        RouteMessage answer =
                new RouteMessage(netlink.request(request, attempted).get(0));
        return answer.toRouteInfo(
                link(answer.interfaceIndex(), attempted),
                answer.isException() ? matched(destination).mtuBytes() : answer.mtuBytes());
    }

    /** For many questions at once the interfaces are read once. */
    private Link link(int index, String attempted) throws LinuxException {
        SeenLink seen = seenLinks.get(index);
        if (seen == null || System.nanoTime() - seen.nanos() > LINK_LASTS_NANOS) {
            seen = new SeenLink(links.get(index, attempted), System.nanoTime());
            seenLinks.put(index, seen);
        }
        return seen.link();
    }

    /**
     * Asks the kernel for the prefix length of the route that it takes to an address.
     *
     * @throws LinuxException as {@link #routeTo}
     */
    public int matchedBits(InetAddress destination) throws LinuxException {
        return matched(destination).destinationBits();
    }

    /** Names of the interfaces there are, by index. */
    public Map<Integer, String> deviceNames() throws LinuxException {
        return links.all().stream().collect(Collectors.toMap(Link::index, Link::name));
    }

    /**
     * The legs of the route that the kernel takes to an address.
     *
     * @param devices as {@link #deviceNames}
     * @throws LinuxException as {@link #routeTo}
     */
    public List<Route> matching(InetAddress destination, Map<Integer, String> devices) throws LinuxException {
        return matched(destination).legs(devices);
    }

    /** The route that the kernel takes to an address, without what it learned of that address. */
    private RouteMessage matched(InetAddress destination) throws LinuxException {
        NetlinkRequest request = header(
                        RTM_GETROUTE, 0, Links.family(destination), destination.getAddress().length * 8, 0)
                .bytes(0, 0, 0, 0)
                .u32(RTM_F_FIB_MATCH)
                .attribute(RouteMessage.RTA_DST, destination);
        String attempted = "find the route that matches " + NetUtil.toAddressString(destination);
        return new RouteMessage(netlink.request(request, attempted).get(0));
    }

    private NetlinkRequest change(int type, int flags, Route route, int scope, int routeType) throws LinuxException {
        Prefix destination = route.destination();
        int index = interfaceIndex(route.device());
        NetlinkRequest request = header(type, flags, Links.family(destination.address()), destination.length(), 0)
                .bytes(0, RTPROT_OURS, scope, routeType)
                .u32(route.gateway().isPresent() ? RTNH_F_ONLINK : 0)
                .attribute(RouteMessage.RTA_DST, destination.address())
                .attributeU32(RouteMessage.RTA_OIF, index)
                .attributeU32(RouteMessage.RTA_TABLE, route.table());
        if (route.metric() != 0) {
            request.attributeU32(RouteMessage.RTA_PRIORITY, route.metric());
        }
        if (route.mtuBytes() != 0) {
            request.attribute(RouteMessage.RTA_METRICS, mtuAttribute(route.mtuBytes()));
        }
        route.gateway().ifPresent(gateway -> addGateway(request, destination, gateway));
        route.preferredSource().ifPresent(source -> request.attribute(RouteMessage.RTA_PREFSRC, source));
        return request;
    }

    /** A nested {@code RTAX_MTU}. */
    private static byte[] mtuAttribute(int mtuBytes) {
        return ByteBuffer.allocate(NetlinkAttributes.HEADER_BYTES + Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putShort((short) (NetlinkAttributes.HEADER_BYTES + Integer.BYTES))
                .putShort((short) RouteMessage.RTAX_MTU)
                .putInt(mtuBytes)
                .array();
    }

    /** Looked up once: an interface that is made anew has another index, and none of the routes of the one before. */
    private int interfaceIndex(String device) throws LinuxException {
        Integer known = interfaceIndexes.get(device);
        if (known == null) {
            known = links.get(device, "find interface " + device).index();
            interfaceIndexes.put(device, known);
        }
        return known;
    }

    /** The first half of an {@code rtmsg}; table, protocol, scope, type and flags follow. */
    private static NetlinkRequest header(int type, int flags, int family, int destinationBits, int sourceBits) {
        return new NetlinkRequest(type, flags).bytes(family, destinationBits, sourceBits, 0);
    }

    private static void addGateway(NetlinkRequest request, Prefix destination, InetAddress gateway) {
        int family = Links.family(gateway);
        if (family == Links.family(destination.address())) {
            request.attribute(RouteMessage.RTA_GATEWAY, gateway);
            return;
        }
        byte[] address = gateway.getAddress();
        ByteBuffer via = ByteBuffer.allocate(Short.BYTES + address.length).order(ByteOrder.nativeOrder());
        request.attribute(
                RouteMessage.RTA_VIA, via.putShort((short) family).put(address).array());
    }

    private List<Route> main(int family, Predicate<Prefix> wanted) throws LinuxException {
        Map<Integer, String> devices = deviceNames();
        NetlinkRequest request =
                header(RTM_GETROUTE, 0, family, 0, 0).bytes(0, 0, 0, 0).u32(0);
        return netlink.dump(request, "list routes", answer -> {
            RouteMessage message = new RouteMessage(answer);
            return message.isUnicastOfMainTable(family) && wanted.test(message.destination())
                    ? message.legs(devices).stream()
                    : Stream.empty();
        });
    }
}
