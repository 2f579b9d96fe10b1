package net.fougateway.host;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.fougateway.host.HostFacts.Conntrack;
import net.fougateway.host.HostFacts.Family;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Routes;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/** Reads {@link HostFacts} from the kernel. Changes nothing, needs no privilege. */
final class HostReader {

    private final Links links;
    private final RouteLookups ways;
    private final Sysctl sysctl;
    private final StrayPackets strayPackets;
    private final String device;
    private final Collection<Integer> listenPorts;

    /**
     * A reader of the host that {@code netlink} and {@code sysctl} belong to.
     *
     * @param device name of the TUN device
     */
    HostReader(Netlink netlink, Sysctl sysctl, String device, Collection<Integer> listenPorts) {
        this.links = new Links(netlink);
        this.ways = new RouteLookups(new Routes(netlink), device);
        this.sysctl = sysctl;
        strayPackets = new StrayPackets(Path.of("/proc/thread-self/net"), device);
        this.device = device;
        this.listenPorts = List.copyOf(listenPorts);
    }

    /** The facts that concern {@code peers}; nothing while the device is not up. */
    Optional<HostFacts> read(List<Peer> peers) throws LinuxException {
        Optional<Link> link = links.find(device).filter(Link::up);
        if (link.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new HostFacts(
                device,
                link.get().mtuBytes(),
                (int) Math.max(value("net/ipv4/conf/all/rp_filter"), value(ipv4Setting("rp_filter"))),
                families(peers),
                ways.prefixWays(peers),
                ways.peerWays(peers),
                conntrack(peers)));
    }

    private long value(String path) {
        return sysctl.read(path).orElse(0);
    }

    private boolean isOff(String path) {
        return sysctl.read(path).orElse(1) == 0;
    }

    private String ipv4Setting(String name) {
        return "net/ipv4/conf/" + device + "/" + name;
    }

    private List<Family> families(List<Peer> peers) throws LinuxException {
        List<Prefix> addresses = links.addresses(device);
        return peers.stream()
                .flatMap(peer -> peer.allowedIps().stream())
                .map(Prefix::isIpv4)
                .distinct()
                .map(ipv4 ->
                        new Family(ipv4, isAddressed(ipv4, addresses), forwardingOff(ipv4), strayPackets.count(ipv4)))
                .toList();
    }

    private static boolean isAddressed(boolean ipv4, List<Prefix> addresses) {
        return addresses.stream()
                .filter(address -> address.isIpv4() == ipv4)
                .anyMatch(address -> ipv4 || !address.address().isLinkLocalAddress());
    }

    /** IPv4 asks the device that a packet came in by, IPv6 the switch for all, which only newer kernels let a device overrule. */
    private Optional<String> forwardingOff(boolean ipv4) {
        if (ipv4) {
            return Stream.of("net/ipv4/ip_forward", ipv4Setting("forwarding"))
                    .filter(this::isOff)
                    .findFirst();
        }
        boolean forced = value("net/ipv6/conf/" + device + "/force_forwarding") != 0;
        return Optional.of("net/ipv6/conf/all/forwarding").filter(path -> isOff(path) && !forced);
    }

    private Conntrack conntrack(List<Peer> peers) {
        Set<Integer> ports = new HashSet<>(listenPorts);
        peers.stream()
                .map(Peer::ports)
                .flatMap(port -> Stream.of(port.ipv4(), port.ipv6(), port.gre()))
                .forEach(ports::add);
        return new Conntrack(value("net/netfilter/nf_conntrack_count"), value("net/netfilter/nf_conntrack_max"), ports);
    }
}
