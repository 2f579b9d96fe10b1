package net.fougateway.status;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.fougateway.admin.Refusals;
import net.fougateway.engine.Engine;
import net.fougateway.engine.EngineReport;
import net.fougateway.host.Finding;
import net.fougateway.host.Preflight;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.metrics.Routing;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshot.Condition;
import net.fougateway.metrics.Totals;
import net.fougateway.metrics.Version;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.plan.Peering;
import net.fougateway.threads.Rounds;
import net.fougateway.udp.UdpStatistics;

/** Takes {@link Snapshot}s of a running gateway: sums the workers' counters and asks the kernel for its own. */
public final class GatewayStatus {

    /**
     * What else is told of.
     *
     * @param refusals of the admin port
     * @param reads of the routes of the host
     */
    public record Others(Preflight preflight, Refusals refusals, Supplier<Routing.Reads> reads) {}

    /** What becomes of the configuration while running. */
    public interface Changes {
        /** What became of new configurations. */
        Snapshot.Reloads reloads();

        /** Why not all that is configured is in force, one sentence each. */
        default List<String> problems() {
            return List.of();
        }

        /** What the device was given, has lost, and cannot be given again, one sentence each. */
        default List<String> missing() {
            return List.of();
        }
    }

    private final Links links;
    private final String deviceName;
    private final Engine engine;
    private final Supplier<Peering> peerings;
    private final Instant startedAt = Instant.now();
    private final Changes changes;
    private final Refusals refusals;
    private final PeerReport peerReport = new PeerReport();
    private final RoutingReport routingReport;
    private final List<Rounds> threads = new CopyOnWriteArrayList<>();
    private final Findings findings;

    /**
     * The status of a running gateway.
     *
     * @param netlink stays the caller's
     * @param peerings the peers that hold
     */
    public GatewayStatus(
            Netlink netlink,
            String deviceName,
            Engine engine,
            Supplier<Peering> peerings,
            Changes changes,
            Others others) {
        links = new Links(netlink);
        this.deviceName = deviceName;
        this.engine = engine;
        this.peerings = peerings;
        this.changes = changes;
        refusals = others.refusals();
        routingReport = new RoutingReport(others.reads());
        findings = new Findings(threads, others.preflight());
    }

    /** Takes a thread whose end, or standstill, is a finding. */
    public void watch(Rounds thread) {
        threads.add(thread);
    }

    /** How it is at this moment; not to be asked on an event loop of the engine. */
    public Snapshot snapshot() {
        Optional<Link> link = link();
        Peering peering = peerings.get();
        EngineReport report = engine.report();
        Snapshot.Device device = device(link, report.queues());
        List<Snapshot.Peer> peers = peerReport.of(peering, report);
        Totals totals = new Totals(report.counters(), report.kernelPath());
        return new Snapshot(
                Version.TEXT,
                startedAt,
                device,
                peers,
                totals.flows(peers),
                totals.drops(),
                totals.sendErrors(),
                totals.writeErrors(),
                totals.icmpErrorsSent(),
                report.receiveBufferDrops(),
                unbelieved(totals),
                report.offloads(),
                report.kernelPath(),
                routingReport.of(peering),
                report.sourcePorts(),
                report.workers(),
                conditions(device, report.intact()),
                changes.reloads(),
                refusals.counts(),
                report.ethernet(),
                findings(device, peering, report));
    }

    private static Snapshot.Unbelieved unbelieved(Totals totals) {
        return new Snapshot.Unbelieved(
                UdpStatistics.checksumErrors(true),
                UdpStatistics.checksumErrors(false),
                totals.of(WorkerCounters::icmpErrorsIgnored));
    }

    private List<String> findings(Snapshot.Device device, Peering peering, EngineReport report) {
        Stream<String> refused = changes.reloads().lastSuccessful()
                ? Stream.empty()
                : Stream.of(Finding.CONFIGURATION_REFUSED.sentence(
                        Map.of("problems", String.join("; ", changes.reloads().last()))));
        return Stream.of(refused, changes.problems().stream(), findings.of(device, peering.peers(), report).stream())
                .flatMap(sentences -> sentences)
                .toList();
    }

    private Optional<Link> link() {
        try {
            return links.find(deviceName);
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    private Snapshot.Device device(Optional<Link> link, int queues) {
        return new Snapshot.Device(
                deviceName,
                link.map(Link::mtuBytes).orElse(0),
                link.map(Link::up).orElse(false),
                queues,
                link.map(Link::txDropped).orElse(0L));
    }

    private List<Condition> conditions(Snapshot.Device device, boolean intact) {
        boolean loops = engine.isRunning();
        List<String> missing = changes.missing();
        return List.of(
                new Condition(
                        "device_up", device.up(), "device " + device.name() + (device.up() ? " is up" : " is not up")),
                new Condition(
                        "host_set_up",
                        missing.isEmpty(),
                        missing.isEmpty() ? "addresses, routes and rules are in place" : missing.get(0)),
                new Condition("sockets_open", intact, intact ? "all sockets and queues are open" : "a socket was lost"),
                new Condition(
                        "loops_running", loops, loops ? "all event loops answer" : "an event loop does not answer"));
    }
}
