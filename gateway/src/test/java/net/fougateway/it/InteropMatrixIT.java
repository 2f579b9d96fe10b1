package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every encapsulation against a plain Linux kernel, which stands for as many machines as there are combinations: one outer address for
 * each. The table is in {@code docs/interop.md}, where {@code -Dupdate=true} writes it.
 */
class InteropMatrixIT {

    private static final long BYTES = 5_000_000;
    private static final int SMALL = 56;
    private static final int LARGE = 1300;
    private static final Path DOCUMENT = Path.of("../docs/interop.md");
    private static final String BEGIN = "<!-- matrix: written by InteropMatrixIT -->\n";
    private static final String END = "<!-- end of matrix -->\n";
    private static final Duration PING_LIMIT = Duration.ofSeconds(30);
    private static final String OK = "ok";
    private static final String FAILED = "FAILED";
    private static final int LONGEST_HEADER = 32;

    private final List<KernelTunnel> tunnels = KernelTunnel.all();

    @Test
    void everyCombination() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("gw");
            KernelPeer kernel =
                    KernelPeer.start(lab, host, "tap0", "10.77.0.1/24", "10.77.0.2/24", "fd77::1/64", "fd77::2/64");
            kernel.run("ip -batch - <<'END'\n" + KernelTunnel.PORTS + kernelLines() + "END\n")
                    .ok();
            kernel.server(TwoHosts.SERVICE);
            GatewayProcess gateway = lab.gateway(host, KernelTunnel.config(tunnels));

            String table = table(host, kernel, gateway);

            System.out.println(table);
            assertThat(table.lines().filter(row -> row.contains(FAILED))).isEmpty();
            gateway.assertSumsClose();
            compareWithDocument(table);
        }
    }

    private String kernelLines() {
        return tunnels.stream().map(KernelTunnel::kernelLines).collect(Collectors.joining());
    }

    private String table(Namespace host, KernelPeer kernel, GatewayProcess gateway) throws Exception {
        PacketCapture capture = PacketCapture.start(host, "tap0");
        Set<String> toKernel = new HashSet<>();
        Set<String> fromKernel = new HashSet<>();
        try (capture) {
            for (KernelTunnel tunnel : tunnels) {
                toKernel.addAll(answered(host.run(PING_LIMIT, "sh", "-c", pings(tunnel, 2))));
                fromKernel.addAll(answered(kernel.run(pings(tunnel, 1))));
            }
        }
        assertNothingDropped(gateway.assertSumsClose());
        List<OuterPacket> packets = capture.udp();
        StringBuilder table = new StringBuilder("""
            | Outer | encapsulation | protocol | UDP checksum | kernel device | on the wire | IPv4 ping | IPv4 TCP to | IPv4 TCP from | IPv6 ping | IPv6 TCP to | IPv6 TCP from |
            |---|---|---|---|---|---|---|---|---|---|---|---|
            """);
        for (KernelTunnel tunnel : tunnels) {
            List<String> cells =
                    new ArrayList<>(List.of(tunnel.title(), tunnel.kernelTypes(), cell(isAsAsked(tunnel, packets))));
            for (boolean ipv4 : new boolean[] {true, false}) {
                cells.add(cell(toKernel.contains(tunnel.inner(ipv4, 2)) && fromKernel.contains(tunnel.inner(ipv4, 1))));
                TrafficClient client = new TrafficClient(tunnel.inner(ipv4, 2), TwoHosts.SERVICE);
                cells.add(cell(passes(host, client, BYTES, 0)));
                cells.add(cell(passes(host, client, 0, BYTES)));
            }
            table.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
        }
        return table.toString();
    }

    private static String cell(boolean passed) {
        return passed ? OK : FAILED;
    }

    /** A script that pings host 1 or 2 of a tunnel, small and large; a line for itself has each address that answered both. */
    private static String pings(KernelTunnel tunnel, int host) {
        return Stream.of(tunnel.inner(true, host), tunnel.inner(false, host))
                .map(address -> "(%s) && echo %s".formatted(Namespace.pingScript(address, SMALL, LARGE), address))
                .collect(Collectors.joining("\n"));
    }

    /**
     * A second try may make up for what the emulated machine's link loses, never for what the gateway drops. The kernel's own router
     * solicitations and multicast reports come from link-local addresses, which no peer may use.
     */
    private static void assertNothingDropped(Metrics pinged) {
        long linkLocal = pinged.sum("fou_packets_dropped_total", "reason=\"source_not_allowed\"");
        assertThat(List.of(
                        pinged.dropped(Metrics.TUN_TO_UDP),
                        pinged.dropped(Metrics.UDP_TO_TUN) - linkLocal,
                        pinged.udpReceiveBufferDrops(),
                        pinged.tunQueueDrops()))
                .as("dropped while pinging, of %s", pinged)
                .containsOnly(0L);
    }

    private static Set<String> answered(Command.Result pings) {
        if (pings.output().contains("100% packet loss")) {
            System.out.println(pings.output());
        }
        return pings.output().lines().collect(Collectors.toSet());
    }

    private static boolean passes(Namespace host, TrafficClient client, long there, long back) throws Exception {
        try {
            host.call(() -> client.transfer(there, back));
            return true;
        } catch (ExecutionException e) {
            System.out.println(e.getCause());
            return false;
        }
    }

    /** Both ways and for both families the headers are those of the row, and a UDP checksum is there or not. */
    private static boolean isAsAsked(KernelTunnel tunnel, List<OuterPacket> packets) throws IOException {
        String kernel = InetAddress.getByName(tunnel.kernelOuter()).getHostAddress();
        List<OuterPacket> sent = packets.stream()
                .filter(packet -> packet.source().equals(kernel))
                .toList();
        List<OuterPacket> received = packets.stream()
                .filter(packet -> packet.destination().equals(kernel))
                .toList();
        return isAsAsked(tunnel, sent, true)
                && isAsAsked(tunnel, sent, false)
                && isAsAsked(tunnel, received, true)
                && isAsAsked(tunnel, received, false)
                && packets.stream()
                        .filter(packet -> sent.contains(packet) || received.contains(packet))
                        .allMatch(packet -> packet.hasChecksum() == tunnel.checksum());
    }

    private static boolean isAsAsked(KernelTunnel tunnel, List<OuterPacket> packets, boolean ipv4) {
        Pattern header = tunnel.header(ipv4);
        return packets.stream()
                .anyMatch(
                        packet -> header.matcher(packet.payload(LONGEST_HEADER)).lookingAt());
    }

    private static void compareWithDocument(String table) throws IOException {
        String document = Files.readString(DOCUMENT);
        int from = document.indexOf(BEGIN) + BEGIN.length();
        int to = document.indexOf(END);
        if (Boolean.getBoolean("update")) {
            Files.writeString(DOCUMENT, document.substring(0, from) + "\n" + table + "\n" + document.substring(to));
        } else {
            assertThat(document.substring(from, to).strip())
                    .as("%s is stale; regenerate it with: -Dit.test=InteropMatrixIT -Dupdate=true", DOCUMENT)
                    .isEqualTo(table.strip());
        }
    }
}
