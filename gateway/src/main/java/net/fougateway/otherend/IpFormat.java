package net.fougateway.otherend;

import io.netty.util.NetUtil;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Ip;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/** The set-up as lines for a shell on the kernel's side, in the words of iproute2. */
public final class IpFormat {

    private static final int DSCP = 0xfc;

    private final KernelSetup setup;
    private final Peer peer;
    private final List<String> lines = new ArrayList<>();

    private IpFormat(KernelSetup setup) {
        this.setup = setup;
        this.peer = setup.peer();
    }

    /** All lines, each ended by a line feed. */
    public static String print(KernelSetup setup) {
        IpFormat format = new IpFormat(setup);
        format.addAll();
        return format.lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private void addAll() {
        lines.addAll(Remarks.of(setup));
        lines.add(modprobe());
        setup.ports().forEach(port -> lines.add(fouAdd(port)));
        setup.links().forEach(this::addLink);
    }

    private String modprobe() {
        Stream<String> fou = Stream.of("fou", "fou6").limit(peer.isIpv4Underlay() ? 1 : 2);
        Stream<String> types = setup.links().stream().map(link -> link.type().module());
        return Stream.concat(fou, types).collect(Collectors.joining(" ", "modprobe -a ", ""));
    }

    private String fouAdd(KernelSetup.Port port) {
        return words(
                "ip fou add",
                peer.isIpv4Underlay() ? "" : "-6",
                "port " + port.number(),
                port.isGue() ? "gue" : "ipproto " + port.payload().protocol());
    }

    private void addLink(TunnelLink link) {
        String device = " dev " + link.type().device();
        lines.add(linkAdd(link));
        peer.embedded().filter(IpFormat::isSixRd).ifPresent(sixRd -> lines.add(sixRd(sixRd, device)));
        lines.add("ip link set " + link.type().device() + " mtu " + link.mtuBytes() + " up");
        link.addresses().forEach(address -> lines.add("ip addr add " + address + device));
        link.routes().forEach(route -> lines.add("ip route add " + route + via(route, setup.gateway(), device)));
        if (setup.isMember()) {
            lines.addAll(routesOfMachines(link, device));
            return;
        }
        if (link.addresses().isEmpty()) {
            lines.add("# The gateway accepts inner sources in " + Remarks.list(link.sources()) + " only.");
        }
        if (!setup.isSite()) {
            lines.add("# For each network behind the gateway: ip route add NETWORK" + device);
            link.sources().stream()
                    .filter(prefix -> !isHost(prefix))
                    .forEach(prefix -> lines.add("# To forward to " + prefix + ": sysctl -w " + forwarding(prefix)));
        }
    }

    /** A device without other end takes it from the next hop; {@code sit} takes it from inside an IPv6 one. */
    private String via(Prefix route, String outer, String device) {
        return setup.isMember() ? " via " + (route.isIpv4() ? "" : "::") + outer + device + " onlink" : device;
    }

    private static List<String> routesOfMachines(TunnelLink link, String device) {
        String line = "# For each %s network behind another machine: ip route add NETWORK via %s" + device + " onlink";
        return Stream.of(true, false)
                .filter(link.type()::carriesFamily)
                .map(ipv4 -> line.formatted(ipv4 ? "IPv4" : "IPv6", ipv4 ? "ITS_ADDRESS" : "::ITS_ADDRESS"))
                .toList();
    }

    private static boolean isSixRd(EmbeddedAddress embedded) {
        return !embedded.isatap() && !embedded.equals(EmbeddedAddress.SIX_TO_FOUR);
    }

    private static String sixRd(EmbeddedAddress sixRd, String device) {
        byte[] prefix =
                ByteBuffer.allocate(2 * Long.BYTES).putLong(sixRd.prefix()).array();
        byte[] relay =
                ByteBuffer.allocate(Integer.BYTES).putInt(sixRd.relayPrefix()).array();
        return "ip tunnel 6rd%s 6rd-prefix %s/%d 6rd-relay_prefix %s/%d"
                .formatted(
                        device,
                        NetUtil.bytesToIpAddress(prefix),
                        sixRd.prefixBits(),
                        NetUtil.bytesToIpAddress(relay),
                        sixRd.relayPrefixBits());
    }

    private String linkAdd(TunnelLink link) {
        return words(
                "ip link add " + link.type().device() + " type " + link.type().keyword(),
                link.type() == TunnelType.IP6TNL ? "mode " + mode(link) : "",
                "local " + setup.kernel(),
                otherEnd(),
                link.type().isGre() ? gre(peer.gre()) : "",
                peer.isIpv4Underlay() ? ipv4Header(link) : ipv6Header(link),
                "encap " + (link.isGue() ? "gue" : "fou") + " encap-sport auto encap-dport " + link.port(),
                (peer.checksum() ? "" : "no") + (peer.isIpv4Underlay() ? "encap-csum" : "encap-udp6-csum"),
                link.encapsulation().remoteChecksum() ? "encap-remcsum" : "");
    }

    private String otherEnd() {
        if (setup.isMember()) {
            return "";
        }
        return setup.isSite() ? isatap() : "remote " + setup.gateway();
    }

    private String isatap() {
        return peer.embedded().filter(EmbeddedAddress::isatap).isPresent() ? "isatap" : "";
    }

    private static String mode(TunnelLink link) {
        if (link.protocols().size() > 1) {
            return "any";
        }
        return link.protocols().contains(Ip.IPIP) ? "ipip6" : "ip6ip6";
    }

    private static String gre(Gre gre) {
        String key = Integer.toUnsignedString(gre.key());
        return words(
                gre.keyed() ? "ikey " + key + " okey " + key : "",
                gre.checksum() ? "icsum ocsum" : "",
                gre.sequence() ? "iseq oseq" : "");
    }

    private String ipv4Header(TunnelLink link) {
        return words("ttl " + ttl(link), "tos " + tos(), peer.pmtuDiscovery() ? "" : "nopmtudisc");
    }

    /** Without {@code encaplimit none} eight bytes of Destination Options would stand before the UDP header. */
    private String ipv6Header(TunnelLink link) {
        return words("hoplimit " + ttl(link), "tclass " + tos(), "encaplimit none");
    }

    private static String ttl(TunnelLink link) {
        return link.ttl() == Peer.INHERIT_TTL ? "inherit" : Integer.toString(link.ttl());
    }

    /** iproute2 reads the number as hexadecimal, with or without prefix; the two low bits are ECN's. */
    private String tos() {
        return peer.tos() == Peer.INHERIT_TOS ? "inherit" : "0x%02x".formatted(peer.tos() & DSCP);
    }

    private static boolean isHost(Prefix prefix) {
        return prefix.length() == prefix.address().getAddress().length * Byte.SIZE;
    }

    private static String forwarding(Prefix prefix) {
        return prefix.isIpv4() ? "net.ipv4.ip_forward=1" : "net.ipv6.conf.all.forwarding=1";
    }

    private static String words(String... words) {
        return Stream.of(words).filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
    }
}
