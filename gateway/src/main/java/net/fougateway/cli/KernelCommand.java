package net.fougateway.cli;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.otherend.IpFormat;
import net.fougateway.otherend.KernelSetup;
import net.fougateway.otherend.NetworkdFormat;
import net.fougateway.otherend.SwitchFormat;
import net.fougateway.plan.HostLookups;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import net.fougateway.plan.StartException;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import net.fougateway.route.Underlay;
import net.fougateway.udp.OuterSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fou-gateway kernel}: what a plain Linux kernel at the other end needs. */
@Command(
        name = "kernel",
        description = "Print the commands, or files, for the plain Linux kernel at the other end of a peer.",
        footerHeading = Main.EXAMPLES,
        footer = {"  fou-gateway kernel", "  fou-gateway kernel PEER", "  fou-gateway kernel PEER --format networkd"},
        mixinStandardHelpOptions = true)
final class KernelCommand implements Callable<Integer> {

    @Parameters(
            arity = "0..1",
            paramLabel = "PEER",
            description = "Name of the peer; none: all peers, one after the other.")
    private String name;

    @Mixin
    private ConfigOptions options;

    @Option(
            names = "--format",
            paramLabel = "ip|networkd",
            defaultValue = "ip",
            description = "ip: lines for a shell; networkd: files for systemd-networkd (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Spec
    private CommandSpec spec;

    private enum Format {
        IP,
        NETWORKD;

        String print(KernelSetup setup) {
            return this == IP ? IpFormat.print(setup) : NetworkdFormat.print(setup);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() throws Exception {
        GatewayConfig config = options.load();
        List<GatewayConfig.Peer> chosen = chosen(config.peers());
        try (Netlink netlink = Netlink.open()) {
            KernelLookups facts = new KernelLookups(netlink);
            String text = texts(config, config.withPeers(chosen), facts).collect(Collectors.joining("\n"));
            spec.commandLine().getOut().print(text);
            spec.commandLine().getOut().flush();
        }
        return 0;
    }

    private Stream<String> texts(GatewayConfig config, GatewayConfig chosen, KernelLookups facts) throws Exception {
        if (!config.isEthernet()) {
            return setups(config, chosen, facts).map(format::print);
        }
        if (format != Format.IP) {
            throw new ParameterException(spec.commandLine(), "with device.mode: tap there are lines for a shell only");
        }
        return peers(chosen, facts).stream()
                .map(peer -> SwitchFormat.print(config, peer, ourAddress(config, peer, facts)));
    }

    private Stream<KernelSetup> setups(GatewayConfig config, GatewayConfig chosen, KernelLookups facts)
            throws Exception {
        return Stream.concat(
                peers(chosen, facts).stream()
                        .map(peer -> KernelSetup.of(config, peer, ourAddress(config, peer, facts))),
                chosen.templates().stream()
                        .filter(template ->
                                name != null || !ipv4Ranges(template).isEmpty())
                        .map(template -> ofMember(config, template, facts)));
    }

    /** All with their addresses. */
    private static List<Peer> peers(GatewayConfig config, KernelLookups facts) throws Exception {
        Plan plan = Plan.of(config, facts.lookedUp(config));
        if (!plan.peering().problems().isEmpty()) {
            throw new StartException(plan.peering().problems());
        }
        return plan.peers();
    }

    /** The kernel's tunnels over IPv6 take no other end from a route. */
    private KernelSetup ofMember(GatewayConfig config, GatewayConfig.Peer template, KernelLookups facts) {
        List<Prefix> ranges = ipv4Ranges(template);
        if (ranges.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "peer " + template.name()
                            + " is many machines that routes lead to, over IPv6, where a kernel's tunnel has one other end only:"
                            + " write one of them as a peer of type: fixed to see what its kernel needs");
        }
        Peer member = Peering.member(
                config, facts, template, template.name(), ranges.get(0).address());
        return KernelSetup.ofMember(config, member, ourAddress(config, member, facts), ranges);
    }

    private static List<Prefix> ipv4Ranges(GatewayConfig.Peer template) {
        return template.ranges().stream().filter(Prefix::isIpv4).toList();
    }

    private List<GatewayConfig.Peer> chosen(List<GatewayConfig.Peer> peers) {
        List<GatewayConfig.Peer> chosen = peers.stream()
                .filter(peer -> name == null || peer.name().equals(name))
                .toList();
        if (chosen.isEmpty()) {
            String names = peers.stream().map(GatewayConfig.Peer::name).collect(Collectors.joining(", "));
            throw new ParameterException(
                    spec.commandLine(),
                    peers.isEmpty() ? "the configuration has no peers" : "no peer " + name + "; there are: " + names);
        }
        return chosen;
    }

    /** Not that of the tunnel, where a route into it covers the peer: with the mark a packet passes by it. */
    private static Optional<InetAddress> ourAddress(GatewayConfig config, Peer peer, HostLookups facts) {
        return peer.local().or(() -> sourceTo(peer.remote(), peer.underlay().marked(config.mark()), facts));
    }

    private static Optional<InetAddress> sourceTo(InetAddress remote, Underlay from, HostLookups facts) {
        try {
            return remote instanceof Inet6Address
                    ? Optional.of(OuterSource.to(remote, from.device(), from.mark()))
                    : facts.route(remote, from).preferredSource();
        } catch (LinuxException noRoute) {
            return Optional.empty();
        }
    }
}
