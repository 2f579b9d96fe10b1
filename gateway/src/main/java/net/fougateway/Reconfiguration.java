package net.fougateway;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.fougateway.config.ConfigDiff;
import net.fougateway.config.GatewayConfig;
import net.fougateway.host.LinkSettings;
import net.fougateway.host.LinkSetup;
import net.fougateway.host.LinkSetupException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Routes;
import net.fougateway.log.LogLimit;
import net.fougateway.metrics.Snapshot;
import net.fougateway.path.Forwarding;
import net.fougateway.path.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Brings a running gateway from one configuration to the next, by difference: what both have is not touched, no socket that listens and
 * no queue is closed, no packet of an unchanged peer is lost. Workers exchange what they know of peers between two batches.
 */
final class Reconfiguration implements GatewayStatus.Changes {

    /** What of a configuration concerns the host. */
    interface HostSettings {
        LinkSettings of(GatewayConfig config, Peering peering);
    }

    /**
     * What is asked and changed outside the process.
     *
     * @param names as looked up so far
     * @param linkSetup what the device has been given
     * @param settings what it is to be given
     */
    record Host(Netlink netlink, HostNames names, LinkSetup linkSetup, HostSettings settings) {}

    private static final Logger log = LoggerFactory.getLogger(Reconfiguration.class);
    private static final LogLimit TAKEN = LogLimit.of(log, Level.INFO, "new configurations");
    private static final LogLimit PROBLEMS = LogLimit.of(log, Level.WARN, "names that resolve or do not");
    private static final LogLimit REFUSED = LogLimit.of(log, Level.ERROR, "refused configurations");

    private final Host host;
    private final SendingSockets sockets;
    private final List<Worker> workers;
    private GatewayConfig config;
    private String whyNot = "";
    private volatile Peering peering;
    private volatile Snapshot.Reloads reloads = Snapshot.Reloads.NONE;

    /** A gateway that runs with {@code config} and {@code peering}. */
    Reconfiguration(GatewayConfig config, Peering peering, Host host, SendingSockets sockets, List<Worker> workers) {
        this.config = config;
        this.peering = peering;
        this.host = host;
        this.sockets = sockets;
        this.workers = workers;
    }

    /** The peers that hold now. */
    Peering peering() {
        return peering;
    }

    /** Why not all that is configured is in force, one sentence each. */
    @Override
    public List<String> problems() {
        return Stream.concat(peering.problems().stream(), host.linkSetup().reasonsToWait().stream())
                .toList();
    }

    /** What became of the changes so far. */
    @Override
    public Snapshot.Reloads reloads() {
        return reloads;
    }

    /**
     * Takes a new configuration over, but for keys that need a restart, which are named in the log. When something is in the way, nothing has
     * changed.
     *
     * @param othersMayAsk true when, beside it, the admin port took over who may ask
     */
    synchronized void apply(GatewayConfig next, boolean othersMayAsk) {
        ConfigDiff diff = ConfigDiff.between(config, next);
        if (othersMayAsk) {
            diff.changes().add("admin.web_config: its content, or a file that it names, has changed");
        }
        if (diff.isEmpty() && reloads.lastSuccessful() && peering.problems().isEmpty()) {
            return;
        }
        try {
            PeerResolver.requireOtherHosts(next.peers(), new Routes(host.netlink()));
            host.names().lookUp(PeerResolver.names(next.peers()));
            exchange(ConfigDiff.live(config, next));
            succeeded(diff);
        } catch (Exception e) {
            failed(List.of(String.valueOf(e.getMessage())));
        }
    }

    /** Notes that a new configuration could not even be read. */
    synchronized void failed(List<String> why) {
        if (REFUSED.permits()) {
            why.forEach(line -> log.error("the configuration stays as it was: {}", line));
        }
        reloads = new Snapshot.Reloads(reloads.succeeded(), reloads.failed() + 1, false, List.copyOf(why));
    }

    private void succeeded(ConfigDiff diff) {
        if (TAKEN.permits()) {
            diff.changes().forEach(change -> log.info("new configuration: {}", change));
            diff.needRestart().forEach(change -> log.warn("new configuration: {}: needs a restart", change));
        }
        List<String> last = new ArrayList<>(diff.changes());
        diff.needRestart().forEach(change -> last.add(change + ": needs a restart"));
        reloads = new Snapshot.Reloads(reloads.succeeded() + 1, reloads.failed(), true, List.copyOf(last));
    }

    /**
     * Tries again what was not possible yet: adds routes that wait for others, and looks names up that did not resolve; when one does now, its
     * peer is taken over as from a new configuration.
     */
    void retry() throws InterruptedException {
        if (!host.linkSetup().reasonsToWait().isEmpty()) {
            addRoutes();
        }
        List<String> unresolved = unresolvedNames();
        if (!unresolved.isEmpty()) {
            host.names().lookUp(unresolved);
            if (host.names().takeNews() || !whyNot.isEmpty()) {
                takeResolved();
            }
        }
    }

    private synchronized void addRoutes() {
        List<String> before = host.linkSetup().reasonsToWait();
        try {
            host.linkSetup().update(host.netlink(), host.settings().of(config, peering));
            tellProblems(before, host.linkSetup().reasonsToWait());
        } catch (LinkSetupException e) {
            tellWhyNot(e);
        }
    }

    private synchronized List<String> unresolvedNames() {
        return peering.unresolvedNames(config);
    }

    private synchronized void takeResolved() {
        Peering after = Peering.of(config, host.names(), new Routes(host.netlink()));
        if (after.problems().equals(peering.problems())) {
            return;
        }
        try {
            exchange(config, after);
            whyNot = "";
        } catch (Exception e) {
            tellWhyNot(e);
        }
    }

    /** Once, not at each attempt. */
    private void tellWhyNot(Exception e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(whyNot)) {
            log.warn("what was missing at the start is there now, but cannot be taken over yet: {}", why);
        }
        whyNot = why;
    }

    private void exchange(GatewayConfig next) throws Exception {
        requireOneWorkerForSequences(next);
        exchange(next, Peering.of(next, host.names(), new Routes(host.netlink())));
    }

    private void exchange(GatewayConfig next, Peering after) throws Exception {
        Peering before = peering;
        LinkSettings settings = host.settings().of(next, after);
        LinkSetup.check(host.netlink(), settings);
        try {
            sockets.open(after.peers());
            use(after);
            host.linkSetup().update(host.netlink(), settings);
        } catch (Exception e) {
            sockets.open(before.peers());
            use(before);
            host.linkSetup().update(host.netlink(), host.settings().of(config, before));
            sockets.retain(before.peers());
            throw e;
        }
        sockets.retain(after.peers());
        config = next;
        tellProblems(before.problems(), after.problems());
    }

    private static void tellProblems(List<String> before, List<String> after) {
        if (PROBLEMS.permits()) {
            after.stream().filter(problem -> !before.contains(problem)).forEach(problem -> log.warn("{}", problem));
            before.stream()
                    .filter(problem -> !after.contains(problem))
                    .forEach(problem -> log.info("over: {}", problem));
        }
    }

    private void requireOneWorkerForSequences(GatewayConfig next) throws StartException {
        boolean numbered = next.peers().stream().anyMatch(peer -> peer.gre().sequence());
        if (numbered && workers.size() > 1) {
            throw new StartException(List.of(
                    "gre.sequence needs one worker, and there are " + workers.size() + ": restart the gateway"));
        }
    }

    private void use(Peering next) {
        peering = next;
        Supplier<Forwarding> forwardings = next.forwardings(sockets);
        workers.forEach(worker -> worker.use(forwardings.get()).syncUninterruptibly());
    }
}
