package net.fougateway.host;

import io.netty.util.NetUtil;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.codec.Ip;
import net.fougateway.host.HostFacts.Conntrack;
import net.fougateway.host.HostFacts.Family;
import net.fougateway.host.HostFacts.PeerWay;
import net.fougateway.host.HostFacts.PrefixWay;
import net.fougateway.linux.Route;
import net.fougateway.route.Prefix;

/** What follows from {@link HostFacts}: one method for each subject, in the order of {@link Finding}. */
final class HostRules {

    /** No more findings than this are about prefixes, so that they do not drown the others. */
    static final int MOST_PREFIXES = 8;

    private static final int STRICT = 1;
    private static final int CONNTRACK_PERCENT = 80;

    private final HostFacts facts;

    private HostRules(HostFacts facts) {
        this.facts = facts;
    }

    /** All findings, most important first. */
    static List<String> findings(HostFacts facts) {
        HostRules rules = new HostRules(facts);
        return Stream.of(
                        rules.peersRoutedIntoTunnel(),
                        rules.prefixesRoutedElsewhere(),
                        rules.forwardingOff(),
                        rules.mtuTooSmall(),
                        rules.conntrackFull(),
                        rules.mtuTooLarge())
                .flatMap(Function.identity())
                .toList();
    }

    private Stream<String> peersRoutedIntoTunnel() {
        return facts.peers().stream()
                .filter(way -> way.device().equals(facts.device()))
                .map(way -> Finding.PEER_ROUTED_INTO_TUNNEL.sentence(Map.of(
                        "remote", NetUtil.toAddressString(way.peer().remote()),
                        "peer", way.peer().name(),
                        "device", facts.device(),
                        "route", underlay(way))));
    }

    private static String underlay(PeerWay way) {
        return way.underlay()
                .map(Route::toString)
                .orElseGet(() -> Prefix.host(way.peer().remote()) + " via GATEWAY dev DEVICE");
    }

    private Stream<String> prefixesRoutedElsewhere() {
        List<PrefixWay> elsewhere = facts.prefixes().stream()
                .filter(way -> isCarried(way.prefix().isIpv4()))
                .filter(way -> !way.device().equals(Optional.of(facts.device())))
                .sorted(Comparator.comparing(this::finding))
                .toList();
        Stream<String> more = elsewhere.size() > MOST_PREFIXES
                ? Stream.of(Finding.MORE_PREFIXES.sentence(
                        Map.of("count", elsewhere.size() - MOST_PREFIXES, "device", facts.device())))
                : Stream.empty();
        return Stream.concat(elsewhere.stream().limit(MOST_PREFIXES).map(this::routedElsewhere), more);
    }

    private Finding finding(PrefixWay way) {
        if (way.device().isEmpty()) {
            return Finding.NOT_ROUTED;
        }
        boolean strict = way.prefix().isIpv4() && facts.reversePathFilter() == STRICT;
        return strict ? Finding.STRICT_REVERSE_PATH : Finding.ROUTED_ELSEWHERE;
    }

    private String routedElsewhere(PrefixWay way) {
        return finding(way)
                .sentence(Map.of(
                        "prefix", way.prefix(),
                        "peer", way.peer(),
                        "device", facts.device(),
                        "other", way.device().orElse(""),
                        "key", Sysctl.name("net/ipv4/conf/" + facts.device() + "/rp_filter"),
                        "route", route(way.prefix())));
    }

    /**
     * The route into the tunnel, after those that keep the peers' outer addresses out of it. For IPv6 it comes before routes of every
     * other metric, which {@code replace} leaves alone.
     */
    private String route(Prefix prefix) {
        Stream<String> pins = facts.peers().stream()
                .flatMap(way -> way.underlay().stream())
                .filter(route -> contains(prefix, route.destination()))
                .map(Route::toString)
                .distinct();
        String route = prefix + " dev " + facts.device() + (prefix.isIpv4() ? "" : " metric 1");
        return Stream.concat(pins, Stream.of(route)).collect(Collectors.joining(" && ip route replace "));
    }

    /** True when every address of {@code inner} is one of {@code outer}. */
    private static boolean contains(Prefix outer, Prefix inner) {
        return outer.length() <= inner.length() && outer.covers(inner.address());
    }

    private Stream<String> forwardingOff() {
        return facts.families().stream()
                .filter(family -> isCarried(family.ipv4()))
                .filter(family -> family.forwardingOff().isPresent())
                .filter(family -> !family.addressed() || family.strayPackets() > 0)
                .map(family -> forwardingOff(family)
                        .sentence(Map.of(
                                "family", family.ipv4() ? "IPv4" : "IPv6",
                                "device", facts.device(),
                                "count", family.strayPackets(),
                                "key", Sysctl.name(family.forwardingOff().orElseThrow()))));
    }

    private static Finding forwardingOff(Family family) {
        return family.strayPackets() > 0 ? Finding.FORWARDING_NEEDED : Finding.FORWARDING_OFF;
    }

    private Stream<String> mtuTooSmall() {
        return hasIpv6Prefixes() && !isCarried(false)
                ? Stream.of(
                        Finding.IPV6_NEEDS_1280.sentence(Map.of("device", facts.device(), "bytes", facts.mtuBytes())))
                : Stream.empty();
    }

    /** False for IPv6 on a device that the kernel has taken IPv6 from. */
    private boolean isCarried(boolean ipv4) {
        return ipv4 || facts.mtuBytes() >= Ip.V6_MIN_MTU_BYTES;
    }

    private boolean hasIpv6Prefixes() {
        return !facts.families().stream().allMatch(Family::ipv4);
    }

    private Stream<String> conntrackFull() {
        Conntrack conntrack = facts.conntrack();
        boolean full = conntrack.max() > 0 && conntrack.entries() * 100 >= conntrack.max() * CONNTRACK_PERCENT;
        return full
                ? Stream.of(Finding.CONNTRACK_FULL.sentence(
                        Map.of("entries", conntrack.entries(), "max", conntrack.max(), "ports", ports(conntrack))))
                : Stream.empty();
    }

    private static String ports(Conntrack conntrack) {
        return conntrack.ports().stream().sorted().map(Object::toString).collect(Collectors.joining(", "));
    }

    /** Of the peer with the narrowest route. What IPv6 needs, the device has to take in any case. */
    private Stream<String> mtuTooLarge() {
        int leastBytes = hasIpv6Prefixes() ? Ip.V6_MIN_MTU_BYTES : 0;
        return facts.peers().stream()
                .filter(way -> !way.device().equals(facts.device()))
                .min(Comparator.comparingInt(PeerWay::innerMtuBytes))
                .filter(way -> facts.mtuBytes() > Math.max(way.innerMtuBytes(), leastBytes))
                .map(way -> Finding.MTU_TOO_LARGE.sentence(Map.of(
                        "device", facts.device(),
                        "bytes", facts.mtuBytes(),
                        "peer", way.peer().name(),
                        "sum", way.explanation(),
                        "fit", Math.max(way.innerMtuBytes(), leastBytes))))
                .stream();
    }
}
