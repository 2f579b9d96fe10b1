package net.fougateway.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        long now = ofIpv4 ? readIpv4() : readIpv6();
        return Math.max(now - atFirst.computeIfAbsent(ofIpv4, first -> now), 0);
    }

    /** One line {@code Ip: NAME NAME …}, the next one {@code Ip: VALUE VALUE …}. */
    private long readIpv4() {
        List<List<String>> ip = lines(ipv4).stream()
                .filter(line -> line.startsWith("Ip: "))
                .map(line -> Arrays.asList(line.split(" ", -1)))
                .toList();
        int column = ip.size() < 2 ? -1 : ip.get(0).indexOf(COUNTER);
        return column < 0 ? 0 : Long.parseLong(ip.get(1).get(column));
    }

    /** One line {@code NAME VALUE} each. */
    private long readIpv6() {
        return lines(ipv6).stream()
                .filter(line -> line.startsWith("Ip6" + COUNTER))
                .mapToLong(line -> Long.parseLong(line.split("\\s+", 2)[1].strip()))
                .sum();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
