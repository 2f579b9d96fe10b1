package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a kernel sends, for the vectors of the codec's tests: {@code -Dupdate=true} writes them. Without it the captured packets must
 * have the headers of those on file.
 */
class KernelVectorsIT {

    private static final Path DIRECTORY = Path.of("../codec/src/test/resources/vectors");
    /** A GUE header, or flags and protocol of GRE. */
    private static final int HEADER_BYTES = 4;
    /** The inner packet: behind version and header length there may be a flow label, which is random. */
    private static final int BARE_BYTES = 1;

    private final List<KernelTunnel> tunnels =
            KernelTunnel.all().stream().filter(KernelTunnel::checksum).toList();

    @Test
    void vectors() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("gw");
            KernelPeer kernel = beside(lab, host);
            String version = kernel.run("uname -r").ok().output().strip();
            kernel.run(setUp()).ok();
            PacketCapture capture = PacketCapture.start(host, "eth0");
            try (capture) {
                for (KernelTunnel tunnel : tunnels) {
                    kernel.run(send(tunnel)).ok();
                }
            }
            for (KernelTunnel tunnel : tunnels) {
                check(tunnel, version, capture.udp());
            }
        }
    }

    /** A kernel on the other end of a wire on which no checksum is left to be filled in. */
    private static KernelPeer beside(Lab lab, Namespace host) throws Exception {
        Requires.program("ethtool", "ethtool");
        Namespace wire = lab.namespace("wire");
        lab.link(wire, "port", host, "eth0");
        wire.ok("ethtool", "-K", "port", "tx", "off");
        host.address("eth0", "10.77.0.1/24", "fd77::1/64");
        KernelPeer kernel = KernelPeer.start(lab, wire, "tap0", "10.77.0.254/24", "10.77.0.2/24");
        wire.bridge("br0", "tap0", "port");
        return kernel;
    }

    private String setUp() {
        return "ip -batch - <<'END'\n"
                + tunnels.stream()
                        .map(tunnel -> asVector(tunnel, tunnel.kernelLines()))
                        .collect(Collectors.joining())
                + "END\n";
    }

    /** Of ip6tnl the default is taken: Destination Options stand before the UDP header. */
    private static String asVector(KernelTunnel tunnel, String command) {
        return tunnel.gre() == null ? command.replace(" encaplimit none", "") : command;
    }

    /** Nobody answers: what is wanted has left by then. */
    private static String send(KernelTunnel tunnel) {
        return Stream.of(tunnel.inner(true, 1), tunnel.inner(false, 1))
                        .map(address -> """
                            ping -n -q -c 1 -W 0.2 -s 8 %s >/dev/null &
                            echo 1234567 >/dev/udp/%s/9
                            """.formatted(address, address))
                        .collect(Collectors.joining())
                + "wait\n";
    }

    private static void check(KernelTunnel tunnel, String version, List<OuterPacket> all) throws IOException {
        List<String> lines = new ArrayList<>(List.of("# Linux " + version + ", told to"));
        Stream.of(true, false)
                .map(ipv4 -> "# " + asVector(tunnel, tunnel.linkCommand(ipv4)))
                .distinct()
                .forEach(lines::add);
        for (boolean ipv4 : new boolean[] {true, false}) {
            lines.add("# ping -c 1 -s 8 " + tunnel.inner(ipv4, 1));
            lines.add(find(all, pattern(tunnel, ipv4, ipv4 ? "01" : "3a")));
            lines.add("# echo 1234567 >/dev/udp/" + tunnel.inner(ipv4, 1) + "/9");
            lines.add(find(all, pattern(tunnel, ipv4, "11")));
        }
        Path file = DIRECTORY.resolve(name(tunnel) + ".hex");
        if (Boolean.getBoolean("update")) {
            Files.createDirectories(DIRECTORY);
            Files.write(file, lines);
        }
        int bytes = tunnel.gue() || tunnel.gre() != null ? HEADER_BYTES : BARE_BYTES;
        assertThat(headers(lines, bytes)).as("%s", file).isEqualTo(headers(Files.readAllLines(file), bytes));
    }

    /** Matches protocol, TTL and addresses of the inner packet. */
    private static Pattern pattern(KernelTunnel tunnel, boolean ipv4, String protocol) throws IOException {
        String addresses = hex(tunnel.inner(ipv4, 2)) + hex(tunnel.inner(ipv4, 1));
        return Pattern.compile((ipv4 ? "40" + protocol + "...." : protocol + "40") + addresses);
    }

    private static String hex(String address) throws IOException {
        return HexFormat.of().formatHex(InetAddress.getByName(address).getAddress());
    }

    private static String find(List<OuterPacket> packets, Pattern inner) {
        return packets.stream()
                .map(OuterPacket::hex)
                .filter(text -> inner.matcher(text).find())
                .findFirst()
                .orElseThrow(() -> new AssertionError("the kernel sent no packet with " + inner));
    }

    private static List<String> headers(List<String> lines, int bytes) {
        return lines.stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> OuterPacket.parse(HexFormat.of().parseHex(line)).orElseThrow())
                .map(packet -> packet.port() + " " + packet.payload(bytes))
                .toList();
    }

    private static String name(KernelTunnel tunnel) {
        return Stream.of(
                        tunnel.ipv4Underlay() ? "ipv4" : "ipv6",
                        tunnel.gue() ? "gue" : "fou",
                        tunnel.remoteChecksum() ? "remcsum" : "",
                        tunnel.gre() == null ? "ip" : "gre",
                        tunnel.gre() == null ? "" : tunnel.gre().replace(" 42", ""))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining("-"))
                .replace(' ', '-');
    }
}
