package net.fougateway;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.fougateway.admin.Refusals;
import net.fougateway.host.Preflight;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshot.Condition;
import net.fougateway.metrics.Totals;
import net.fougateway.metrics.Version;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.path.Worker;
import net.fougateway.udp.UdpListener;
import net.fougateway.udp.UdpStatistics;

/** Takes {@link Snapshot}s of a running gateway: sums the workers' counters and asks the kernel for its own. */
final class GatewayStatus {

    /** Sockets of both kinds. */
    record Sockets(Underlay underlay, SendingSockets sending) {}

    /**
     * What else is told of.
     *
     * @param refusals of the admin port
     */
    record Others(Preflight preflight, Refusals refusals) {}

    /** What becomes of the configuration while running. */
    interface Changes {
        /** What became of new configurations. */
        Snapshot.Reloads reloads();

        /** Why not all that is configured is in force, one sentence each. */
        default List<String> problems() {
            return List.of();
        }
    }

    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Links links;
    private final Worker.Shared shared;
    private final Supplier<Peering> peerings;
    private final SendingSockets sending;
    private final Underlay underlay;
    private final List<Worker> workers;
    private final Instant startedAt = Instant.now();
    private final Changes changes;
    private final OffloadState gro;
    private final Refusals refusals;
    private final PeerReport peerReport;
    private final List<Rounds> threads = new CopyOnWriteArrayList<>();
    private final Findings findings;

    GatewayStatus(
            Netlink netlink,
            Worker.Shared shared,
            Supplier<Peering> peerings,
            Sockets sockets,
            List<Worker> workers,
            Changes changes,
            Others others) {
        this.peerings = peerings;
        this.sending = sockets.sending();
        this.changes = changes;
        refusals = others.refusals();
        this.links = new Links(netlink);
        this.shared = shared;
        this.underlay = sockets.underlay();
        this.workers = List.copyOf(workers);
        peerReport = new PeerReport(sending);
        findings = new Findings(sockets, threads, others.preflight());
        boolean groActive = underlay.listeners().stream().allMatch(UdpListener::gro);
        gro = new OffloadState(
                "udp_gro", groActive, groActive ? "UDP_GRO on all listening sockets" : "off on a listening socket");
    }

    /** Takes a thread whose end, or standstill, is a finding. */
    void watch(Rounds thread) {
        threads.add(thread);
    }

    Snapshot snapshot() {
        Optional<Link> link = link();
        Snapshot.Device device = device(link);
        Peering peering = peerings.get();
        List<WorkerCounters> counters = Worker.copiesOfCounters(workers);
        List<Snapshot.Peer> peers = peerReport.of(peering, counters);
        Totals totals = new Totals(counters);
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
                underlay.listeners().stream().mapToLong(UdpListener::drops).sum(),
                unbelieved(totals),
                offloads(),
                peering.routes().size(true),
                peering.routes().size(false),
                sending.count(),
                workers.size(),
                conditions(device),
                changes.reloads(),
                refusals.counts(),
                findings(device, peering, counters));
    }

    private static Snapshot.Unbelieved unbelieved(Totals totals) {
        return new Snapshot.Unbelieved(
                UdpStatistics.checksumErrors(true),
                UdpStatistics.checksumErrors(false),
                totals.of(WorkerCounters::icmpErrorsIgnored));
    }

    private List<String> findings(Snapshot.Device device, Peering peering, List<WorkerCounters> counters) {
        Stream<String> refused = changes.reloads().lastSuccessful()
                ? Stream.empty()
                : Stream.of("the new configuration was refused, the one before holds: "
                        + String.join("; ", changes.reloads().last()));
        return Stream.of(refused, changes.problems().stream(), findings.of(device, peering.peers(), counters).stream())
                .flatMap(sentences -> sentences)
                .toList();
    }

    private Optional<Link> link() {
        try {
            return links.find(shared.device().name());
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    private Snapshot.Device device(Optional<Link> link) {
        return new Snapshot.Device(
                shared.device().name(),
                link.map(Link::mtuBytes).orElse(0),
                link.map(Link::up).orElse(false),
                shared.device().queues().size(),
                link.map(Link::txDropped).orElse(0L));
    }

    private List<Snapshot.Offload> offloads() {
        Stream<Snapshot.Offload> tun = shared.tunOffloads().states().stream()
                .map(offload -> new Snapshot.Offload(offload.feature(), offload.active(), offload.detail()));
        return Stream.concat(tun, Stream.of(gso(), gro.snapshot())).toList();
    }

    private Snapshot.Offload gso() {
        Snapshot.Offload gso = shared.gso().snapshot();
        return gso.active() && sending.allRefuseSegments()
                ? new Snapshot.Offload(gso.feature(), false, "the kernel refused UDP_SEGMENT towards every peer")
                : gso;
    }

    /** True while every event loop comes round. */
    boolean loopsRunning() {
        return workers.stream().allMatch(worker -> worker.silentNanos() < STUCK_NANOS);
    }

    private List<Condition> conditions(Snapshot.Device device) {
        boolean loops = loopsRunning();
        boolean intact = workers.stream().allMatch(Worker::isIntact);
        return List.of(
                new Condition(
                        "device_up", device.up(), "device " + device.name() + (device.up() ? " is up" : " is not up")),
                new Condition("sockets_open", intact, intact ? "all sockets and queues are open" : "a socket was lost"),
                new Condition(
                        "loops_running", loops, loops ? "all event loops answer" : "an event loop does not answer"));
    }
}
