package net.fougateway.linux;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Rules of nftables, those included that {@code iptables-nft} makes, by the UDP port that they look for. Needs CAP_NET_ADMIN. */
public final class FirewallRules {

    /** {@code NFNL_SUBSYS_NFTABLES} and {@code NFT_MSG_GETRULE}. */
    private static final int GET_RULE = 10 << 8 | 7;

    private static final int NFTA_RULE_TABLE = 1;
    private static final int NFTA_RULE_CHAIN = 2;
    private static final int NFTA_RULE_EXPRESSIONS = 4;
    private static final int NFGENMSG_BYTES = 4;
    private static final Map<Integer, String> FAMILIES =
            Map.of(1, "inet", 2, "ip", 5, "netdev", 7, "bridge", 10, "ip6");

    private FirewallRules() {}

    /**
     * Chains with rules that compare something with one of these ports, such as {@code inet filter input}; none where the kernel has no
     * nftables. Sets of ports are not looked into.
     */
    public static List<String> chainsFor(Collection<Integer> ports) {
        try (Netlink netlink = Netlink.open(Netlink.NETLINK_NETFILTER)) {
            NetlinkRequest request = new NetlinkRequest(GET_RULE, 0).bytes(0, 0, 0, 0);
            return netlink.dump(request, "list firewall rules", rule -> chain(rule, ports)).stream()
                    .distinct()
                    .toList();
        } catch (LinuxException noFirewall) {
            return List.of();
        }
    }

    private static Stream<String> chain(NetlinkMessage rule, Collection<Integer> ports) {
        NetlinkAttributes attributes = rule.attributes(NFGENMSG_BYTES);
        boolean looks = attributes
                .find(NFTA_RULE_EXPRESSIONS)
                .filter(expressions -> ports.stream().anyMatch(port -> comparesWith(expressions, port)))
                .isPresent();
        return looks
                ? Stream.of("%s %s %s"
                        .formatted(
                                FAMILIES.getOrDefault((int) rule.payload().get(0), "other"),
                                attributes.text(NFTA_RULE_TABLE).orElse("?"),
                                attributes.text(NFTA_RULE_CHAIN).orElse("?")))
                : Stream.empty();
    }

    /** As data of two bytes in network order, or as the range of destination ports of {@code iptables -m udp}. */
    static boolean comparesWith(ByteBuffer expressions, int port) {
        byte[] bytes = new byte[expressions.remaining()];
        expressions.duplicate().get(bytes);
        byte high = (byte) (port >>> Byte.SIZE);
        byte low = (byte) port;
        return contains(bytes, 6, 0, 1, 0, high, low) || contains(bytes, 0, 0, -1, -1, low, high, low, high);
    }

    private static boolean contains(byte[] bytes, int... wanted) {
        byte[] pattern = new byte[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            pattern[i] = (byte) wanted[i];
        }
        for (int at = 0; at + pattern.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + pattern.length, pattern, 0, pattern.length)) {
                return true;
            }
        }
        return false;
    }
}
