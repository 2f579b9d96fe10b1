package net.fougateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.fougateway.config.ConfigDiff;
import net.fougateway.config.GatewayConfig;
import net.fougateway.engine.Engine;
import net.fougateway.fleet.Fleet;
import net.fougateway.fleet.FollowedRoutes;
import net.fougateway.host.Finding;
import net.fougateway.host.LinkSetup;
import net.fougateway.host.LinkSetupException;
import net.fougateway.linux.LinuxException;
import net.fougateway.log.LogLimit;
import net.fougateway.metrics.Snapshot;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.NameSchedule;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import net.fougateway.plan.StartException;
import net.fougateway.status.GatewayStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Brings a running gateway from one configuration to the next, by difference: what both have is not touched, no socket that listens and
 * no queue is closed, no packet of an unchanged peer is lost. Workers exchange what they know of peers between two batches.
 */
final class Reconfiguration implements GatewayStatus.Changes {

    /**
     * What is asked and changed outside the process.
     *
     * @param link what the device has been given
     * @param created whether the device is the gateway's own
     */
    record Host(KernelLookups facts, LinkSetup link, boolean created) {}

    private static final Logger log = LoggerFactory.getLogger(Reconfiguration.class);
    private static final LogLimit TAKEN = LogLimit.of(log, Level.INFO, "new configurations");
    private static final LogLimit PROBLEMS = LogLimit.of(log, Level.WARN, "names that resolve or do not");
    private static final LogLimit MOVES = LogLimit.of(log, Level.INFO, "peers whose names lead elsewhere");
    private static final LogLimit REFUSED = LogLimit.of(log, Level.ERROR, "refused configurations");

    private static final String NEEDS_RESTART = ": needs a restart";

    private final Host host;
    private final Engine engine;
    private final Fleet fleet;
    private final NameSchedule schedule = new NameSchedule(System::nanoTime);
    private FollowedRoutes routes = FollowedRoutes.NONE;
    private volatile String whyNot = "";
    private volatile Plan plan;
    private volatile Peering peering;
    private volatile Snapshot.Reloads reloads = Snapshot.Reloads.NONE;

    /** A gateway that runs as planned. */
    Reconfiguration(Plan plan, Engine engine, Host host) {
        this.plan = plan;
        this.engine = engine;
        this.host = host;
        peering = plan.peering();
        fleet = new Fleet(host.facts(), System::nanoTime);
    }

    /** The peers that hold now. */
    Peering peering() {
        return peering;
    }

    /** Goes on with the routes that the host has now. */
    synchronized void follow(FollowedRoutes next) {
        if (!next.equals(routes)
                || fleet.isAnyOverdue()
                || !peering.followed().findings().isEmpty()) {
            FollowedRoutes before = routes;
            routes = next;
            try {
                carry(plan);
            } catch (LinuxException e) {
                routes = before;
                tellWhyNot(e);
            }
        }
    }

    private void carry(Plan next) throws LinuxException {
        Peering all = fleet.peering(next.config(), next.peering(), routes);
        engine.use(all);
        peering = all;
    }

    /** Why not all that is configured is in force, one sentence each. */
    @Override
    public List<String> problems() {
        return Stream.of(
                        peering.problems().stream(),
                        host.link().reasonsToWait().stream(),
                        missing().stream(),
                        peering.followed().findings().stream())
                .flatMap(problems -> problems)
                .toList();
    }

    @Override
    public List<String> missing() {
        return host.link().missing().stream()
                .map(problem ->
                        Finding.HOST_STATE_MISSING.sentence(Map.of("device", plan.device(), "problem", problem)))
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
        ConfigDiff diff = ConfigDiff.between(plan.config(), next);
        if (othersMayAsk) {
            diff.changes().add("admin.web_config: its content, or a file that it names, has changed");
        }
        if (diff.isEmpty() && reloads.lastSuccessful() && peering().problems().isEmpty()) {
            nothingNew();
            attempt(this::addRoutes);
            return;
        }
        try {
            exchange(
                    plan.next(ConfigDiff.live(plan.config(), next), host.facts().lookedUp(next)));
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

    /** A key that needed a restart needs none any more. */
    private void nothingNew() {
        if (TAKEN.permits()) {
            log.info("the configuration was read again, nothing has changed");
        }
        List<String> last = reloads.last().stream()
                .filter(change -> !change.endsWith(NEEDS_RESTART))
                .toList();
        reloads = new Snapshot.Reloads(reloads.succeeded(), reloads.failed(), true, last);
    }

    private void succeeded(ConfigDiff diff) {
        if (TAKEN.permits()) {
            diff.changes().forEach(change -> log.info("new configuration: {}", change));
            diff.needRestart().forEach(change -> log.warn("new configuration: {}{}", change, NEEDS_RESTART));
        }
        List<String> last = new ArrayList<>(diff.changes());
        diff.needRestart().forEach(change -> last.add(change + NEEDS_RESTART));
        reloads = new Snapshot.Reloads(reloads.succeeded() + 1, reloads.failed(), true, List.copyOf(last));
    }

    /** Tries again what was not possible yet: adds routes that wait for others, and moves peers that could not be moved. */
    void retry() {
        if (!host.link().reasonsToWait().isEmpty() || !whyNot.isEmpty()) {
            attempt(() -> {
                addRoutes();
                movePeers();
            });
        }
    }

    /** Looks names up when it is time to; a peer whose name leads elsewhere now is taken over as from a new configuration. */
    void followNames() throws InterruptedException {
        List<String> due = schedule.due(plan.named(), engine.takeUnreachable());
        host.facts().names().lookUp(due);
        if (host.facts().names().takeNews() || !due.isEmpty()) {
            attempt(this::movePeers);
        }
    }

    private interface Attempt {
        void run() throws Exception;
    }

    private synchronized void attempt(Attempt attempt) {
        try {
            attempt.run();
            whyNot = "";
        } catch (Exception e) {
            tellWhyNot(e);
        }
    }

    private void addRoutes() throws LinkSetupException {
        List<String> before = host.link().reasonsToWait();
        host.link().update(plan.link(host.created()));
        tellProblems(before, host.link().reasonsToWait());
    }

    private void movePeers() throws Exception {
        if (plan.isOutdated(host.facts())) {
            exchange(plan.next(plan.config(), host.facts()));
        }
    }

    /** Once, not at each attempt. */
    private void tellWhyNot(Exception e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(whyNot)) {
            log.warn("what has changed on the host or in DNS cannot be taken over yet: {}", why);
        }
        whyNot = why;
    }

    private void exchange(Plan after) throws Exception {
        requireOneWorkerForSequences(after);
        Plan before = plan;
        host.link().check(after.link(host.created()));
        try {
            use(after);
        } catch (Exception e) {
            use(before);
            throw e;
        }
        tellProblems(before.peering().problems(), after.peering().problems());
        after.named().movedFrom(before.named(), host.facts()).stream()
                .filter(move -> MOVES.permits())
                .forEach(move -> log.info("{}", move));
    }

    /** As long as there are rules for it, outer packets have the mark. */
    private void use(Plan next) throws Exception {
        boolean rulesFirst = peering.mark() != 0 && next.peering().mark() == 0;
        if (rulesFirst) {
            host.link().update(next.link(host.created()));
        }
        carry(next);
        plan = next;
        if (!rulesFirst) {
            host.link().update(next.link(host.created()));
        }
    }

    private static void tellProblems(List<String> before, List<String> after) {
        if (PROBLEMS.permits()) {
            after.stream().filter(problem -> !before.contains(problem)).forEach(problem -> log.warn("{}", problem));
            before.stream()
                    .filter(problem -> !after.contains(problem))
                    .forEach(problem -> log.info("over: {}", problem));
        }
    }

    private void requireOneWorkerForSequences(Plan next) throws StartException {
        boolean numbered = next.peers().stream().anyMatch(peer -> peer.gre().sequence());
        if (!numbered) {
            return;
        }
        int workers = engine.report().workers();
        if (workers > 1) {
            throw new StartException(
                    List.of("gre.sequence needs one worker, and there are " + workers + ": restart the gateway"));
        }
    }
}
