package net.fougateway.udp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;

/** Ports that the administrator keeps for others: {@code net.ipv4.ip_local_reserved_ports}, which holds for IPv6, too. */
public final class ReservedPorts {

    private static final Path LIST = Path.of("/proc/sys/net/ipv4/ip_local_reserved_ports");

    /** More than the longest list has. The kernel gives it to one read only, whatever that takes of it. */
    private static final int MAX_BYTES = 1 << 19;

    private ReservedPorts() {}

    /** Those of now; none where the kernel has no such list. */
    public static BitSet read() {
        try (InputStream list = Files.newInputStream(LIST)) {
            byte[] text = new byte[MAX_BYTES];
            int bytes = list.read(text);
            return parse(new String(text, 0, Math.max(bytes, 0), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return new BitSet();
        }
    }

    /** Ports and ranges with commas between, such as {@code 8080,9148-9150}. */
    static BitSet parse(String list) {
        BitSet ports = new BitSet();
        for (String range : list.strip().split(",", -1)) {
            int[] ends = Arrays.stream(range.split("-", 2))
                    .filter(end -> !end.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            if (ends.length > 0) {
                ports.set(ends[0], ends[ends.length - 1] + 1);
            }
        }
        return ports;
    }
}
