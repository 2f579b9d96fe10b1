package net.fougateway.route;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Which peer an inner address belongs to, by longest prefix. Immutable, so a new one can replace it at once. */
public final class RouteTable {

    /** Answer when no prefix covers the address. */
    public static final int NONE = PrefixTable.NONE;

    private final PrefixTable ipv4;
    private final PrefixTable ipv6;

    /** Routes each prefix, its host bits aside, to the peer of that index. */
    public RouteTable(Map<Prefix, Integer> peers) {
        Map<Boolean, Map<Prefix, Integer>> byFamily = peers.entrySet().stream()
                .collect(Collectors.partitioningBy(
                        entry -> entry.getKey().isIpv4(),
                        Collectors.toMap(entry -> entry.getKey().masked(), Map.Entry::getValue)));
        ipv4 = new PrefixTable(true, byFamily.get(true));
        ipv6 = new PrefixTable(false, byFamily.get(false));
    }

    /** Routes each peer's allowed IPs to its index. No prefix may stand at two peers. */
    public static RouteTable ofAllowedIps(List<Peer> peers) {
        return new RouteTable(peers.stream()
                .flatMap(peer -> peer.allowedIps().stream().map(prefix -> Map.entry(prefix, peer.index())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /**
     * Index of the peer, or {@link #NONE}.
     *
     * @param high IPv4 address in the low 32 bits, or high half of IPv6
     * @param low 0, or low half of IPv6
     */
    public int lookup(boolean isIpv4, long high, long low) {
        return isIpv4 ? ipv4.lookup(high, 0) : ipv6.lookup(high, low);
    }

    /** Number of IPv4 or IPv6 prefixes. */
    public int size(boolean isIpv4) {
        return isIpv4 ? ipv4.size() : ipv6.size();
    }
}
