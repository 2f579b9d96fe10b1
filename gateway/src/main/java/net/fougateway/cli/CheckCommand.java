package net.fougateway.cli;

import java.util.List;
import java.util.concurrent.Callable;
import net.fougateway.DeviceMtu;
import net.fougateway.HostNames;
import net.fougateway.PeerResolver;
import net.fougateway.ResolvedPeers;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Routes;
import net.fougateway.route.Peer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fou-gateway check}: validates a configuration. */
@Command(
        name = "check",
        description = "Validate a configuration; all mistakes are told at once, with line and path.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Mixin
    private ConfigOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        GatewayConfig config = options.load();
        options.webFiles(config).access();
        try (Netlink netlink = Netlink.open()) {
            HostNames names = new HostNames();
            names.lookUp(PeerResolver.names(config.peers()));
            Routes routes = new Routes(netlink);
            PeerResolver.requireOtherHosts(config.peers(), routes);
            ResolvedPeers resolved = PeerResolver.resolve(config, names, routes);
            List<Peer> peers = resolved.peers();
            resolved.problems().forEach(problem -> spec.commandLine().getErr().println("warning: " + problem));
            long prefixes =
                    peers.stream().mapToLong(peer -> peer.allowedIps().size()).sum();
            spec.commandLine()
                    .getOut()
                    .printf(
                            "ok, %s, %s, MTU %s%n",
                            count(peers.size(), "peer", "peers"),
                            count(prefixes, "prefix", "prefixes"),
                            DeviceMtu.of(config.device(), peers).explanation());
        }
        return 0;
    }

    private static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
