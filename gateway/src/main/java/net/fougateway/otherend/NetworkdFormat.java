package net.fougateway.otherend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.codec.Gre;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/** The set-up as files for systemd-networkd, each under a line with its path; what networkd cannot express is said. */
public final class NetworkdFormat {

    private static final String DIRECTORY = "/etc/systemd/network/";
    private static final String GUE = "Encapsulation=GenericUDPEncapsulation";
    /** Low bit of a TOS: the kernel takes it from the inner packet. */
    private static final int TOS_INHERIT = 1;

    private static final int DSCP = 0xfc;

    private final KernelSetup setup;
    private final Peer peer;
    private final List<String> lines = new ArrayList<>();

    private NetworkdFormat(KernelSetup setup) {
        this.setup = setup;
        this.peer = setup.peer();
    }

    /** All files, one after the other, each line ended by a line feed. */
    public static String print(KernelSetup setup) {
        NetworkdFormat format = new NetworkdFormat(setup);
        format.addAll();
        return format.lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private void addAll() {
        lines.addAll(Remarks.of(setup));
        List<String> obstacles = obstacles();
        if (obstacles.isEmpty()) {
            shortcomings().forEach(lines::add);
            file("/etc/modules-load.d/fou.conf", "fou");
            setup.ports().forEach(this::addPort);
            setup.links().forEach(this::addLink);
        } else {
            lines.addAll(obstacles);
        }
    }

    /** Why networkd can do nothing for this peer. */
    private List<String> obstacles() {
        Gre gre = peer.encapsulation().gre();
        return chosen(
                when(setup.isSite(), "# networkd has no 6rd relay prefix and no FOU for many sites: take --format ip."),
                when(
                        !peer.isIpv4Underlay(),
                        "# networkd opens FOU ports for IPv4 only, and has no FOU for ip6tnl and ip6gre: take --format ip."),
                when(gre != null && gre.checksum(), "# networkd has no GRE checksums: take --format ip."),
                when(gre != null && gre.keyed() && gre.key() == 0, "# networkd has no GRE key 0: take --format ip."));
    }

    /** What works less well than with the lines of {@link IpFormat}. */
    private List<String> shortcomings() {
        return chosen(
                when(
                        peer.checksum(),
                        "# networkd cannot turn UDP checksums on (encap-csum), without which neither end can join packets:"
                                + " it works, only slower."),
                when(
                        setup.links().stream()
                                .anyMatch(link -> link.encapsulation().remoteChecksum()),
                        "# networkd cannot turn remote checksums on (encap-remcsum): the kernel completes them itself."),
                when(
                        peer.tos() != 0
                                && setup.links().stream()
                                        .anyMatch(link -> !link.type().isGre()),
                        "# networkd cannot set the TOS of ipip and sit: the kernel sends DSCP 0."));
    }

    /** For a GUE port networkd asks for protocol 0 too, which kernels refuse since they check it. */
    private void addPort(KernelSetup.Port port) {
        String name = "fou-" + port.number();
        if (port.isGue()) {
            lines.add(
                    "# Kernels refuse what networkd asks for a GUE port, so a service opens it: systemctl enable --now "
                            + name);
            file(
                    "/etc/systemd/system/" + name + ".service",
                    "[Unit]",
                    "After=systemd-modules-load.service",
                    "",
                    "[Service]",
                    "Type=oneshot",
                    "RemainAfterExit=yes",
                    "ExecStart=ip fou add port " + port.number() + " gue",
                    "ExecStop=ip fou del port " + port.number() + " gue",
                    "",
                    "[Install]",
                    "WantedBy=multi-user.target");
        } else {
            file(
                    DIRECTORY + "20-" + name + ".netdev",
                    "[NetDev]",
                    "Name=" + name,
                    "Kind=fou",
                    "",
                    "[FooOverUDP]",
                    "Port=" + port.number(),
                    "Protocol=" + port.payload().protocol());
        }
    }

    private void addLink(TunnelLink link) {
        String base = DIRECTORY + "30-" + link.type().device();
        file(base + ".netdev", chosen(netdev(link)).toArray(String[]::new));
        file(base + ".network", network(link).toArray(String[]::new));
        if (setup.isMember()) {
            lines.addAll(routesOfMachines(link));
            return;
        }
        if (link.addresses().isEmpty()) {
            lines.add("# The gateway accepts inner sources in " + Remarks.list(link.sources()) + " only.");
        }
        lines.add("# For each network behind the gateway, one more section [Route] with its Destination=.");
    }

    private String[] netdev(TunnelLink link) {
        boolean isGre = link.type().isGre();
        Gre gre = peer.gre();
        return new String[] {
            "[NetDev]",
            "Name=" + link.type().device(),
            "Kind=" + link.type().keyword(),
            "MTUBytes=" + link.mtuBytes(),
            "",
            "[Tunnel]",
            "Independent=yes",
            "Local=" + setup.kernel(),
            "Remote=" + (setup.isMember() ? "any" : setup.gateway()),
            "TTL=" + link.ttl(),
            when(isGre, "TOS=" + (peer.tos() == Peer.INHERIT_TOS ? TOS_INHERIT : peer.tos() & DSCP)),
            when(!peer.pmtuDiscovery(), "DiscoverPathMTU=no"),
            when(isGre && gre.keyed(), "Key=" + Integer.toUnsignedString(gre.key())),
            when(isGre && gre.sequence(), "SerializeTunneledPackets=yes"),
            "FooOverUDP=yes",
            when(link.isGue(), GUE),
            "FOUDestinationPort=" + link.port()
        };
    }

    /** A device without other end takes it from the next hop; {@code sit} takes it from inside an IPv6 one. */
    private static List<String> routesOfMachines(TunnelLink link) {
        String line = "# For each %s network behind another machine, one more section [Route] with its Destination=,"
                + " Gateway=%s and GatewayOnLink=yes.";
        return Stream.of(true, false)
                .filter(link.type()::carriesFamily)
                .map(ipv4 -> line.formatted(ipv4 ? "IPv4" : "IPv6", ipv4 ? "ITS_ADDRESS" : "::ITS_ADDRESS"))
                .toList();
    }

    private List<String> network(TunnelLink link) {
        List<String> text =
                new ArrayList<>(List.of("[Match]", "Name=" + link.type().device(), "", "[Network]"));
        link.addresses().forEach(address -> text.add("Address=" + address));
        for (Prefix route : link.routes()) {
            text.addAll(List.of("", "[Route]", "Destination=" + route));
            if (setup.isMember()) {
                text.addAll(List.of("Gateway=" + (route.isIpv4() ? "" : "::") + setup.gateway(), "GatewayOnLink=yes"));
            }
        }
        return text;
    }

    private void file(String path, String... content) {
        lines.add("# " + path);
        lines.addAll(List.of(content));
        lines.add("");
    }

    /** {@code line}, or {@code null} for none. */
    private static String when(boolean condition, String line) {
        return condition ? line : null;
    }

    private static List<String> chosen(String... lines) {
        return Stream.of(lines).filter(line -> line != null).toList();
    }
}
