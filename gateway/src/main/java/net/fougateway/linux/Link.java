package net.fougateway.linux;

/**
 * A network interface at the moment it was read.
 *
 * @param index interface index in its namespace
 * @param name interface name
 * @param kind {@code IFLA_INFO_KIND} such as {@code tun} or {@code veth}; empty for hardware and loopback
 * @param lowerIndex interface of the same namespace that it is upon, of a VLAN for example, or its peer, of a veth; 0 for none
 * @param hardwareType {@code ARPHRD_*}: 1 Ethernet, 65534 none (TUN), 772 loopback
 * @param mtuBytes MTU
 * @param up the administrator's switch, {@code IFF_UP}
 * @param carrier whether there is one, also while the interface is down; a TUN device has carrier while a process is attached to it
 * @param ipv6 false while it has no IPv6: switched off ({@code disable_ipv6}), not in this kernel, or an MTU below 1280
 * @param masterIndex index of the bridge that it is a port of, 0 for none
 * @param txQueueLengthPackets transmit queue length
 * @param txDropped packets that the device dropped on transmit since it exists
 * @param rxDropped packets that the host dropped on their way in from it
 */
public record Link(
        int index,
        String name,
        String kind,
        int lowerIndex,
        int hardwareType,
        int mtuBytes,
        boolean up,
        boolean carrier,
        boolean ipv6,
        int masterIndex,
        int txQueueLengthPackets,
        long txDropped,
        long rxDropped) {

    /** Length of {@code struct ifinfomsg}. */
    static final int FIXED_BYTES = 16;

    private static final int IFF_UP = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_TXQLEN = 13;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_STATS64 = 23;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_INET6_CONF = 2;
    /** Of {@code DEVCONF_DISABLE_IPV6} in an array of integers. */
    private static final int DISABLE_IPV6_OFFSET = 26 * Integer.BYTES;

    private static final int IFLA_CARRIER = 33;
    /** Of the namespace that {@link #IFLA_LINK} is in, when it is another one. */
    private static final int IFLA_LINK_NETNSID = 37;

    private static final int RX_DROPPED_OFFSET = 6 * Long.BYTES;
    private static final int TX_DROPPED_OFFSET = 7 * Long.BYTES;

    /** Reads an {@code RTM_NEWLINK} message. */
    static Link from(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributes(FIXED_BYTES);
        int flags = message.payload().getInt(8);
        return new Link(
                message.payload().getInt(4),
                attributes.text(IFLA_IFNAME).orElse(""),
                attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND).orElse(""),
                attributes.find(IFLA_LINK_NETNSID).isPresent()
                        ? 0
                        : attributes.u32(IFLA_LINK).orElse(0),
                message.payload().getShort(2) & 0xffff,
                attributes.u32(IFLA_MTU).orElse(0),
                (flags & IFF_UP) != 0,
                attributes
                        .find(IFLA_CARRIER)
                        .map(carrier -> carrier.get(0) != 0)
                        .orElse(false),
                attributes
                        .nested(IFLA_AF_SPEC)
                        .nested(Sockets.AF_INET6)
                        .find(IFLA_INET6_CONF)
                        .map(settings ->
                                settings.limit() > DISABLE_IPV6_OFFSET && settings.getInt(DISABLE_IPV6_OFFSET) == 0)
                        .orElse(false),
                attributes.u32(IFLA_MASTER).orElse(0),
                attributes.u32(IFLA_TXQLEN).orElse(0),
                statistic(attributes, TX_DROPPED_OFFSET),
                statistic(attributes, RX_DROPPED_OFFSET));
    }

    private static long statistic(NetlinkAttributes attributes, int offset) {
        return attributes
                .find(IFLA_STATS64)
                .map(statistics -> statistics.getLong(offset))
                .orElse(0L);
    }
}
