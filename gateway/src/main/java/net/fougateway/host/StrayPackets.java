package net.fougateway.host;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import net.fougateway.linux.SnmpCounters;

/**
 * Packets that came in for another address than this host's and were dropped because it does not forward, as the kernel counts them since
 * the first look: of IPv4 for all devices together, of IPv6 for one.
 */
final class StrayPackets {

    private static final String COUNTER = "InAddrErrors";

    private final Path ipv4;
    private final Path ipv6;
    private final Map<Boolean, Long> atFirst = new HashMap<>();

    /**
     * Nothing is counted yet.
     *
     * @param net {@code /proc/thread-self/net}
     */
    StrayPackets(Path net, String device) {
        ipv4 = net.resolve("snmp");
        ipv6 = net.resolve("dev_snmp6").resolve(device);
    }

    /** How many there were of a family. */
    long count(boolean ofIpv4) {
        long now = ofIpv4
                ? SnmpCounters.inColumns(SnmpCounters.lines(ipv4), "Ip", COUNTER)
                : SnmpCounters.inLines(SnmpCounters.lines(ipv6), "Ip6" + COUNTER);
        return Math.max(now - atFirst.computeIfAbsent(ofIpv4, first -> now), 0);
    }
}
