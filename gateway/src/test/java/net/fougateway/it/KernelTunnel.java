package net.fougateway.it;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One way to connect the gateway and a kernel, and what both are told. Several can stand at the same time: each has a number, outer
 * addresses 10.77.0.(100 + number) or fd77::(100 + number) of the kernel, and inner networks 10.10.number.0/24 and
 * fd00:10:number::/64, in which the gateway is 1 and the kernel 2. The gateway is 10.77.0.1 and fd77::1 outside.
 *
 * @param ipv4Underlay outer packets are IPv4, else IPv6
 * @param gue GUE, else FOU
 * @param gre options of the GRE header as {@code ip link} has them, {@code null} for none
 * @param checksum UDP checksums both ways
 * @param remoteChecksum GUE with remote checksum offload both ways
 */
record KernelTunnel(
        int number, boolean ipv4Underlay, boolean gue, String gre, boolean checksum, boolean remoteChecksum) {

    /** All GRE options; their order is that of the fields on the wire. */
    static final String ALL_GRE_OPTIONS = "csum key 42 seq";

    /** What the kernel opens once for all tunnels, in the words of {@code ip -batch}. */
    static final String PORTS = """
            fou add port 5555 ipproto 4
            fou add port 5556 ipproto 41
            fou add port 5557 ipproto 47
            fou add port 6080 gue
            fou add -6 port 5555 ipproto 4
            fou add -6 port 5556 ipproto 41
            fou add -6 port 5557 ipproto 47
            fou add -6 port 6080 gue
            """;

    private static final int FIRST_HOST = 100;

    /** Every combination of underlay, format, tunnel protocol and checksum. */
    static List<KernelTunnel> all() {
        List<KernelTunnel> all = new ArrayList<>();
        for (boolean ipv4Underlay : new boolean[] {true, false}) {
            for (boolean gue : new boolean[] {false, true}) {
                for (String gre : new String[] {null, "", "key 42", "csum", "seq", ALL_GRE_OPTIONS}) {
                    for (boolean checksum : new boolean[] {true, false}) {
                        all.add(new KernelTunnel(all.size() + 1, ipv4Underlay, gue, gre, checksum, false));
                    }
                    if (gue) {
                        all.add(new KernelTunnel(all.size() + 1, ipv4Underlay, true, gre, true, true));
                    }
                }
            }
        }
        return all;
    }

    /** The gateway's configuration for all of {@code tunnels}. */
    static String config(List<KernelTunnel> tunnels) {
        return """
            device: {name: fou0, address: [%s]}
            listen: [{port: 5555}, {port: 6080, encapsulation: gue}]
            source_ports: {sockets: 64}
            peers:
            %s""".formatted(
                        tunnels.stream().map(KernelTunnel::deviceAddresses).collect(Collectors.joining(", ")),
                        tunnels.stream().map(KernelTunnel::peer).collect(Collectors.joining()));
    }

    /** The gateway's entry of {@code peers}. */
    String peer() {
        return "  - {name: k%d, remote: \"%s\", allowed_ips: [%s/32, \"%s/128\"], checksum: %s, %s%s}%n"
                .formatted(
                        number,
                        kernelOuter(),
                        inner(true, 2),
                        inner(false, 2),
                        checksum,
                        gue
                                ? "encapsulation: gue, port: 6080, remote_checksum: " + remoteChecksum
                                : "port: {4: 5555, 41: 5556, 47: 5557}",
                        gre == null ? "" : ", protocol: gre, gre: " + greKeys());
    }

    /** The gateway's addresses, as list items of {@code device.address}. */
    String deviceAddresses() {
        return "%s/24, \"%s/64\"".formatted(inner(true, 1), inner(false, 1));
    }

    /** The kernel's outer address. */
    String kernelOuter() {
        return (ipv4Underlay ? "10.77.0." : "fd77::") + (FIRST_HOST + number);
    }

    /** An inner address: of the gateway (1) or the kernel (2). */
    String inner(boolean ipv4, int host) {
        return (ipv4 ? "10.10.%d.%d" : "fd00:10:%d::%d").formatted(number, host);
    }

    /** What the kernel is told, in the words of {@code ip -batch}. */
    String kernelLines() {
        StringBuilder lines = new StringBuilder("address add %s/%d dev eth0%s%n"
                .formatted(kernelOuter(), ipv4Underlay ? 24 : 64, ipv4Underlay ? "" : " nodad"));
        devices().forEach(device -> lines.append(linkAdd(device)));
        lines.append("address add %s/24 dev %s%n".formatted(inner(true, 2), device(true)));
        lines.append("address add %s/64 dev %s nodad%n".formatted(inner(false, 2), device(false)));
        devices().forEach(device -> lines.append("link set %s up%n".formatted(device)));
        return lines.toString();
    }

    /** The command for the kernel's device that carries a family, as an operator would type it. */
    String linkCommand(boolean ipv4) {
        return "ip " + linkAdd(device(ipv4)).strip();
    }

    /**
     * What the UDP payload starts with, in hexadecimal: GUE header, GRE flags and protocol, or the first digit of the inner packet.
     * Remote checksum offload is used where a checksum is unfinished, which can be that of GRE.
     */
    Pattern header(boolean ipv4) {
        String protocol = gre == null ? ipv4 ? "04" : "29" : "2f";
        String gueHeader = "00" + protocol + "0000";
        if (remoteChecksum) {
            gueHeader = "(" + gueHeader + "|02" + protocol + "000180000000.{8})";
        }
        String payload = gre == null ? ipv4 ? "4" : "6" : greFlags() + (ipv4 ? "0800" : "86dd");
        return Pattern.compile((gue ? gueHeader : "") + payload);
    }

    /** First cells of the row in the table. */
    String title() {
        return "%s | %s | %s | %s"
                .formatted(
                        ipv4Underlay ? "IPv4" : "IPv6",
                        gue ? remoteChecksum ? "gue, remote_checksum" : "gue" : "fou",
                        gre == null ? "ip" : ("gre " + greTitle()).strip(),
                        checksum ? "on" : "off");
    }

    /** The type of device that the kernel has for this. */
    String kernelTypes() {
        if (gre != null) {
            return ipv4Underlay ? "gre" : "ip6gre";
        }
        return ipv4Underlay ? "ipip, sit" : "ip6tnl";
    }

    private String linkAdd(String device) {
        String type = type(device.charAt(0));
        return "link add %s type %s local %s remote %s %s %s encap %s encap-sport auto encap-dport %d %s%s%s%n"
                .formatted(
                        device,
                        type,
                        kernelOuter(),
                        ipv4Underlay ? "10.77.0.1" : "fd77::1",
                        ipv4Underlay ? "ttl 64" : "encaplimit none",
                        gre == null ? "" : gre,
                        gue ? "gue" : "fou",
                        gue ? 6080 : 5555,
                        checksum ? "" : "no",
                        ipv4Underlay ? "encap-csum" : "encap-udp6-csum",
                        remoteChecksum ? " encap-remcsum" : "")
                .replace("  ", " ");
    }

    private static String type(char letter) {
        return switch (letter) {
            case 'i' -> "ipip";
            case 's' -> "sit";
            case 'g' -> "gre";
            case 't' -> "ip6tnl mode any";
            default -> "ip6gre";
        };
    }

    private List<String> devices() {
        return Stream.of(device(true), device(false)).distinct().toList();
    }

    /** Its first letter tells the type. */
    private String device(boolean ipv4) {
        if (gre != null) {
            return (ipv4Underlay ? "g" : "r") + number;
        }
        return (ipv4Underlay ? ipv4 ? "i" : "s" : "t") + number;
    }

    private String greKeys() {
        return "{%schecksum: %s, sequence: %s}"
                .formatted(gre.contains("key") ? "key: 42, " : "", gre.contains("csum"), gre.contains("seq"));
    }

    private String greTitle() {
        return gre.replace("csum", "checksum").replace("key 42", "key").replace("seq", "sequence");
    }

    private String greFlags() {
        int flags = (gre.contains("csum") ? 8 : 0) + (gre.contains("key") ? 2 : 0) + (gre.contains("seq") ? 1 : 0);
        return Integer.toHexString(flags) + "000";
    }
}
