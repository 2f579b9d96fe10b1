package net.fougateway.udp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What the kernel counts of UDP in this network namespace, for all sockets together. */
public final class UdpStatistics {

    private static final Path IPV4 = Path.of("/proc/thread-self/net/snmp");

    private static final Path IPV6 = Path.of("/proc/thread-self/net/snmp6");

    private UdpStatistics() {}

    /** Datagrams that the kernel dropped because of a wrong checksum; 0 where it does not tell. */
    public static long checksumErrors(boolean ipv4) {
        try {
            return ipv4 ? ipv4ChecksumErrors(Files.readAllLines(IPV4)) : ipv6ChecksumErrors(Files.readAllLines(IPV6));
        } catch (IOException e) {
            return 0;
        }
    }

    /** One line {@code Udp: NAME NAME …}, the next one {@code Udp: VALUE VALUE …}. */
    static long ipv4ChecksumErrors(List<String> lines) {
        List<List<String>> udp = lines.stream()
                .filter(line -> line.startsWith("Udp: "))
                .map(line -> Arrays.asList(line.split(" ", -1)))
                .toList();
        int column = udp.size() < 2 ? -1 : udp.get(0).indexOf("InCsumErrors");
        return column < 0 ? 0 : Long.parseLong(udp.get(1).get(column));
    }

    /** One line {@code NAME VALUE} each. */
    static long ipv6ChecksumErrors(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("Udp6InCsumErrors"))
                .mapToLong(line -> Long.parseLong(line.split("\\s+", 2)[1].strip()))
                .sum();
    }
}
