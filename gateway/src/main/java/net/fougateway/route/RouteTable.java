package net.fougateway.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.fougateway.route.PeerGroup.Leg;

/**
 * Which peer an inner address belongs to, by longest prefix. Where several peers share a prefix a look-up answers a group, and the flow of the
 * packet tells which of them takes it. Immutable, so a new one can replace it at once.
 */
public final class RouteTable {

    /** Answer when no prefix covers the address. */
    public static final int NONE = PrefixTable.NONE;

    private final PrefixTable ipv4;
    private final PrefixTable ipv6;
    private final PeerGroup[] groups;

    /** Routes each prefix, its host bits aside, to the peer of that index. */
    public RouteTable(Map<Prefix, Integer> peers) {
        this(peers, new PeerGroup[0]);
    }

    private RouteTable(Map<Prefix, Integer> targets, PeerGroup... groups) {
        Map<Prefix, Integer> targets4 = new HashMap<>();
        Map<Prefix, Integer> targets6 = new HashMap<>();
        targets.forEach((prefix, target) -> (prefix.isIpv4() ? targets4 : targets6).put(prefix.masked(), target));
        ipv4 = new PrefixTable(true, targets4);
        ipv6 = new PrefixTable(false, targets6);
        this.groups = groups;
    }

    /** Routes each prefix, its host bits aside, to its legs; where it has none, to nobody, whatever shorter prefixes say. */
    public static RouteTable ofLegs(Map<Prefix, List<Leg>> legs) {
        Map<List<Leg>, Integer> known = new HashMap<>();
        List<PeerGroup> groups = new ArrayList<>();
        Map<Prefix, Integer> targets = new HashMap<>();
        legs.forEach((prefix, hops) -> targets.put(prefix, target(hops, known, groups)));
        return new RouteTable(targets, groups.toArray(PeerGroup[]::new));
    }

    private static int target(List<Leg> legs, Map<List<Leg>, Integer> known, List<PeerGroup> groups) {
        if (legs.size() < 2) {
            return legs.isEmpty() ? NONE : legs.get(0).peer();
        }
        return known.computeIfAbsent(legs, hops -> {
            groups.add(new PeerGroup(hops));
            return NONE - groups.size();
        });
    }

    /** Routes each peer's allowed IPs to its index. No prefix may stand at two peers. */
    public static RouteTable ofAllowedIps(List<Peer> peers) {
        return new RouteTable(peers.stream()
                .flatMap(peer -> peer.allowedIps().stream().map(prefix -> Map.entry(prefix, peer.index())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /**
     * Index of the peer, or {@link #NONE}, or a group, see {@link #isGroup}.
     *
     * @param high IPv4 address in the low 32 bits, or high half of IPv6
     * @param low 0, or low half of IPv6
     */
    public int lookup(boolean isIpv4, long high, long low) {
        return isIpv4 ? ipv4.lookup(high, 0) : ipv6.lookup(high, low);
    }

    /** True when the answer of a look-up stands for several peers. */
    public static boolean isGroup(int target) {
        return target < NONE;
    }

    /** The peers of a group. */
    private PeerGroup group(int target) {
        return groups[NONE - 1 - target];
    }

    /** Index of the peer of a group that a flow goes to. */
    public int peer(int target, int flowHash) {
        return group(target).peer(flowHash);
    }

    /** Number of peers of a group. */
    public int legs(int target) {
        return group(target).size();
    }

    /** Index of one of the peers of a group. */
    public int leg(int target, int leg) {
        return group(target).get(leg);
    }

    /** Number of IPv4 or IPv6 prefixes. */
    public int size(boolean isIpv4) {
        return isIpv4 ? ipv4.size() : ipv6.size();
    }
}
