package net.fougateway.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What the kernel counted of its neighbours, in the network namespace of the process. */
public final class NeighbourStatistics {

    private static final String DISCARDS = "unresolved_discards";
    private static final int HEXADECIMAL = 16;

    private NeighbourStatistics() {}

    /** Packets that were dropped because the link address of the next hop did not become known in time, of both families. */
    public static long discards() {
        return discards(Path.of("/proc/thread-self/net/stat/arp_cache"))
                + discards(Path.of("/proc/thread-self/net/stat/ndisc_cache"));
    }

    /** One line for each processor behind one with names; 0 where the kernel does not tell. */
    static long discards(Path file) {
        try {
            List<String[]> lines = Files.readAllLines(file).stream()
                    .map(line -> line.trim().split("\\s+"))
                    .toList();
            int column = Arrays.asList(lines.get(0)).indexOf(DISCARDS);
            return column < 0
                    ? 0
                    : lines.stream()
                            .skip(1)
                            .mapToLong(line -> Long.parseUnsignedLong(line[column], HEXADECIMAL))
                            .sum();
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
