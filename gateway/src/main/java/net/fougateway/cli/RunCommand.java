package net.fougateway.cli;

import java.util.List;
import java.util.concurrent.Callable;
import net.fougateway.DeviceMtu;
import net.fougateway.Gateway;
import net.fougateway.PeerResolver;
import net.fougateway.config.ConfigException;
import net.fougateway.config.GatewayConfig;
import net.fougateway.host.LinkSetup;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Routes;
import net.fougateway.route.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fou-gateway run}: the gateway itself, until SIGTERM or SIGINT. */
@Command(name = "run", description = "Run the gateway until SIGTERM or SIGINT.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

    @Mixin
    private ConfigOptions options;

    @Option(names = "--dry-run", description = "Print the changes to the host as ip commands, and exit.")
    private boolean dryRun;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        GatewayConfig config = options.load();
        Logging.configure(config.log());
        if (dryRun) {
            hostChanges(config).forEach(spec.commandLine().getOut()::println);
            return 0;
        }
        Gateway gateway = Gateway.start(config);
        ServiceManager manager = new ServiceManager(System.getenv(), gateway::snapshot, gateway::loopsRunning);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(manager, gateway), "shutdown"));
        new ConfigWatch(options.file(), () -> manager.reload(() -> reload(gateway))).start();
        manager.ready();
        gateway.awaitDeviceLost();
        log.error(
                "device {} was deleted by somebody else; start again to make a new one",
                config.device().name());
        return 1;
    }

    private static void stop(ServiceManager manager, Gateway gateway) {
        manager.close();
        gateway.close();
    }

    private void reload(Gateway gateway) {
        try {
            GatewayConfig next = options.load();
            gateway.reload(next);
            Logging.configure(next.log());
        } catch (ConfigException e) {
            gateway.reloadFailed(e.getMessage().lines().toList());
        } catch (RuntimeException e) {
            gateway.reloadFailed(List.of(e.toString()));
        }
    }

    private static List<String> hostChanges(GatewayConfig config) throws Exception {
        try (Netlink netlink = Netlink.open()) {
            List<Peer> peers = PeerResolver.resolve(config.peers(), new Routes(netlink));
            DeviceMtu mtu = DeviceMtu.of(config.device(), peers);
            boolean created = Gateway.isAbsent(config.device().name(), netlink);
            return LinkSetup.commands(netlink, Gateway.linkSettings(config, peers, mtu, created));
        }
    }
}
