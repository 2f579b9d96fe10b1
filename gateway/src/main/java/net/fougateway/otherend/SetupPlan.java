package net.fougateway.otherend;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Format;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;
import net.fougateway.codec.PortPayload;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.GatewayConfig.Listen;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/** Works out which ports and devices the kernel needs for one peer. */
final class SetupPlan {

    private final GatewayConfig config;
    private final Peer peer;
    private final List<Prefix> ranges;
    private final boolean gre;
    private final List<KernelSetup.Port> ports = new ArrayList<>();
    private final List<TunnelLink> links = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    SetupPlan(GatewayConfig config, Peer peer, List<Prefix> ranges) {
        this.config = config;
        this.peer = peer;
        this.ranges = ranges;
        this.gre = peer.encapsulation().greHeader().isPresent();
        List<Integer> protocols = sentProtocols();
        openPorts(protocols);
        TunnelType.carrying(protocols, peer.isIpv4Underlay()).forEach(type -> addLink(type, type.carried(protocols)));
        remarkPathMtuDiscovery();
    }

    KernelSetup toSetup(String gateway) {
        return new KernelSetup(peer, gateway, List.copyOf(ports), List.copyOf(links), List.copyOf(remarks), ranges);
    }

    /** What the gateway sends to the peer, and therefore the kernel shall send back. */
    private List<Integer> sentProtocols() {
        if (gre) {
            return List.of(Ip.GRE);
        }
        return isMember()
                ? List.of(Ip.IPIP, Ip.IPV6)
                : peer.allowedIps().stream()
                        .map(prefix -> prefix.isIpv4() ? Ip.IPIP : Ip.IPV6)
                        .distinct()
                        .sorted()
                        .toList();
    }

    /** Its routes say what goes where, and nothing else does. */
    private boolean isMember() {
        return !ranges.isEmpty();
    }

    private void openPorts(List<Integer> protocols) {
        boolean gue = peer.encapsulation().format() == Format.GUE;
        Map<Integer, List<Integer>> byPort = protocols.stream()
                .collect(Collectors.groupingBy(
                        protocol -> peer.ports().of(protocol), TreeMap::new, Collectors.toList()));
        byPort.forEach((port, carried) -> ports.add(new KernelSetup.Port(
                port,
                gue || carried.size() > 1 ? PortPayload.GUE : PortPayload.fou(InnerProtocol.of(carried.get(0))))));
        if (!gue && byPort.size() < protocols.size()) {
            int port = peer.ports().ipv4();
            remarks.add(
                    ("A FOU port of the kernel has one ipproto, and port %d gets IPv4 and IPv6: it is opened for GUE,"
                                    + " which takes bare packets of both as its variant 1. With port: {4: %d, 41: %d} here, it can"
                                    + " be two FOU ports.")
                            .formatted(port, port, port + 1));
        }
    }

    private void addLink(TunnelType type, List<Integer> protocols) {
        Format wanted = peer.encapsulation().format();
        Optional<Listen> exact = listener(wanted, protocols);
        Optional<Listen> target = exact.or(() -> listener(other(wanted), protocols));
        if (target.isEmpty()) {
            remarks.add("No entry of listen takes %s from the kernel, so it can only receive: add %s to listen."
                    .formatted(names(protocols), listenEntry(wanted)));
            return;
        }
        if (exact.isEmpty()) {
            remarks.add(
                    "No entry of listen takes %s as %s, so the kernel sends %s: add %s to listen to have the same both ways."
                            .formatted(names(protocols), wanted, other(wanted), listenEntry(wanted)));
        }
        links.add(link(
                type,
                protocols,
                exact.isPresent() ? wanted : other(wanted),
                target.get().port()));
    }

    private TunnelLink link(TunnelType type, List<Integer> protocols, Format format, int port) {
        Encapsulation sent = Encapsulation.of(
                format,
                peer.encapsulation().remoteChecksum(),
                peer.encapsulation().gre());
        return new TunnelLink(
                type,
                protocols,
                sent,
                port,
                ttlForcesDf(type) ? Peer.INHERIT_TTL : peer.ttl(),
                mtuBytes(type, sent),
                ofFamily(type, devicePrefixes().flatMap(net -> addressIn(net).stream())),
                ofFamily(type, routes()),
                ofFamily(type, peer.allowedIps().stream()));
    }

    /** The first entry of {@code listen} that takes all of these, a plain FOU port before a GUE port. */
    private Optional<Listen> listener(Format format, List<Integer> protocols) {
        return config.listen().stream()
                .filter(this::hearsUnderlay)
                .filter(listen -> protocols.stream().allMatch(protocol -> takes(listen, format, protocol)))
                .min(Comparator.comparing(listen -> listen.encapsulation() != format));
    }

    private boolean hearsUnderlay(Listen listen) {
        return listen.bindAddresses().stream()
                .map(InetAddress::getClass)
                .anyMatch(family -> family == peer.remote().getClass());
    }

    /** A GUE port takes bare IPv4 and IPv6 too, as variant 1. */
    private static boolean takes(Listen listen, Format format, int protocol) {
        if (listen.encapsulation() == format) {
            return listen.ipproto().takes(protocol);
        }
        return format == Format.FOU && protocol != Ip.GRE;
    }

    /** As large as the path allows and the configuration, but not less than IPv6 needs. */
    private int mtuBytes(TunnelType type, Encapsulation sent) {
        int largest = Overhead.innerMtuBytes(peer.pathMtuBytes(), peer.isIpv4Underlay(), sent);
        int configured = config.device().mtuBytes();
        int mtuBytes = configured == GatewayConfig.AUTO ? largest : Math.min(configured, largest);
        boolean ipv6 = isMember() || peer.allowedIps().stream().anyMatch(prefix -> !prefix.isIpv4());
        if (!(ipv6 && type.carriesFamily(false)) || mtuBytes >= Ip.V6_MIN_MTU_BYTES) {
            return mtuBytes;
        }
        remarks.add("IPv6 needs an MTU of 1280, though the path has room for packets of %d bytes only."
                .formatted(mtuBytes));
        return Ip.V6_MIN_MTU_BYTES;
    }

    /** Towards our device where no address does it; towards all other sites where there are many. */
    private Stream<Prefix> routes() {
        if (isMember()) {
            return devicePrefixes().map(net -> Prefix.host(net.address()));
        }
        return peer.embedded().isPresent()
                ? peer.allowedIps().stream()
                : devicePrefixes().filter(net -> addressIn(net).isEmpty()).map(Prefix::masked);
    }

    private Stream<Prefix> devicePrefixes() {
        return config.device().address().stream();
    }

    /** The peer's own address in a network of our device, where {@code allowed_ips} has one, with that network's length. */
    private Optional<Prefix> addressIn(Prefix net) {
        return peer.allowedIps().stream()
                .filter(prefix -> prefix.isIpv4() == net.isIpv4())
                .filter(prefix -> prefix.length() == prefix.address().getAddress().length * Byte.SIZE)
                .map(host -> new Prefix(host.address(), net.length()))
                .filter(address -> address.masked().equals(net.masked()))
                .findFirst();
    }

    private static List<Prefix> ofFamily(TunnelType type, Stream<Prefix> prefixes) {
        return prefixes.filter(prefix -> type.carriesFamily(prefix.isIpv4())).toList();
    }

    /** In {@code ipip} and {@code sit} a fixed TTL sets DF, whatever {@code pmtudisc} says. */
    private boolean ttlForcesDf(TunnelType type) {
        return !peer.pmtuDiscovery()
                && peer.ttl() != Peer.INHERIT_TTL
                && (type == TunnelType.IPIP || type == TunnelType.SIT);
    }

    private void remarkPathMtuDiscovery() {
        if (links.stream().anyMatch(link -> ttlForcesDf(link.type()))) {
            remarks.add("In ipip and sit a fixed TTL sets DF: with pmtu_discovery: false it is inherited there.");
        } else if (!peer.pmtuDiscovery() && !peer.isIpv4Underlay()) {
            remarks.add(
                    "Over IPv6 the kernel's tunnels do not let the underlay fragment: pmtu_discovery: false is ours only.");
        }
    }

    private static String names(List<Integer> protocols) {
        return protocols.stream()
                .map(protocol -> switch (protocol) {
                    case Ip.IPIP -> "IPv4";
                    case Ip.IPV6 -> "IPv6";
                    default -> "GRE";
                })
                .collect(Collectors.joining(" and "));
    }

    private static Format other(Format format) {
        return format == Format.GUE ? Format.FOU : Format.GUE;
    }

    private static String listenEntry(Format format) {
        return format == Format.GUE ? "{port: 6080, encapsulation: gue}" : "{port: 5555}";
    }
}
