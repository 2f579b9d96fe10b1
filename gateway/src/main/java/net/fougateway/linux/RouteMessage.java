package net.fougateway.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.fougateway.route.Prefix;

/** Reads an {@code RTM_NEWROUTE} message. */
final class RouteMessage {

    static final int RT_TABLE_MAIN = 254;
    static final int RTN_UNICAST = 1;
    static final int RTA_DST = 1;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int RTA_PREFSRC = 7;
    static final int RTA_VIA = 18;

    private static final int FIXED_BYTES = 12;
    private static final int NEXT_HOP_FIXED_BYTES = 8;
    private static final int RTN_LOCAL = 2;
    private static final int RTN_BROADCAST = 3;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTNH_F_DEAD = 1;
    static final int RTA_PRIORITY = 6;
    private static final int RTA_NH_ID = 30;
    static final int RTA_METRICS = 8;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_CACHEINFO = 12;
    /** Offset of {@code rta_expires} in {@code struct rta_cacheinfo}. */
    private static final int CACHE_INFO_EXPIRES = 8;

    static final int RTA_TABLE = 15;
    static final int RTAX_MTU = 2;

    private final ByteBuffer fixed;
    private final NetlinkAttributes attributes;

    RouteMessage(NetlinkMessage message) {
        this.fixed = message.payload();
        this.attributes = message.attributes(FIXED_BYTES);
    }

    /** True for a route of {@code family} that an administrator or daemon sees in the main table. */
    boolean isUnicastOfMainTable(int family) {
        return family() == family && table() == RT_TABLE_MAIN && isUnicast();
    }

    /** Output interface, 0 if there is none or several. */
    int interfaceIndex() {
        return attributes.u32(RTA_OIF).orElse(0);
    }

    /** The MTU that the route itself has, where it has one. */
    OptionalInt mtuBytes() {
        return attributes.nested(RTA_METRICS).u32(RTAX_MTU).stream()
                .mapToInt(Integer::intValue)
                .findFirst();
    }

    /**
     * The answer to a lookup.
     *
     * @param link the output interface
     * @param routeMtuBytes MTU of the route itself, which an exception hides
     */
    RouteInfo toRouteInfo(Link link, OptionalInt routeMtuBytes) {
        return new RouteInfo(
                link.index(),
                link.name(),
                routeMtuBytes.orElse(link.mtuBytes()),
                mtuBytes().orElse(link.mtuBytes()),
                attributes.address(RTA_PREFSRC),
                gateway(attributes),
                fixed.get(7) == RTN_LOCAL,
                fixed.get(7) == RTN_BROADCAST);
    }

    /** True for what the kernel learned of one destination and will forget: it hides the MTU of the route itself. */
    boolean isException() {
        int expires = attributes
                .find(RTA_CACHEINFO)
                .map(cacheInfo -> cacheInfo.getInt(CACHE_INFO_EXPIRES))
                .orElse(0);
        return isCloned() && expires != 0;
    }

    private boolean isCloned() {
        return (fixed.getInt(8) & RTM_F_CLONED) != 0;
    }

    /** The route, as one per next hop; {@code devices} gives interface names by index. */
    List<Route> legs(Map<Integer, String> devices) {
        return hops().stream()
                .map(hop -> new Route(
                        destination(),
                        devices.getOrDefault(hop.interfaceIndex(), ""),
                        hop.gateway(),
                        attributes.address(RTA_PREFSRC),
                        mtuBytes().orElse(0),
                        metric(),
                        table()))
                .toList();
    }

    /**
     * A next hop as the message has it.
     *
     * @param weight 1 to 256
     * @param dead true when the kernel does not use it
     */
    record Hop(int interfaceIndex, Optional<InetAddress> gateway, int weight, boolean dead) {}

    /** Its next hops, one or several; what a nexthop object says may be missing, see {@link #nextHopObject}. */
    List<Hop> hops() {
        return attributes
                .find(RTA_MULTIPATH)
                .map(RouteMessage::hops)
                .orElseGet(() -> List.of(
                        new Hop(interfaceIndex(), gateway(attributes), 1, (fixed.getInt(8) & RTNH_F_DEAD) != 0)));
    }

    /** Reads a list of {@code struct rtnexthop}, each with attributes. */
    private static List<Hop> hops(ByteBuffer legs) {
        List<Hop> hops = new ArrayList<>();
        int start = 0;
        while (start + NEXT_HOP_FIXED_BYTES <= legs.limit()) {
            int length = legs.getShort(start) & 0xffff;
            if (length < NEXT_HOP_FIXED_BYTES || length > legs.limit() - start) {
                break;
            }
            ByteBuffer nested = legs.slice(start + NEXT_HOP_FIXED_BYTES, length - NEXT_HOP_FIXED_BYTES);
            boolean dead = (legs.get(start + 2) & RTNH_F_DEAD) != 0;
            int weight = (legs.get(start + 3) & 0xff) + 1;
            hops.add(new Hop(legs.getInt(start + 4), gateway(new NetlinkAttributes(nested)), weight, dead));
            start += NetlinkMessage.align(length);
        }
        return hops;
    }

    /** Number of the nexthop object that the route goes through, or 0. */
    int nextHopObject() {
        return attributes.u32(RTA_NH_ID).orElse(0);
    }

    /** Number of the table that it is in. */
    int table() {
        return attributes.u32(RTA_TABLE).orElse(fixed.get(4) & 0xff);
    }

    boolean isUnicast() {
        return fixed.get(7) == RTN_UNICAST && !isCloned();
    }

    /** Who made it, {@code RTPROT_*}. */
    int protocol() {
        return fixed.get(5) & 0xff;
    }

    /** The TOS that packets must have to take it; 0 for any. */
    int tos() {
        return fixed.get(3) & 0xff;
    }

    /** Routes with less are preferred. */
    int metric() {
        return attributes.u32(RTA_PRIORITY).orElse(0);
    }

    Prefix destination() {
        byte[] any = new byte[family() == Sockets.AF_INET ? 4 : 16];
        InetAddress address = attributes.address(RTA_DST).orElseGet(() -> NetlinkAttributes.toAddress(any));
        return new Prefix(address, destinationBits());
    }

    /** Prefix length of the destination. */
    int destinationBits() {
        return fixed.get(1) & 0xff;
    }

    private int family() {
        return fixed.get(0) & 0xff;
    }

    private static Optional<InetAddress> gateway(NetlinkAttributes hop) {
        return hop.address(RTA_GATEWAY).or(() -> hop.addressAfterFamily(RTA_VIA));
    }
}
