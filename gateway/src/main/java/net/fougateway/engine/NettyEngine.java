package net.fougateway.engine;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.fougateway.capture.Captures;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.Offload;
import net.fougateway.config.RoutingTable;
import net.fougateway.host.Finding;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Routes;
import net.fougateway.metrics.Ethernet;
import net.fougateway.metrics.KernelPath;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.path.BothWays;
import net.fougateway.path.Forwarding;
import net.fougateway.path.PathMtu;
import net.fougateway.path.PeerEndpoint;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import net.fougateway.route.HostAddresses;
import net.fougateway.route.Peer;
import net.fougateway.takeover.Handover;
import net.fougateway.threads.Rounds;
import net.fougateway.tun.TunDevice;
import net.fougateway.tun.TunOffloads;
import net.fougateway.udp.SourcePorts;
import net.fougateway.udp.UdpListener;

/** Carries packets in this process, on Netty's event loops. Owns every descriptor from the moment that it opens or takes it. */
public final class NettyEngine implements Engine {

    /**
     * What an engine stands in.
     *
     * @param netlink stays the caller's, and open until after {@link #close}
     * @param captures look at packets
     * @param hearsIcmp whether it listens for ICMP errors of the underlay, which takes a right
     */
    public record Surroundings(Netlink netlink, Captures captures, boolean hearsIcmp) {}

    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Parts parts = new Parts();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final List<Worker> workers = new ArrayList<>();
    private final Surroundings surroundings;
    private final String device;
    private final int queues;
    private final long flowKey;
    private final HostAddresses ours = new HostAddresses();
    private MultiThreadIoEventLoopGroup loops;
    private ListeningSockets listening;
    private SendingSockets sending;
    private TunOffloads tunOffloads;
    private BothWays.Shared shared;
    private OffloadState gro;
    private volatile boolean joins = true;
    private boolean followsRoutes;
    private Optional<Segment> segment = Optional.empty();
    private volatile Peering peering;

    private NettyEngine(String device, int queues, long flowKey, Surroundings surroundings) {
        this.device = device;
        this.queues = queues;
        this.flowKey = flowKey;
        this.surroundings = surroundings;
    }

    /**
     * Begins to carry packets.
     *
     * @param device is up; one worker starts for each of its queues, and takes it
     * @throws LinuxException when a socket cannot be had; then nothing is left open but what {@code device} still owns
     */
    public static NettyEngine start(Plan plan, TunDevice device, Surroundings surroundings) throws LinuxException {
        NettyEngine engine = prepare(plan, device, surroundings, Inheritance.none());
        engine.carry();
        return engine;
    }

    /**
     * Makes all ready to carry packets, see {@link #carry}.
     *
     * @param inheritance stays the caller's, and open until after {@link #close}
     * @throws LinuxException as {@link #start}
     */
    public static NettyEngine prepare(Plan plan, TunDevice device, Surroundings surroundings, Inheritance inheritance)
            throws LinuxException {
        NettyEngine engine = new NettyEngine(
                device.name(),
                device.queues().size(),
                inheritance.flowKey().orElseGet(new SecureRandom()::nextLong),
                surroundings);
        try {
            engine.open(plan, device, inheritance);
            engine.remember(inheritance.memory());
            return engine;
        } catch (Throwable e) {
            engine.close();
            throw e;
        }
    }

    /**
     * Makes sure that nobody else has one of the ports, but for those that are inherited, before anything of the host is changed.
     *
     * @throws LinuxException whose message says who does, or which address cannot be had
     */
    public static void requireFreePorts(Plan plan, Inheritance inheritance) throws LinuxException {
        for (Plan.Listen listen : plan.listens()) {
            if (!inheritance.has(listen)) {
                UdpListener.requireFree(listen.address(), listen.port(), listen.device());
            }
        }
    }

    private void open(Plan plan, TunDevice tun, Inheritance inheritance) throws LinuxException {
        peering = plan.peering();
        followsRoutes = !plan.config().routes().fromKernel().equals(RoutingTable.OFF);
        segment = Segment.of(plan.config());
        routeKeeper().readAddresses();
        listening = parts.add(
                ListeningSockets.open(plan.listens(), plan.offloads().contains(Offload.UDP_GRO), queues, inheritance));
        if (surroundings.hearsIcmp()) {
            listening.hearIcmpErrors();
        }
        sending = parts.add(new SendingSockets(plan.config().sourcePorts(), listening, inheritance));
        sending.open(peering.peers());
        tunOffloads = TunOffloads.of(tun, plan.offloads());
        shared = new BothWays.Shared(
                new FlowHash(flowKey),
                gso(plan.offloads().contains(Offload.UDP_GSO)),
                ours,
                surroundings.captures(),
                segment.map(Segment::floods),
                end::complete);
        gro = new OffloadState(
                Offload.UDP_GRO,
                listening.allGro(),
                listening.allGro() ? "UDP_GRO on all listening sockets" : "off on a listening socket");
        startWorkers(tun);
    }

    private static OffloadState gso(boolean wanted) {
        boolean active = wanted && SourcePorts.kernelSegments();
        String absent = wanted ? "this kernel does not have UDP_SEGMENT" : "off in the configuration";
        return new OffloadState(Offload.UDP_GSO, active, active ? "in use" : absent);
    }

    private void startWorkers(TunDevice tun) {
        Supplier<Forwarding> forwardings = forwardings(peering);
        loops = new MultiThreadIoEventLoopGroup(
                queues, new DefaultThreadFactory("worker"), EpollIoHandler.newFactory());
        parts.add(() -> loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).await());
        parts.add(() -> workers.forEach(Worker::stop));
        for (int i = 0; i < queues; i++) {
            Worker worker = new Worker(loops.next());
            workers.add(worker);
            worker.start(new Worker.Borders(tun, i, listening), tunOffloads, shared, forwardings.get());
        }
    }

    private Supplier<Forwarding> forwardings(Peering next) {
        PeerEndpoint[] endpoints = sending.endpoints(next.peers());
        return () -> segment.map(ethernet -> ethernet.forwarding(next, endpoints))
                .orElseGet(() ->
                        new Forwarding(next.peers(), next.routes(), next.sourceCheck(), endpoints, !followsRoutes));
    }

    /** Begins to carry packets, or goes on. */
    public void carry() {
        workers.forEach(Worker::carry);
    }

    /** Carries no more packets, which wait in the kernel, until {@link #carry}; when this returns the last one is under way. */
    public void pause() {
        workers.forEach(Worker::pause);
    }

    /**
     * All that a gateway needs that takes over.
     *
     * @param lock descriptor of the device's lock
     * @param admin where the gateway answers
     */
    public Handover handover(int lock, Handover.Device tun, List<String> admin) {
        return new Handover(lock, flowKey, tun, admin, listening.handover(), sending.handover(), memory());
    }

    /** What was learned and cannot be looked up. */
    private Handover.Memory memory() {
        return new Handover.Memory(
                sending.sequences(),
                sending.narrowPaths(),
                lastReceiveMillis(),
                segment.map(Segment::handover).orElse(List.of()));
    }

    /** What must be known to the last packet. */
    public Handover.Memory memoryOfSequences() {
        return new Handover.Memory(sending.sequences(), Map.of(), Map.of(), List.of());
    }

    private Map<String, Long> lastReceiveMillis() {
        Map<String, Long> heard = new HashMap<>();
        for (WorkerCounters counters : Worker.copiesOfCounters(workers)) {
            for (Peer peer : peering.peers()) {
                long millis = counters.peers().lastReceiveMillis(peer.name());
                if (millis > 0) {
                    heard.merge(peer.name(), millis, Math::max);
                }
            }
        }
        return heard;
    }

    /** Goes on with what another gateway has learned. */
    public void remember(Handover.Memory memory) {
        sending.remember(memory);
        workers.get(0).remember(memory.lastReceiveMillis());
        segment.ifPresent(ethernet -> ethernet.remember(memory, peering.peers()));
    }

    /** Key of the flow hash that source ports are chosen by. */
    long flowKey() {
        return flowKey;
    }

    /** The sockets that packets to a peer leave from, and the path that they take; nothing while it is not resolved, or gone. */
    Optional<PeerEndpoint> endpoint(String peer) {
        return sending.find(peer);
    }

    /** Whether datagrams that arrive are to be joined where that is possible, which keeps programs from taking them one by one. */
    void joinArriving(boolean wanted) {
        joins = wanted;
        listening.join(wanted && gro.isActive());
    }

    @Override
    public Iterable<EventExecutor> eventLoops() {
        return loops;
    }

    @Override
    public void use(Peering next) throws LinuxException {
        sending.open(next.peers());
        peering = next;
        Supplier<Forwarding> forwardings = forwardings(next);
        workers.forEach(worker -> worker.use(forwardings.get()).syncUninterruptibly());
        sending.retain(next.peers());
    }

    @Override
    public List<String> takeUnreachable() {
        return sending.takeUnreachable();
    }

    @Override
    public EngineReport report() {
        return new EngineReport(
                Worker.copiesOfCounters(workers),
                queues,
                listening.drops(),
                sending.count(),
                offloads(),
                KernelPath.NONE,
                this::pathMtuBytes,
                workers.stream().allMatch(Worker::isIntact),
                segment.map(ethernet -> ethernet.report(peering.peers())).orElse(Ethernet.NONE),
                findings());
    }

    /** The peer may have been removed a moment ago. */
    private int pathMtuBytes(Peer peer) {
        PathMtu pathMtu = sending.pathMtu(peer);
        return pathMtu == null ? peer.pathMtuBytes() : pathMtu.bytes();
    }

    private List<Snapshot.Offload> offloads() {
        Stream<Snapshot.Offload> ofTun = tunOffloads.states().stream()
                .map(state -> new Snapshot.Offload(state.offload().label(), state.active(), state.detail()));
        return Stream.concat(ofTun, Stream.of(gso(), gro())).toList();
    }

    private Snapshot.Offload gso() {
        Snapshot.Offload gso = shared.gso().snapshot();
        return gso.active() && sending.allRefuseSegments()
                ? new Snapshot.Offload(gso.feature(), false, "the kernel refused UDP_SEGMENT towards every peer")
                : gso;
    }

    private Snapshot.Offload gro() {
        Snapshot.Offload known = gro.snapshot();
        return known.active() && !joins
                ? new Snapshot.Offload(known.feature(), false, "off, so that eBPF gets datagrams one by one")
                : known;
    }

    private List<String> findings() {
        List<String> findings = new ArrayList<>();
        listening.cutReceiveBuffer().ifPresent(findings::add);
        sending.cutSendBuffer().ifPresent(findings::add);
        findings.addAll(listening.findings());
        segment.ifPresent(ethernet -> findings.addAll(ethernet.findings(device)));
        sending.refusingSegments().stream()
                .map(peer -> Finding.SEGMENTS_REFUSED.sentence(Map.of("peer", peer)))
                .forEach(findings::add);
        sending.refusing().stream()
                .map(peer -> Finding.PEER_REFUSES.sentence(Map.of("peer", peer)))
                .forEach(findings::add);
        return findings;
    }

    @Override
    public boolean isRunning() {
        return workers.stream().allMatch(worker -> worker.silentNanos() < STUCK_NANOS);
    }

    @Override
    public List<Rounds> keepers() {
        Supplier<List<Peer>> peers = () -> peering.peers();
        RouteKeeper routeKeeper = routeKeeper();
        BoundDevices boundDevices = new BoundDevices(surroundings.netlink(), List.of(listening, sending));
        return List.of(
                PathMtuKeeper.start(peers, sending::pathMtu, new Routes(surroundings.netlink()), listening::hearsIcmp),
                Rounds.every(RouteKeeper.PERIOD_MILLIS, "host-routes", () -> {
                    routeKeeper.round(peers.get(), sending::pathMtu);
                    segment.ifPresent(Segment::sweep);
                    boundDevices.round();
                }));
    }

    private RouteKeeper routeKeeper() {
        return new RouteKeeper(surroundings.netlink(), device, ours);
    }

    @Override
    public CompletableFuture<String> end() {
        return end;
    }

    @Override
    public void close() {
        parts.close();
    }
}
