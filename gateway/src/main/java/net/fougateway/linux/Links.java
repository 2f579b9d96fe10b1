package net.fougateway.linux;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.fougateway.route.Prefix;

/**
 * Network interfaces and their addresses, by interface name. Every method throws {@link LinuxException} with the kernel's
 * words when it refuses; changes need CAP_NET_ADMIN.
 */
public final class Links {

    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_TXQLEN = 13;
    private static final int IFF_UP = 1;
    private static final int IFF_MULTICAST = 0x1000;
    private static final int IFLA_AF_SPEC = 26;
    /** Nested attributes: Sockets.AF_INET6 (10) holds IFLA_INET6_ADDR_GEN_MODE (8), one byte, IN6_ADDR_GEN_MODE_NONE (1). */
    private static final byte[] INET6_ADDR_GEN_MODE_NONE = {12, 0, 10, 0, 5, 0, 8, 0, 1, 0, 0, 0};

    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int ADDRESS_FIXED_BYTES = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 2;
    private static final int IFA_F_NOPREFIXROUTE = 0x200;
    private static final int NLM_F_CREATE_EXCL = 0x600;

    /** The address, the interface, or all IPv6 of the interface is not there. */
    private static final Set<Integer> ADDRESS_IS_GONE =
            Set.of(Errno.EADDRNOTAVAIL.number(), Errno.ENODEV.number(), Errno.ENXIO.number());

    private final Netlink netlink;

    /** Works through {@code netlink}, which stays the caller's to close. */
    public Links(Netlink netlink) {
        this.netlink = netlink;
    }

    /** All interfaces. */
    public List<Link> all() throws LinuxException {
        return netlink.dump(linkRequest(RTM_GETLINK, 0), "list interfaces", message -> Stream.of(Link.from(message)));
    }

    /** The interface of this name, or nothing. */
    public Optional<Link> find(String device) throws LinuxException {
        try {
            return Optional.of(get(device, "find interface " + device));
        } catch (LinuxException e) {
            if (Errno.ENODEV.is(e.errno())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Switches the interface on. */
    public void setUp(String device) throws LinuxException {
        change(linkRequest(RTM_NEWLINK, IFF_UP), device, "set " + device + " up");
    }

    public void setMtu(String device, int mtuBytes) throws LinuxException {
        NetlinkRequest request = linkRequest(RTM_NEWLINK, 0).attributeU32(IFLA_MTU, mtuBytes);
        change(request, device, "set MTU " + mtuBytes + " on " + device);
    }

    /**
     * Keeps what the host sends on its own out of the interface: no link-local address is generated, and the interface is not
     * capable of multicast, so the kernel neither solicits routers nor reports groups through it. An interface without IPv6, as it has none
     * in a kernel without or with an MTU below 1280, has no link-local address to be kept from.
     */
    public void setUnicastOnly(String device) throws LinuxException {
        String attempted = "keep multicast out of " + device;
        try {
            change(withoutMulticast().attribute(IFLA_AF_SPEC, INET6_ADDR_GEN_MODE_NONE), device, attempted);
        } catch (LinuxException e) {
            if (!Errno.EAFNOSUPPORT.is(e.errno())) {
                throw e;
            }
            change(withoutMulticast(), device, attempted);
        }
    }

    private static NetlinkRequest withoutMulticast() {
        return new NetlinkRequest(RTM_NEWLINK, 0)
                .bytes(Sockets.AF_UNSPEC, 0, 0, 0)
                .u32(0)
                .u32(0)
                .u32(IFF_MULTICAST);
    }

    /**
     * Makes the interface a port of a bridge.
     *
     * @throws LinuxException also when there is no such bridge
     */
    public void setMaster(String device, String bridge) throws LinuxException {
        String attempted = "make " + device + " a port of the bridge " + bridge;
        NetlinkRequest request = linkRequest(RTM_NEWLINK, 0)
                .attributeU32(IFLA_MASTER, get(bridge, attempted).index());
        change(request, device, attempted);
    }

    /** True when the interface is a port of the bridge. */
    public boolean isPortOf(Link port, String bridge) {
        try {
            return find(bridge)
                    .filter(link -> link.index() == port.masterIndex())
                    .isPresent();
        } catch (LinuxException e) {
            return false;
        }
    }

    /** Sets the transmit queue length. */
    public void setTxQueueLength(String device, int packets) throws LinuxException {
        NetlinkRequest request = linkRequest(RTM_NEWLINK, 0).attributeU32(IFLA_TXQLEN, packets);
        change(request, device, "set transmit queue length " + packets + " on " + device);
    }

    /** The addresses of an interface, each with its prefix length. */
    public List<Prefix> addresses(String device) throws LinuxException {
        String attempted = "list addresses of " + device;
        int index = get(device, attempted).index();
        NetlinkRequest request = new NetlinkRequest(RTM_GETADDR, 0)
                .bytes(Sockets.AF_UNSPEC, 0, 0, 0)
                .u32(index);
        return netlink.dump(
                request,
                attempted,
                message -> message.payload().getInt(4) == index ? Stream.of(toAddress(message)) : Stream.empty());
    }

    /** The addresses of all interfaces but one, which need not be there. */
    public List<Prefix> addressesOutside(String device) throws LinuxException {
        int index = find(device).map(Link::index).orElse(0);
        NetlinkRequest request = new NetlinkRequest(RTM_GETADDR, 0)
                .bytes(Sockets.AF_UNSPEC, 0, 0, 0)
                .u32(0);
        return netlink.dump(
                request,
                "list addresses",
                message -> message.payload().getInt(4) == index ? Stream.empty() : Stream.of(toAddress(message)));
    }

    /**
     * Adds an address; an IPv6 address without duplicate address detection, usable at once.
     *
     * @param withRoute whether the kernel shall route its network into the interface
     * @return false when the interface has this address with this prefix length already
     */
    public boolean addAddress(String device, Prefix address, boolean withRoute) throws LinuxException {
        String attempted = "add address " + address + " dev " + device;
        NetlinkRequest request = addressRequest(
                        RTM_NEWADDR,
                        NLM_F_CREATE_EXCL,
                        address,
                        get(device, attempted).index())
                .attributeU32(IFA_FLAGS, flags(address) | (withRoute ? 0 : IFA_F_NOPREFIXROUTE));
        try {
            netlink.request(request, attempted);
            return true;
        } catch (LinuxException e) {
            if (Errno.EEXIST.is(e.errno()) && addresses(device).contains(address)) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Removes an address.
     *
     * @return false when the address or the interface is not there
     */
    public boolean removeAddress(String device, Prefix address) throws LinuxException {
        String attempted = "remove address " + address + " dev " + device;
        try {
            int index = get(device, attempted).index();
            netlink.request(addressRequest(RTM_DELADDR, 0, address, index), attempted);
            return true;
        } catch (LinuxException e) {
            if (ADDRESS_IS_GONE.contains(e.errno())) {
                return false;
            }
            throw e;
        }
    }

    private void change(NetlinkRequest request, String device, String attempted) throws LinuxException {
        netlink.request(request.attribute(IFLA_IFNAME, device), attempted);
    }

    /** An {@code ifinfomsg} that sets {@code flags} and leaves all others. */
    private static NetlinkRequest linkRequest(int type, int flags) {
        return new NetlinkRequest(type, 0)
                .bytes(Sockets.AF_UNSPEC, 0, 0, 0)
                .u32(0)
                .u32(flags)
                .u32(flags);
    }

    private static NetlinkRequest addressRequest(int type, int flags, Prefix prefix, int index) {
        return new NetlinkRequest(type, flags)
                .bytes(family(prefix.address()), prefix.length(), flags(prefix), 0)
                .u32(index)
                .attribute(IFA_LOCAL, prefix.address())
                .attribute(IFA_ADDRESS, prefix.address());
    }

    private static int flags(Prefix address) {
        return address.isIpv4() ? 0 : IFA_F_NODAD;
    }

    private static Prefix toAddress(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributes(ADDRESS_FIXED_BYTES);
        InetAddress address = attributes
                .address(IFA_LOCAL)
                .or(() -> attributes.address(IFA_ADDRESS))
                .orElseThrow();
        return new Prefix(address, message.payload().get(1) & 0xff);
    }

    /**
     * The device of that name.
     *
     * @param attempted what for, to follow the word "cannot"
     * @throws LinuxException ENODEV when there is none
     */
    public Link get(String device, String attempted) throws LinuxException {
        NetlinkRequest request = linkRequest(RTM_GETLINK, 0).attribute(IFLA_IFNAME, device);
        return Link.from(netlink.request(request, attempted).get(0));
    }

    Link get(int index, String attempted) throws LinuxException {
        NetlinkRequest request = new NetlinkRequest(RTM_GETLINK, 0)
                .bytes(Sockets.AF_UNSPEC, 0, 0, 0)
                .u32(index)
                .u32(0)
                .u32(0);
        return Link.from(netlink.request(request, attempted).get(0));
    }

    static int family(InetAddress address) {
        return address.getAddress().length == 4 ? Sockets.AF_INET : Sockets.AF_INET6;
    }
}
