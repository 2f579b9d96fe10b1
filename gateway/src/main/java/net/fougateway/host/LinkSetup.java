package net.fougateway.host;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Route;
import net.fougateway.linux.Routes;
import net.fougateway.route.Prefix;

/**
 * The addresses and routes that a TUN device has been given. Open while the device is in use; {@link #close} removes those
 * that this object added and that are still there. MTU, queue length and the state "up" stay as set.
 */
public final class LinkSetup implements AutoCloseable {

    private final Deque<LinkPlan.Step> added = new ArrayDeque<>();
    private Set<String> wanted = Set.of();
    private volatile List<Problem> reasonsToWait = List.of();

    private LinkSetup() {}

    /**
     * Sets up an existing device.
     *
     * <p>A peer's outer address that a new route would capture gets a host route over its present way first. A route that
     * another device has already is never replaced.
     *
     * @param netlink in the namespace of the device; stays the caller's and open until after {@link #close}
     * @throws LinkSetupException with everything that the kernel refused; then nothing is left behind
     */
    public static LinkSetup apply(Netlink netlink, LinkSettings settings) throws LinkSetupException {
        LinkPlan plan = new LinkPlan(netlink, settings);
        plan.requireDevice();
        LinkSetup setup = new LinkSetup();
        List<Problem> problems = new ArrayList<>(plan.problems());
        if (problems.isEmpty()) {
            plan.steps().forEach(step -> setup.apply(step, problems));
        }
        if (!problems.isEmpty()) {
            problems.addAll(plan.reasonsToWait());
            setup.undo(problems);
            throw new LinkSetupException(problems);
        }
        setup.wanted = commands(plan);
        setup.reasonsToWait = plan.reasonsToWait();
        return setup;
    }

    private static Set<String> commands(LinkPlan plan) {
        return plan.steps().stream().map(LinkPlan.Step::command).collect(Collectors.toSet());
    }

    /**
     * Changes what has been given to what other settings want: what they do not want any more goes, what they want besides comes, the
     * rest is not touched.
     *
     * @throws LinkSetupException with everything that stands in the way, then nothing is changed; or that the kernel refused
     */
    public synchronized void update(Netlink netlink, LinkSettings settings) throws LinkSetupException {
        LinkPlan plan = new LinkPlan(netlink, settings);
        List<Problem> problems = new ArrayList<>(plan.problems());
        if (problems.isEmpty()) {
            Set<String> now = commands(plan);
            Set<String> before = wanted;
            wanted = now;
            added.removeIf(step -> !now.contains(step.command()) && undone(step, problems));
            plan.steps().stream()
                    .filter(step -> !before.contains(step.command()))
                    .forEach(step -> apply(step, problems));
        }
        if (!problems.isEmpty()) {
            throw new LinkSetupException(problems);
        }
        reasonsToWait = plan.reasonsToWait();
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
    public static void check(Netlink netlink, LinkSettings settings) throws LinkSetupException {
        LinkPlan plan = new LinkPlan(netlink, settings);
        if (!plan.problems().isEmpty()) {
            throw new LinkSetupException(plan.problems());
        }
    }

    /** Removes routes through the device that an earlier gateway has left there and these settings do not want. */
    public static void removeLeftovers(Netlink netlink, LinkSettings settings) throws LinuxException {
        Routes routes = new Routes(netlink);
        Set<Prefix> wanted = Set.copyOf(settings.routesToAdd());
        for (Prefix destination : routes.ownThrough(settings.device())) {
            if (!wanted.contains(destination)) {
                routes.remove(new Route(destination, settings.device()));
            }
        }
    }

    private static boolean undone(LinkPlan.Step step, List<Problem> problems) {
        try {
            step.undo().run();
        } catch (LinuxException e) {
            problems.add(Problem.of(e));
        }
        return true;
    }

    /**
     * The {@code ip} commands that {@link #apply} stands for, in order; a line that begins with {@code #} tells a problem.
     * Changes nothing, needs no privilege and no device.
     *
     * @param netlink in the namespace where the device is to be
     */
    public static List<String> commands(Netlink netlink, LinkSettings settings) {
        LinkPlan plan = new LinkPlan(netlink, settings);
        return Stream.of(
                        plan.problems().stream().map(problem -> "# " + problem),
                        plan.reasonsToWait().stream().map(reason -> "# " + reason),
                        plan.steps().stream().map(LinkPlan.Step::command))
                .flatMap(lines -> lines)
                .toList();
    }

    private void apply(LinkPlan.Step step, List<Problem> problems) {
        try {
            if (step.apply().run()) {
                added.push(step);
            }
        } catch (LinuxException e) {
            problems.add(Problem.of(e));
        }
    }

    private void undo(List<Problem> problems) {
        while (!added.isEmpty()) {
            undone(added.pop(), problems);
        }
    }

    /**
     * Removes what was added and is still there, in reverse order; a device that is gone is fine.
     *
     * @throws LinkSetupException with everything that could not be removed
     */
    @Override
    public synchronized void close() throws LinkSetupException {
        List<Problem> problems = new ArrayList<>();
        undo(problems);
        if (!problems.isEmpty()) {
            throw new LinkSetupException(problems);
        }
    }
}
