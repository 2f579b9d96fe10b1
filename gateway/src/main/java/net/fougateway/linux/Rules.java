package net.fougateway.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rules that this program has made, known by their protocol ({@code ip rule show protocol 155}). Every method throws
 * {@link LinuxException} with the kernel's words when it refuses; changes need CAP_NET_ADMIN.
 */
public final class Rules {

    private static final int RTM_NEWRULE = 32;
    private static final int RTM_DELRULE = 33;
    private static final int RTM_GETRULE = 34;
    private static final int NLM_F_CREATE_EXCL = 0x600;
    private static final int FIXED_BYTES = 12;
    private static final int FR_ACT_TO_TBL = 1;
    private static final int FIB_RULE_INVERT = 2;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    private static final int FRA_SUPPRESS_PREFIXLEN = 14;
    private static final int FRA_TABLE = 15;
    private static final int FRA_PROTOCOL = 21;
    private static final int FRA_IP_PROTO = 22;
    private static final int FRA_SPORT_RANGE = 23;
    private static final byte IPPROTO_UDP = 17;

    private final Netlink netlink;

    /** Works through {@code netlink}, which stays the caller's to close. */
    public Rules(Netlink netlink) {
        this.netlink = netlink;
    }

    /** False when the kernel has one table for all packets ({@code CONFIG_IP_MULTIPLE_TABLES} is off). */
    public boolean isSupported() {
        try {
            own(Sockets.AF_INET);
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    /** Those that this program made, in this process or an earlier one; of IPv6 none where the kernel is without. */
    public List<Rule> own() throws LinuxException {
        return Stream.concat(own(Sockets.AF_INET).stream(), ownOfIpv6().stream())
                .toList();
    }

    private List<Rule> ownOfIpv6() throws LinuxException {
        try {
            return own(Sockets.AF_INET6);
        } catch (LinuxException e) {
            if (Errno.EAFNOSUPPORT.is(e.errno()) || Errno.EOPNOTSUPP.is(e.errno())) {
                return List.of();
            }
            throw e;
        }
    }

    private List<Rule> own(int family) throws LinuxException {
        NetlinkRequest request =
                new NetlinkRequest(RTM_GETRULE, 0).bytes(family, 0, 0, 0).u32(0).u32(0);
        return netlink.dump(request, "list rules", message -> own(family, message));
    }

    private static Stream<Rule> own(int family, NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributes(FIXED_BYTES);
        boolean ours = attributes
                .find(FRA_PROTOCOL)
                .filter(protocol -> (protocol.get(0) & 0xff) == Routes.RTPROT_OURS)
                .isPresent();
        if (!ours) {
            return Stream.empty();
        }
        return Stream.of(new Rule(
                family == Sockets.AF_INET,
                attributes.u32(FRA_PRIORITY).orElse(0),
                attributes.u32(FRA_FWMARK).orElse(0),
                attributes
                        .find(FRA_SPORT_RANGE)
                        .map(range -> range.getShort(0) & 0xffff)
                        .orElse(0),
                attributes.u32(FRA_TABLE).orElse(0),
                attributes.u32(FRA_SUPPRESS_PREFIXLEN).orElse(-1) + 1));
    }

    /** Adds a rule; false when it is there already. */
    public boolean add(Rule rule) throws LinuxException {
        try {
            netlink.request(change(RTM_NEWRULE, NLM_F_CREATE_EXCL, rule), "add rule " + rule);
            return true;
        } catch (LinuxException e) {
            if (Errno.EEXIST.is(e.errno())) {
                return false;
            }
            throw e;
        }
    }

    /** Removes a rule; false when it is not there. */
    public boolean remove(Rule rule) throws LinuxException {
        try {
            netlink.request(change(RTM_DELRULE, 0, rule), "remove rule " + rule);
            return true;
        } catch (LinuxException e) {
            if (Errno.ENOENT.is(e.errno()) || Errno.EAFNOSUPPORT.is(e.errno())) {
                return false;
            }
            throw e;
        }
    }

    private static NetlinkRequest change(int type, int flags, Rule rule) {
        NetlinkRequest request = new NetlinkRequest(type, flags)
                .bytes(rule.ipv4() ? Sockets.AF_INET : Sockets.AF_INET6, 0, 0, 0)
                .bytes(0, 0, 0, FR_ACT_TO_TBL)
                .u32(rule.unmarked() == 0 ? 0 : FIB_RULE_INVERT)
                .attributeU32(FRA_PRIORITY, rule.priority())
                .attributeU32(FRA_TABLE, rule.table())
                .attribute(FRA_PROTOCOL, (byte) Routes.RTPROT_OURS);
        if (rule.unmarked() != 0) {
            request.attributeU32(FRA_FWMARK, rule.unmarked());
        }
        if (rule.leastLength() != 0) {
            request.attributeU32(FRA_SUPPRESS_PREFIXLEN, rule.leastLength() - 1);
        }
        if (rule.udpSourcePort() != 0) {
            request.attribute(FRA_IP_PROTO, IPPROTO_UDP).attribute(FRA_SPORT_RANGE, range(rule.udpSourcePort()));
        }
        return request;
    }

    /** A {@code struct fib_rule_port_range}. */
    private static byte[] range(int port) {
        return ByteBuffer.allocate(2 * Short.BYTES)
                .order(ByteOrder.nativeOrder())
                .putShort((short) port)
                .putShort((short) port)
                .array();
    }
}
