package net.fougateway.cli;

import java.util.concurrent.Callable;
import java.util.stream.Stream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.host.LinkSetup;
import net.fougateway.linux.Netlink;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Plan;
import net.fougateway.plan.Warnings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fou-gateway check}: validates a configuration. */
@Command(
        name = "check",
        description = "Validate a configuration; all mistakes are told at once, with line and path.",
        footerHeading = Main.EXAMPLES,
        footer = {
            "  fou-gateway check",
            "  fou-gateway check -c gateway.yaml",
            "  fou-gateway check -c gateway.yaml --set workers=4"
        },
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
            KernelLookups host = new KernelLookups(netlink).lookedUp(config);
            Plan plan = Plan.of(config, host);
            Stream.concat(Warnings.of(plan, host).stream(), LinkSetup.conflicts(netlink, plan.link(true)).stream())
                    .forEach(warning -> spec.commandLine().getErr().println("warning: " + warning));
            long prefixes = plan.peers().stream()
                    .mapToLong(peer -> peer.allowedIps().size())
                    .sum();
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s: ok, %s, %s, MTU %s%n",
                            options.file(),
                            count(plan.peers().size(), "peer", "peers"),
                            count(prefixes, "prefix", "prefixes"),
                            plan.mtu().explanation());
        }
        return 0;
    }

    private static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
