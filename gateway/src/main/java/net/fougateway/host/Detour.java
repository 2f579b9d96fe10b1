package net.fougateway.host;

import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.fougateway.linux.Route;
import net.fougateway.linux.Rule;
import net.fougateway.route.Prefix;

/**
 * How outer packets pass by routes into the device that cover them, as wg-quick(8) does it: these routes are in tables of their own, which
 * rules have all packets look into but those with the mark. Of each family and prefix length there is one table, and before it the main
 * one is looked into for routes to longer prefixes, so that the longest prefix counts as ever.
 *
 * @param mark of the outer packets; 0 when there are no rules, and host routes have to do
 * @param listenPorts UDP ports where outer packets arrive; the first one numbers the tables
 */
public record Detour(int mark, List<Integer> listenPorts) {

    /** The first of the rules; the main table's has 32766. */
    private static final int FIRST_PRIORITY = 32_400;

    private static final int LONGEST = 128;
    private static final int TABLES_OF_A_LENGTH = 100_000;
    private static final int FIRST_TABLE_OF_THE_KERNEL = 253;
    private static final int LAST_TABLE_OF_THE_KERNEL = 255;
    private static final int STRICT = 1;

    /** True when outer packets pass by rules. */
    boolean isByRules() {
        return mark != 0;
    }

    /** The table for routes to prefixes of a length: that of default routes has the number of the port, those of others end in it. */
    int table(int length) {
        int port = listenPorts.get(0);
        boolean taken = port >= FIRST_TABLE_OF_THE_KERNEL && port <= LAST_TABLE_OF_THE_KERNEL;
        return (taken ? LONGEST + 1 + length : length) * TABLES_OF_A_LENGTH + port;
    }

    /** Metric of host routes, by which those of one gateway are told from those of another. */
    int hostRouteMetric() {
        return listenPorts.get(0);
    }

    /** True for a host route of a gateway with this detour, as far as can be told. */
    boolean isHostRoute(Route route) {
        return route.destination().isHost() && route.table() == Route.MAIN && route.metric() == hostRouteMetric();
    }

    /** True for a rule of a gateway with this detour: it has the mark, or, where it is for unmarked packets too, one of the ports. */
    boolean isOwn(Rule rule) {
        return rule.unmarked() != 0 ? rule.unmarked() == mark : listenPorts.contains(rule.udpSourcePort());
    }

    /** The first port of the gateway that a table is of. */
    static int port(int table) {
        return table % TABLES_OF_A_LENGTH;
    }

    /** The rules that these routes need. */
    List<Rule> rules(Set<Prefix> routes, boolean strictReversePath) {
        return Stream.of(true, false)
                .flatMap(ipv4 -> rules(ipv4, lengths(routes, ipv4), ipv4 && strictReversePath))
                .toList();
    }

    private static NavigableSet<Integer> lengths(Set<Prefix> routes, boolean ipv4) {
        NavigableSet<Integer> lengths = new TreeSet<>();
        routes.stream()
                .filter(route -> route.isIpv4() == ipv4)
                .map(Prefix::length)
                .forEach(lengths::add);
        return lengths;
    }

    private Stream<Rule> rules(boolean ipv4, NavigableSet<Integer> lengths, boolean strictReversePath) {
        Stream<Rule> reverse = strictReversePath && !lengths.isEmpty()
                ? listenPorts.stream()
                        .distinct()
                        .map(port -> new Rule(ipv4, FIRST_PRIORITY - 1, 0, port, Route.MAIN, 0))
                : Stream.empty();
        return Stream.concat(
                reverse, lengths.stream().flatMap(length -> Stream.of(mainFirst(ipv4, length), own(ipv4, length))));
    }

    private Rule mainFirst(boolean ipv4, int length) {
        return new Rule(ipv4, priority(length), mark, 0, Route.MAIN, length + 1);
    }

    private Rule own(boolean ipv4, int length) {
        return new Rule(ipv4, priority(length) + 1, mark, 0, table(length), 0);
    }

    private static int priority(int length) {
        return FIRST_PRIORITY + 2 * (LONGEST - length);
    }

    /**
     * True where the kernel asks the routing of packets without a mark whether an outer packet may arrive by its interface, and another
     * answer than that interface makes it drop the packet: {@code rp_filter} is 1 for one of the interfaces but {@code device}.
     */
    static boolean isReversePathStrict(Sysctl sysctl, String device) {
        long all = sysctl.read("net/ipv4/conf/all/rp_filter").orElse(0);
        List<String> others = List.of("all", "default", "lo", device);
        return sysctl.names("net/ipv4/conf").stream()
                .filter(name -> !others.contains(name))
                .mapToLong(name ->
                        sysctl.read("net/ipv4/conf/" + name + "/rp_filter").orElse(0))
                .anyMatch(own -> Math.max(all, own) == STRICT);
    }
}
