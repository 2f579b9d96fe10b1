package net.fougateway.udp;

import java.nio.file.Path;
import java.util.List;
import net.fougateway.linux.SnmpCounters;

/** What the kernel counts of UDP in this network namespace, for all sockets together. */
public final class UdpStatistics {

    private static final Path IPV4 = Path.of("/proc/thread-self/net/snmp");

    private static final Path IPV6 = Path.of("/proc/thread-self/net/snmp6");

    private UdpStatistics() {}

    /** Datagrams that the kernel dropped because of a wrong checksum; 0 where it does not tell. */
    public static long checksumErrors(boolean ipv4) {
        return ipv4 ? ipv4ChecksumErrors(SnmpCounters.lines(IPV4)) : ipv6ChecksumErrors(SnmpCounters.lines(IPV6));
    }

    static long ipv4ChecksumErrors(List<String> lines) {
        return SnmpCounters.inColumns(lines, "Udp", "InCsumErrors");
    }

    static long ipv6ChecksumErrors(List<String> lines) {
        return SnmpCounters.inLines(lines, "Udp6InCsumErrors");
    }
}
