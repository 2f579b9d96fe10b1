package net.fougateway.linux;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import net.fougateway.route.Prefix;

/**
 * The host's routes. Every method throws {@link LinuxException} with the kernel's words when it refuses; changes need
 * CAP_NET_ADMIN.
 */
public final class Routes {

    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_GETROUTE = 26;
    private static final int RTPROT_STATIC = 4;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RT_SCOPE_NOWHERE = 255;
    private static final int RTN_UNSPEC = 0;
    private static final int RTNH_F_ONLINK = 4;
    private static final int RTM_F_FIB_MATCH = 0x2000;
    private static final int RTA_SRC = 2;
    private static final int NLM_F_CREATE_EXCL = 0x600;

    private final Netlink netlink;
    private final Links links;

    /** Works through {@code netlink}, which stays the caller's to close. */
    public Routes(Netlink netlink) {
        this.netlink = netlink;
        this.links = new Links(netlink);
    }

    /** The unicast routes of the main table, both families. */
    public List<Route> main() throws LinuxException {
        List<Route> routes = new ArrayList<>(all(Links.AF_INET));
        routes.addAll(all(Links.AF_INET6));
        return routes;
    }

    /** Those of {@link #main} whose output interface is {@code device}. */
    public List<Route> through(String device) throws LinuxException {
        return main().stream().filter(route -> route.device().equals(device)).toList();
    }

    /**
     * Adds a route to the main table. It never takes a destination over: a route to the same destination through another
     * device, whatever its metric, is an error (EEXIST).
     *
     * @return false when the device has a route to this destination already
     */
    public boolean add(Route route) throws LinuxException {
        String attempted = "add route " + route;
        List<String> devices = devicesOf(route.destination());
        if (devices.contains(route.device())) {
            return false;
        }
        if (!devices.isEmpty()) {
            throw Errno.failure(Errno.EEXIST.number(), attempted + " (it goes to " + devices.get(0) + " now)");
        }
        int scope = route.gateway().isPresent() || !route.destination().isIpv4() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
        netlink.request(change(RTM_NEWROUTE, NLM_F_CREATE_EXCL, route, scope, RouteMessage.RTN_UNICAST), attempted);
        return true;
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
     * @param source source address to send from, if it matters
     * @throws LinuxException ENETUNREACH or another word of the kernel when there is no way
     */
    public RouteInfo routeTo(InetAddress destination, Optional<InetAddress> source) throws LinuxException {
        String attempted = "find a route to " + NetUtil.toAddressString(destination);
        int bits = destination.getAddress().length * 8;
        NetlinkRequest request = header(RTM_GETROUTE, 0, Links.family(destination), bits, source.isPresent() ? bits : 0)
                .bytes(0, 0, 0, 0)
                .u32(0)
                .attribute(RouteMessage.RTA_DST, destination);
        source.ifPresent(address -> request.attribute(RTA_SRC, address));
        if (destination instanceof Inet6Address scoped && scoped.getScopeId() != 0) {
            request.attributeU32(RouteMessage.RTA_OIF, scoped.getScopeId());
        }
        RouteMessage answer =
                new RouteMessage(netlink.request(request, attempted).get(0));
        return answer.toRouteInfo(links.get(answer.interfaceIndex(), attempted));
    }

    /**
     * Asks the kernel for the prefix length of the route that it takes to an address.
     *
     * @throws LinuxException as {@link #routeTo}
     */
    public int matchedBits(InetAddress destination) throws LinuxException {
        NetlinkRequest request = header(
                        RTM_GETROUTE, 0, Links.family(destination), destination.getAddress().length * 8, 0)
                .bytes(0, 0, 0, 0)
                .u32(RTM_F_FIB_MATCH)
                .attribute(RouteMessage.RTA_DST, destination);
        String attempted = "find the route that matches " + NetUtil.toAddressString(destination);
        return new RouteMessage(netlink.request(request, attempted).get(0)).destinationBits();
    }

    private NetlinkRequest change(int type, int flags, Route route, int scope, int routeType) throws LinuxException {
        Prefix destination = route.destination();
        int index =
                links.get(route.device(), "find interface " + route.device()).index();
        NetlinkRequest request = header(type, flags, Links.family(destination.address()), destination.length(), 0)
                .bytes(RouteMessage.RT_TABLE_MAIN, RTPROT_STATIC, scope, routeType)
                .u32(route.gateway().isPresent() ? RTNH_F_ONLINK : 0)
                .attribute(RouteMessage.RTA_DST, destination.address())
                .attributeU32(RouteMessage.RTA_OIF, index);
        route.gateway().ifPresent(gateway -> addGateway(request, destination, gateway));
        route.preferredSource().ifPresent(source -> request.attribute(RouteMessage.RTA_PREFSRC, source));
        return request;
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

    private List<String> devicesOf(Prefix destination) throws LinuxException {
        return all(Links.family(destination.address())).stream()
                .filter(route -> route.destination().equals(destination))
                .map(Route::device)
                .toList();
    }

    private List<Route> all(int family) throws LinuxException {
        Map<Integer, String> devices = links.all().stream().collect(Collectors.toMap(Link::index, Link::name));
        NetlinkRequest request =
                header(RTM_GETROUTE, 0, family, 0, 0).bytes(0, 0, 0, 0).u32(0);
        return netlink.dump(request, "list routes").stream()
                .map(RouteMessage::new)
                .filter(message -> message.isUnicastOfMainTable(family))
                .flatMap(message -> message.legs(devices).stream())
                .toList();
    }
}
