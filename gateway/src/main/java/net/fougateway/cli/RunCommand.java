package net.fougateway.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import net.fougateway.Gateway;
import net.fougateway.config.ConfigException;
import net.fougateway.config.ConfigFile;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.WebAccess;
import net.fougateway.config.WebFiles;
import net.fougateway.host.LinkSetup;
import net.fougateway.linux.Links;
import net.fougateway.linux.Netlink;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Plan;
import net.fougateway.plan.StartException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fou-gateway run}: the gateway itself, until SIGTERM or SIGINT. */
@Command(
        name = "run",
        description = "Run the gateway until SIGTERM or SIGINT.",
        footerHeading = Main.EXAMPLES,
        footer = {
            "  fou-gateway run",
            "  fou-gateway run -c gateway.yaml --set log.level=debug",
            "  fou-gateway run --takeover",
            "  fou-gateway run --dry-run"
        },
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

    @Mixin
    private ConfigOptions options;

    @Option(names = "--dry-run", description = "Print the changes to the host as ip commands, and exit.")
    private boolean dryRun;

    @Option(
            names = "--takeover",
            description = "Take the place of the gateway that has the device, if one runs, without losing a packet.")
    private boolean takeover;

    @Spec
    private CommandSpec spec;

    private ServiceManager manager;
    private Gateway gateway;
    private boolean stopped;

    @Override
    public Integer call() throws Exception {
        ConfigFile file = options.read();
        GatewayConfig config = options.load(file);
        WebFiles web = options.webFiles(config);
        WebAccess access = web.access();
        Logging.configure(config.log());
        if (dryRun) {
            hostChanges(config).forEach(spec.commandLine().getOut()::println);
            return 0;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "shutdown"));
        if (start(config, access)) {
            gateway.watch(new ConfigWatch(watched(file, web.files()), this::reload).start());
            manager.ready();
            return ended(gateway.awaitEnd());
        }
        return 1;
    }

    /** As the first process of a container it stays until it is stopped: the container must not be started again and take its place back. */
    private int ended(String why) throws InterruptedException {
        if (!gateway.isHandedOver()) {
            log.error("the gateway ends: {}; start it again", why);
            return 1;
        }
        gateway.close();
        log.info("the gateway ends: {}", why);
        if (ProcessHandle.current().pid() == 1) {
            new CountDownLatch(1).await();
        }
        return 0;
    }

    /** False when a signal has ended the process before it began. */
    private synchronized boolean start(GatewayConfig config, WebAccess access) throws StartException {
        if (!stopped) {
            gateway = Gateway.start(config, access, takeover);
            manager = new ServiceManager(System.getenv(), gateway::snapshot, gateway::loopsRunning);
        }
        return !stopped;
    }

    /** Waits for a start that is under way: what it has done to the host must be taken back. */
    private synchronized void stop() {
        stopped = true;
        if (gateway != null) {
            manager.close();
            gateway.close();
        }
    }

    private static List<ConfigFile> watched(ConfigFile file, List<ConfigFile> named) {
        return Stream.concat(Stream.of(file), named.stream()).toList();
    }

    /** Takes over what is in the files; answers which to watch from now on. */
    private List<ConfigFile> reload(List<ConfigFile> files) {
        List<ConfigFile> named = new ArrayList<>();
        manager.reload(() -> named.addAll(reload(files.get(0), files.subList(1, files.size()))));
        return watched(files.get(0), named);
    }

    private List<ConfigFile> reload(ConfigFile file, List<ConfigFile> namedBefore) {
        List<ConfigFile> named = namedBefore;
        try {
            GatewayConfig next = options.load(file);
            WebFiles web = options.webFiles(next);
            named = web.files();
            gateway.reload(next, web.access());
            Logging.configure(next.log());
        } catch (ConfigException e) {
            gateway.reloadFailed(e.getMessage().lines().toList());
        } catch (RuntimeException e) {
            gateway.reloadFailed(List.of(e.toString()));
        }
        return named;
    }

    private static List<String> hostChanges(GatewayConfig config) throws Exception {
        try (Netlink netlink = Netlink.open()) {
            Plan plan = Plan.of(config, new KernelLookups(netlink).lookedUp(config));
            boolean created = new Links(netlink).find(plan.device()).isEmpty();
            return Stream.of(
                            plan.peering().problems().stream().map(problem -> "# " + problem),
                            Stream.of("ip tuntap add dev " + plan.device() + " mode tun")
                                    .filter(line -> created),
                            LinkSetup.commands(netlink, plan.link(created)).stream())
                    .flatMap(lines -> lines)
                    .toList();
        }
    }
}
