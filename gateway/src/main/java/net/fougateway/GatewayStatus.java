package net.fougateway;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;
import net.fougateway.host.Preflight;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshot.Condition;
import net.fougateway.metrics.Snapshot.Traffic;
import net.fougateway.metrics.Version;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.path.Worker;
import net.fougateway.udp.UdpListener;
import net.fougateway.udp.UdpStatistics;

/** Takes {@link Snapshot}s of a running gateway: sums the workers' counters and asks the kernel for its own. */
final class GatewayStatus {

    /** Sockets of both kinds. */
    record Sockets(Underlay underlay, SendingSockets sending) {}

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
    private final List<WorkerCounters> counters;
    private final Instant startedAt = Instant.now();
    private final Changes changes;
    private final OffloadState gro;
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
            Preflight preflight) {
        this.peerings = peerings;
        this.sending = sockets.sending();
        this.changes = changes;
        this.links = new Links(netlink);
        this.shared = shared;
        this.underlay = sockets.underlay();
        this.workers = List.copyOf(workers);
        this.counters = workers.stream().map(Worker::counters).toList();
        peerReport = new PeerReport(sending, counters);
        findings = new Findings(sockets, counters, threads, preflight);
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
        List<Snapshot.Peer> peers = peerReport.of(peering);
        return new Snapshot(
                Version.TEXT,
                startedAt,
                device,
                peers,
                flows(peers),
                drops(),
                errors(WorkerCounters::sendErrors),
                errors(WorkerCounters::writeErrors),
                icmpErrorsSent(),
                underlay.listeners().stream().mapToLong(UdpListener::drops).sum(),
                unbelieved(),
                offloads(),
                peering.routes().size(true),
                peering.routes().size(false),
                sending.count(),
                workers.size(),
                conditions(device),
                changes.reloads(),
                findings(device, peering));
    }

    private Snapshot.Unbelieved unbelieved() {
        return new Snapshot.Unbelieved(
                UdpStatistics.checksumErrors(true),
                UdpStatistics.checksumErrors(false),
                total(WorkerCounters::icmpErrorsIgnored));
    }

    private List<String> findings(Snapshot.Device device, Peering peering) {
        Stream<String> refused = changes.reloads().lastSuccessful()
                ? Stream.empty()
                : Stream.of("the new configuration was refused, the one before holds: "
                        + String.join("; ", changes.reloads().last()));
        return Stream.of(refused, changes.problems().stream(), findings.of(device, peering.peers()).stream())
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

    private Traffic sum(Function<WorkerCounters, Traffic> counted) {
        return add(counters.stream().map(counted).toList());
    }

    private static Traffic add(List<Traffic> parts) {
        return new Traffic(
                parts.stream().mapToLong(Traffic::packets).sum(),
                parts.stream().mapToLong(Traffic::bytes).sum());
    }

    private Map<Direction, Snapshot.Flow> flows(List<Snapshot.Peer> peers) {
        Map<Direction, Snapshot.Flow> flows = new EnumMap<>(Direction.class);
        for (Direction direction : Direction.values()) {
            Traffic removed = sum(counter -> counter.peers().removed(direction));
            Traffic forwarded =
                    add(peers.stream().map(peer -> peer.traffic(direction)).toList());
            Traffic dropped = add(Arrays.stream(DropReason.values())
                    .map(reason -> sum(counter -> counter.dropped(direction, reason)))
                    .toList());
            List<Long> batches = IntStream.rangeClosed(0, Snapshot.BATCH_BOUNDS.size())
                    .mapToObj(bucket -> total(counter -> counter.batches(direction, bucket)))
                    .toList();
            flows.put(
                    direction,
                    new Snapshot.Flow(
                            sum(counter -> counter.received(direction)),
                            forwarded.plus(removed),
                            removed,
                            dropped,
                            batches));
        }
        return flows;
    }

    private long total(ToLongFunction<WorkerCounters> counted) {
        return counters.stream().mapToLong(counted).sum();
    }

    private List<Snapshot.Drop> drops() {
        List<Snapshot.Drop> drops = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (DropReason reason : DropReason.values()) {
                if (reason.in(direction)) {
                    drops.add(new Snapshot.Drop(direction, reason, sum(counter -> counter.dropped(direction, reason))));
                }
            }
        }
        return drops;
    }

    private interface ErrnoCount {
        long of(WorkerCounters counters, int errno);
    }

    private Map<String, Long> errors(ErrnoCount count) {
        IntFunction<Long> total = errno -> total(counter -> count.of(counter, errno));
        Map<String, Long> errors = new TreeMap<>();
        for (int errno = 1; errno < WorkerCounters.MAX_ERRNO; errno++) {
            long times = total.apply(errno);
            if (times > 0) {
                errors.put(Errno.nameOf(errno), times);
            }
        }
        return errors;
    }

    private Map<IcmpError.Kind, Long> icmpErrorsSent() {
        Map<IcmpError.Kind, Long> sent = new EnumMap<>(IcmpError.Kind.class);
        for (IcmpError.Kind kind : IcmpError.Kind.values()) {
            sent.put(kind, total(counter -> counter.icmpErrorsSent(kind)));
        }
        return sent;
    }

    private List<Snapshot.Offload> offloads() {
        Stream<Snapshot.Offload> tun = shared.tunOffloads().states().stream().map(OffloadState::snapshot);
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
