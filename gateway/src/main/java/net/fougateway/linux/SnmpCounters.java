package net.fougateway.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Counters of the kernel's protocols, in the two forms of {@code /proc/net}. What the kernel does not tell is 0. */
public final class SnmpCounters {

    private SnmpCounters() {}

    /** Lines of a file; none where it cannot be read. */
    public static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Of {@code snmp}: one line {@code Udp: NAME NAME …}, the next one {@code Udp: VALUE VALUE …}. */
    public static long inColumns(List<String> lines, String protocol, String name) {
        List<List<String>> both = lines.stream()
                .filter(line -> line.startsWith(protocol + ": "))
                .map(line -> Arrays.asList(line.split(" ", -1)))
                .toList();
        int column = both.size() < 2 ? -1 : both.get(0).indexOf(name);
        return column < 0 ? 0 : Long.parseLong(both.get(1).get(column));
    }

    /** Of {@code snmp6}: one line {@code NAME VALUE} each. */
    public static long inLines(List<String> lines, String name) {
        return lines.stream()
                .map(line -> line.split("\\s+", 2))
                .filter(line -> line[0].equals(name))
                .mapToLong(line -> Long.parseLong(line[1].strip()))
                .sum();
    }
}
