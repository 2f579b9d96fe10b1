package net.fougateway.otherend;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.Format;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;
import net.fougateway.codec.Vxlan;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.GatewayConfig.Listen;
import net.fougateway.route.Peer;

/** The {@code ip} and {@code bridge} commands for a kernel that is a peer of a gateway with a TAP device. */
public final class SwitchFormat {

    private final GatewayConfig config;
    private final Peer peer;
    private final String gateway;
    private final String kernel;

    private SwitchFormat(GatewayConfig config, Peer peer, Optional<InetAddress> gateway) {
        this.config = config;
        this.peer = peer;
        this.gateway = gateway.map(NetUtil::toAddressString).orElse(KernelSetup.UNKNOWN);
        kernel = NetUtil.toAddressString(peer.remote());
    }

    /**
     * All lines, each ended by a line feed.
     *
     * @param gateway outer address of this gateway, as far as it is known
     */
    public static String print(GatewayConfig config, Peer peer, Optional<InetAddress> gateway) {
        SwitchFormat format = new SwitchFormat(config, peer, gateway);
        return format.lines().collect(Collectors.joining("\n", "", "\n"));
    }

    private Stream<String> lines() {
        Stream<String> head = Stream.of("# The kernel at peer " + peer.name() + ", " + kernel
                + ". BRIDGE is the bridge there that is to be joined; without one, give the device an address.");
        return Stream.concat(
                head,
                peer.encapsulation() instanceof Vxlan vxlan
                        ? vxlan(vxlan)
                        : gretap(peer.encapsulation().gre()));
    }

    /** One number is the port that the device listens on, and that it sends to where nothing else is said. */
    private Stream<String> vxlan(Vxlan vxlan) {
        String device = "vxlan" + vxlan.vni();
        int port = peer.ports().ipv4();
        Optional<Integer> ours = port(Format.VXLAN);
        List<String> lines = new ArrayList<>();
        lines.add("modprobe -a vxlan");
        lines.add("ip link add %s type vxlan id %d local %s dstport %d udp6zerocsumrx"
                .formatted(device, vxlan.vni(), kernel, port));
        ours.ifPresentOrElse(
                number -> lines.add("bridge fdb append 00:00:00:00:00:00 dev %s dst %s%s"
                        .formatted(device, gateway, number == port ? "" : " port " + number)),
                () -> lines.add(missing("{port: 4789, encapsulation: vxlan}")));
        lines.add(up(device));
        return lines.stream();
    }

    private Stream<String> gretap(Gre gre) {
        Format format = peer.encapsulation().format();
        boolean ipv4 = peer.isIpv4Underlay();
        Optional<Integer> ours = port(format);
        String name = format.name().toLowerCase(Locale.ROOT);
        List<String> lines = new ArrayList<>();
        lines.add("modprobe -a fou " + (ipv4 ? "ip_gre" : "fou6 ip6_gre"));
        lines.add("ip fou add %sport %d %s"
                .formatted(ipv4 ? "" : "-6 ", peer.ports().gre(), format == Format.GUE ? "gue" : "ipproto 47"));
        ours.ifPresentOrElse(
                number -> lines.add(
                        "ip link add fou-gretap type %s local %s remote %s%s%s encap %s encap-sport auto encap-dport %d %s"
                                .formatted(
                                        ipv4 ? "gretap" : "ip6gretap",
                                        kernel,
                                        gateway,
                                        ipv4 ? " ttl " + Math.max(peer.ttl(), 1) : " encaplimit none",
                                        options(gre),
                                        name,
                                        number,
                                        peer.checksum() ? "encap-csum" : "noencap-csum")),
                () -> lines.add(missing(
                        format == Format.GUE ? "{port: 6080, encapsulation: gue}" : "{port: 5555, ipproto: 47}")));
        lines.add(up("fou-gretap"));
        return lines.stream();
    }

    private static String options(Gre gre) {
        return (gre.keyed() ? " key " + Integer.toUnsignedString(gre.key()) : "")
                + (gre.checksum() ? " csum" : "")
                + (gre.sequence() ? " seq" : "");
    }

    /** Of the first entry of {@code listen} that takes what the kernel sends. */
    private Optional<Integer> port(Format format) {
        return config.listen().stream()
                .filter(listen -> listen.encapsulation() == format)
                .filter(listen -> format != Format.FOU || listen.ipproto().takes(Ip.GRE))
                .map(Listen::port)
                .findFirst();
    }

    private static String missing(String entry) {
        return "# No entry of listen takes what the kernel sends: add " + entry + " to listen.";
    }

    private String up(String device) {
        int mtuBytes = Overhead.innerMtuBytes(peer.pathMtuBytes(), peer.isIpv4Underlay(), peer.encapsulation())
                - EthernetFrame.BASE_BYTES;
        return "ip link set %s mtu %d master BRIDGE up".formatted(device, mtuBytes);
    }
}
