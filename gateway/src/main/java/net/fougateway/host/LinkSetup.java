package net.fougateway.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.linux.Errno;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.route.Prefix;

/**
 * The addresses, routes and rules that a host has been given for a TUN device. Open while the device is in use; {@link #close} removes
 * those that this object added and that are still there. MTU, queue length and the state "up" stay as set.
 */
public final class LinkSetup implements AutoCloseable {

    private final Netlink netlink;
    private final Set<HostPiece> added = new LinkedHashSet<>();
    private LinkSettings settings;
    private boolean applied;
    private Set<HostPiece> wanted = Set.of();
    private volatile List<Problem> reasonsToWait = List.of();
    private volatile List<Problem> missing = List.of();

    private LinkSetup(Netlink netlink, LinkSettings settings) {
        this.netlink = netlink;
        this.settings = settings;
    }

    /**
     * Sets up an existing device.
     *
     * <p>Before a route captures the outer address of a peer, rules or a host route keep it on the underlay. A route that another device
     * has already is never replaced.
     *
     * @param netlink in the namespace of the device; stays the caller's and open until after {@link #close}
     * @throws LinkSetupException with everything that the kernel refused; then nothing is left behind
     */
    public static LinkSetup apply(Netlink netlink, LinkSettings settings) throws LinkSetupException {
        LinkSetup setup = new LinkSetup(netlink, settings);
        HostTables host = HostTables.of(netlink);
        LinkPlan plan = new LinkPlan(host, settings, List.of());
        List<Problem> problems = new ArrayList<>(plan.problems());
        setup.requireDevice(host, problems);
        if (problems.isEmpty()) {
            problems.addAll(setup.conflicts(host, plan));
        }
        if (problems.isEmpty()) {
            setup.give(host, plan, problems);
        }
        if (!problems.isEmpty()) {
            problems.addAll(plan.reasonsToWait());
            setup.takeBack(host, List.copyOf(setup.added), problems);
            throw new LinkSetupException(problems);
        }
        setup.applied = true;
        return setup;
    }

    private void requireDevice(HostTables host, List<Problem> problems) {
        try {
            if (host.links().find(settings.device()).isEmpty()) {
                problems.add(new Problem(
                        "there is no device " + settings.device(), "create it in this network namespace first"));
            }
        } catch (LinuxException e) {
            problems.add(Problem.of(e));
        }
    }

    /**
     * Changes what has been given to what other settings want: what they want besides comes, what they do not want any more goes, the rest is
     * not touched but for what has got lost.
     *
     * @throws LinkSetupException with everything that stands in the way, then nothing is changed; or that the kernel refused
     */
    public synchronized void update(LinkSettings next) throws LinkSetupException {
        HostTables host = HostTables.of(netlink);
        LinkPlan plan = new LinkPlan(host, next, added);
        List<Problem> problems = new ArrayList<>(plan.problems());
        if (problems.isEmpty()) {
            settings = next;
            give(host, plan, problems);
        }
        if (!problems.isEmpty()) {
            throw new LinkSetupException(problems);
        }
    }

    /**
     * Gives again what has got lost, as routes do when somebody switches the device off and on. A device that is off is left so.
     *
     * @param through a socket of the caller's in the namespace of the device: a long table keeps it busy for a while
     * @return what was given, as {@code ip} commands
     */
    public synchronized List<String> keep(Netlink through) {
        HostTables host = HostTables.of(through);
        List<Problem> problems = new ArrayList<>();
        List<HostPiece> given = new ArrayList<>();
        try {
            HostState state = read(host);
            if (state.isUp()) {
                LinkPlan plan = new LinkPlan(host, settings, added);
                problems.addAll(plan.problems());
                takeBack(host, outdated(Set.copyOf(plan.pieces())), problems);
                given.addAll(add(host, state, possible(state, plan.pieces()), problems));
                hold(plan);
            }
        } catch (LinuxException e) {
            problems.add(Problem.of(e));
        }
        missing = List.copyOf(problems);
        return given.stream().map(HostPiece::command).toList();
    }

    /** What has got lost and could not be given again, one sentence each. */
    public List<String> missing() {
        return missing.stream().map(Problem::toString).toList();
    }

    /** True while it depends on routes through other devices, too. */
    synchronized boolean heedsOtherDevices() {
        return wanted.stream().anyMatch(HostPiece.HostRoute.class::isInstance) || !reasonsToWait.isEmpty();
    }

    private HostState read(HostTables host) throws LinuxException {
        return HostState.read(host, settings.device(), settings.detour().isByRules());
    }

    private void hold(LinkPlan plan) {
        missing = List.of();
        wanted = Set.copyOf(plan.pieces());
        reasonsToWait = plan.reasonsToWait();
    }

    /** Does all that is planned. What must go first is what is in the way. */
    private void give(HostTables host, LinkPlan plan, List<Problem> problems) {
        Set<HostPiece> now = Set.copyOf(plan.pieces());
        try {
            takeBack(host, replaced(now), problems);
            HostState state = read(host);
            set(state, plan.settingsBeforeAddresses(), problems);
            add(host, state, possible(state, plan.piecesBeforeUp()), problems);
            set(state, plan.settingsBeforeRoutes(), problems);
            HostState up = read(host);
            add(host, up, possible(up, plan.piecesAfterUp()), problems);
            takeBack(host, outdated(now), problems);
            hold(plan);
        } catch (LinuxException e) {
            problems.add(Problem.of(e));
        }
    }

    /** Before it was applied all is tried, so that the kernel tells why something cannot be; then that is waited for. */
    private List<HostPiece> possible(HostState state, List<HostPiece> pieces) {
        return pieces.stream().filter(piece -> !applied || state.canHave(piece)).toList();
    }

    private List<HostPiece> outdated(Set<HostPiece> now) {
        return added.stream().filter(piece -> !now.contains(piece)).toList();
    }

    private List<HostPiece> replaced(Set<HostPiece> now) {
        return outdated(now).stream()
                .filter(piece -> !(piece instanceof HostPiece.Way) && !(piece instanceof HostPiece.Policy))
                .filter(piece -> now.stream().anyMatch(other -> other.excludes(piece)))
                .toList();
    }

    private static void set(HostState state, List<LinkPlan.Lasting> lasting, List<Problem> problems) {
        for (LinkPlan.Lasting setting : lasting) {
            try {
                if (state.link().filter(setting.isAsWanted()).isEmpty()) {
                    setting.change().run();
                }
            } catch (LinuxException e) {
                problems.add(Problem.of(e));
            }
        }
    }

    /** Adds what is missing; answers what that was. */
    private List<HostPiece> add(
            HostTables host, HostState state, Collection<HostPiece> pieces, List<Problem> problems) {
        List<HostPiece> missing = new ArrayList<>();
        for (HostPiece piece : pieces) {
            if (!piece.isIn(state)) {
                missing.add(piece);
            } else if (settings.adopting()) {
                added.add(piece);
            }
        }
        Map<HostPiece, LinuxException> refused = host.add(missing);
        refused.forEach((piece, why) -> {
            if (!piece.mayBeOfOthers() || !Errno.EEXIST.is(why.errno())) {
                problems.add(Problem.of(why));
            }
        });
        missing.removeIf(refused::containsKey);
        added.addAll(missing);
        return missing;
    }

    private void takeBack(HostTables host, List<HostPiece> pieces, List<Problem> problems) {
        for (int i = pieces.size() - 1; i >= 0; i--) {
            try {
                pieces.get(i).remove(host);
            } catch (LinuxException e) {
                problems.add(Problem.of(e));
            }
            added.remove(pieces.get(i));
        }
    }

    /** Why some routes could not be added yet, one sentence each: {@link #update} adds those that can be. */
    public List<String> reasonsToWait() {
        return reasonsToWait.stream().map(Problem::toString).toList();
    }

    /**
     * Makes sure that nothing is in the way of {@link #update}, as far as can be seen before.
     *
     * @throws LinkSetupException with everything that is
     */
    public synchronized void check(LinkSettings next) throws LinkSetupException {
        if (next.equals(settings)) {
            return;
        }
        HostTables host = HostTables.of(netlink);
        LinkPlan plan = new LinkPlan(host, next, added);
        List<Problem> problems = new ArrayList<>(plan.problems());
        problems.addAll(conflicts(host, plan));
        if (!problems.isEmpty()) {
            throw new LinkSetupException(problems);
        }
    }

    /**
     * What keeps {@link #apply} from routing prefixes into the device, one sentence each, as far as can be seen before: other devices have
     * them.
     *
     * @param netlink in the namespace where the device is to be
     */
    public static List<String> conflicts(Netlink netlink, LinkSettings settings) {
        HostTables host = HostTables.of(netlink);
        LinkPlan plan = new LinkPlan(host, settings, List.of());
        return new LinkSetup(netlink, settings)
                .conflicts(host, plan).stream().map(Problem::toString).toList();
    }

    /** Destinations that are new in the plan and go through another device already, whatever the metric. */
    private List<Problem> conflicts(HostTables host, LinkPlan plan) {
        Set<Prefix> fresh = destinations(plan.pieces());
        fresh.removeAll(destinations(wanted));
        if (fresh.isEmpty()) {
            return List.of();
        }
        try {
            return host.routes().devicesTo(fresh).entrySet().stream()
                    .filter(taken -> !taken.getValue().contains(settings.device()))
                    .map(taken -> Problem.of(Errno.failure(
                            Errno.EEXIST.number(),
                            "add route " + taken.getKey() + " dev " + settings.device() + " (it goes to "
                                    + taken.getValue().get(0) + " now)")))
                    .toList();
        } catch (LinuxException e) {
            return List.of(Problem.of(e));
        }
    }

    /** Not default routes, which are meant to stand beside that of the host. */
    private static Set<Prefix> destinations(Collection<HostPiece> pieces) {
        return pieces.stream()
                .filter(HostPiece.Way.class::isInstance)
                .map(piece -> ((HostPiece.Way) piece).route().destination())
                .filter(destination -> destination.length() > 0)
                .collect(Collectors.toSet());
    }

    /**
     * The {@code ip} commands that {@link #apply} stands for, in order; a line that begins with {@code #} tells a problem.
     * Changes nothing, needs no privilege and no device.
     *
     * @param netlink in the namespace where the device is to be
     */
    public static List<String> commands(Netlink netlink, LinkSettings settings) {
        LinkPlan plan = new LinkPlan(HostTables.of(netlink), settings, List.of());
        return Stream.of(
                        plan.problems().stream().map(problem -> "# " + problem),
                        plan.reasonsToWait().stream().map(reason -> "# " + reason),
                        plan.commands().stream())
                .flatMap(lines -> lines)
                .toList();
    }

    /** Leaves all that was added to another, who has the device from now on. */
    public synchronized void leave() {
        added.clear();
        wanted = Set.of();
    }

    /**
     * Removes what was added and is still there, in reverse order; a device that is gone is fine.
     *
     * @throws LinkSetupException with everything that could not be removed
     */
    @Override
    public synchronized void close() throws LinkSetupException {
        List<Problem> problems = new ArrayList<>();
        takeBack(HostTables.of(netlink), List.copyOf(added), problems);
        wanted = Set.of();
        if (!problems.isEmpty()) {
            throw new LinkSetupException(problems);
        }
    }
}
