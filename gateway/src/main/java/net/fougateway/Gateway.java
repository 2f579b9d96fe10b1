package net.fougateway;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import net.fougateway.admin.AdminServer;
import net.fougateway.admin.Refusals;
import net.fougateway.capture.Captures;
import net.fougateway.codec.FlowHash;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.GatewayConfig.Switch;
import net.fougateway.config.WebAccess;
import net.fougateway.host.LinkSettings;
import net.fougateway.host.LinkSetup;
import net.fougateway.host.LinkSetupException;
import net.fougateway.host.Preflight;
import net.fougateway.host.Problem;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Routes;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.Snapshot;
import net.fougateway.path.Forwarding;
import net.fougateway.path.Worker;
import net.fougateway.route.HostAddresses;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import net.fougateway.tun.TunDevice;
import net.fougateway.tun.TunOffloads;
import net.fougateway.udp.SourcePorts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running gateway: {@link #start} puts the parts together, {@link #close} takes them apart in reverse order. */
public final class Gateway implements AutoCloseable {

    /** Transmit queue of the TUN device: short enough for latency, long enough for a burst. */
    private static final int TX_QUEUE_PACKETS = 1000;

    /** How often that is tried again which was not possible at the start. */
    private static final long RETRY_MILLIS = 5000;

    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private int startedWorkers;
    private Reconfiguration reconfiguration;
    private GatewayStatus status;
    private Preflight preflight;
    private AdminServer admin;

    private Gateway() {}

    /**
     * Starts a gateway; when this returns it carries packets.
     *
     * @param access who may ask the admin port
     * @throws StartException when anything is in the way; then nothing is left behind
     */
    public static Gateway start(GatewayConfig config, WebAccess access) throws StartException {
        Gateway gateway = new Gateway();
        try {
            gateway.startParts(config, access);
            return gateway;
        } catch (Exception e) {
            gateway.close();
            throw asStartException(e);
        } catch (Throwable e) {
            gateway.close();
            throw e;
        }
    }

    private static StartException asStartException(Exception e) {
        if (e instanceof StartException already) {
            return already;
        }
        return e instanceof LinkSetupException links
                ? new StartException(
                        links.problems().stream().map(Problem::toString).toList())
                : new StartException(e);
    }

    private void startParts(GatewayConfig config, WebAccess access) throws Exception {
        Netlink netlink = part(Netlink.open());
        HostNames names = new HostNames();
        Peering peering = resolved(config, names, netlink);
        DeviceMtu mtu = DeviceMtu.of(config.device(), peering.peers());
        Underlay.requireFree(config);
        part(DeviceLock.take(config.device().name()));
        boolean created = isAbsent(config.device().name(), netlink);
        WorkerCount wanted = WorkerCount.of(config, Runtime.getRuntime().availableProcessors());
        TunDevice device = TunDevice.open(config.device().name(), wanted.workers(), created);
        part(() -> device.close(startedWorkers));
        WorkerCount workerCount = wanted.atMost(device.queues().size(), device.name());
        Underlay underlay = Underlay.open(config, workerCount.workers());
        part(() -> underlay.close(startedWorkers));
        underlay.hearIcmpErrors();
        SendingSockets sockets = part(new SendingSockets(config.sourcePorts(), underlay));
        sockets.open(peering.peers());
        TunOffloads offloads =
                TunOffloads.negotiate(device, wanted(config.device().offload()));
        LinkSetup linkSetup = part(LinkSetup.apply(netlink, linkSettings(config, peering.peers(), mtu, created)));
        linkSetup.reasonsToWait().forEach(reason -> log.warn("{}", reason));
        offloads.selfTest();
        Captures captures = new Captures();
        HostAddresses ours = new HostAddresses();
        RouteKeeper routeKeeper = new RouteKeeper(netlink, device.name(), ours);
        routeKeeper.readAddresses();
        Worker.Shared shared = shared(config, device, offloads, captures, ours);
        List<Worker> workers = startWorkers(shared, underlay, peering.forwardings(sockets));
        reconfiguration = new Reconfiguration(
                config,
                peering,
                new Reconfiguration.Host(
                        netlink,
                        names,
                        linkSetup,
                        (next, after) ->
                                linkSettings(next, after.peers(), DeviceMtu.of(next.device(), after.peers()), created)),
                sockets,
                workers);
        preflight = Preflight.of(
                netlink,
                device.name(),
                config.listen().stream().map(GatewayConfig.Listen::port).toList());
        Refusals refusals = new Refusals();
        status = new GatewayStatus(
                netlink,
                shared,
                reconfiguration::peering,
                new GatewayStatus.Sockets(underlay, sockets),
                workers,
                reconfiguration,
                new GatewayStatus.Others(preflight, refusals));
        watchHost(routeKeeper, underlay, sockets, new Routes(netlink));
        admin = part(new AdminServer(config.admin().listen(), access, status::snapshot, captures, refusals));
        announce(device.name(), mtu, peering, workerCount);
        preflight.warn(peering.peers());
    }

    private void watchHost(RouteKeeper routeKeeper, Underlay underlay, SendingSockets sockets, Routes routes) {
        Supplier<List<Peer>> peers = () -> reconfiguration.peering().peers();
        watch(Rounds.every(RETRY_MILLIS, "host-names", reconfiguration::retry));
        watch(PathMtuKeeper.start(peers, sockets::pathMtu, routes, underlay::hearsIcmp));
        watch(Rounds.every(
                RouteKeeper.PERIOD_MILLIS, "host-routes", () -> routeKeeper.round(peers.get(), sockets::pathMtu)));
    }

    private Worker.Shared shared(
            GatewayConfig config, TunDevice device, TunOffloads offloads, Captures captures, HostAddresses ours) {
        return new Worker.Shared(
                new FlowHash(new SecureRandom().nextLong()),
                device,
                offloads,
                gso(config.device().offload()),
                ours,
                captures,
                end::complete);
    }

    private static void announce(String device, DeviceMtu mtu, Peering peering, WorkerCount workers) {
        log.info(
                "{} is up: MTU {}, peers: {}, workers: {}",
                device,
                mtu.explanation(),
                peering.peers().size(),
                workers.explanation());
    }

    private static Peering resolved(GatewayConfig config, HostNames names, Netlink netlink)
            throws InterruptedException, StartException {
        PeerResolver.requireOtherHosts(config.peers(), new Routes(netlink));
        names.lookUp(PeerResolver.names(config.peers()));
        Peering peering = Peering.of(config, names, new Routes(netlink));
        peering.problems().forEach(problem -> log.warn("{}", problem));
        return peering;
    }

    private static TunOffloads.Wanted wanted(GatewayConfig.Offload offload) {
        return new TunOffloads.Wanted(
                offload.tunChecksum() == Switch.AUTO,
                offload.tunTso4() == Switch.AUTO,
                offload.tunTso6() == Switch.AUTO,
                offload.tunUso() == Switch.AUTO);
    }

    private static OffloadState gso(GatewayConfig.Offload offload) {
        boolean wanted = offload.udpGso() == Switch.AUTO;
        boolean active = wanted && SourcePorts.kernelSegments();
        String absent = wanted ? "this kernel does not have UDP_SEGMENT" : "off in the configuration";
        return new OffloadState("udp_gso", active, active ? "in use" : absent);
    }

    private List<Worker> startWorkers(Worker.Shared shared, Underlay underlay, Supplier<Forwarding> forwarding) {
        int queues = shared.device().queues().size();
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                queues, new DefaultThreadFactory("worker"), EpollIoHandler.newFactory());
        part(() -> loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).await());
        List<Worker> workers = new ArrayList<>();
        part(() -> workers.forEach(Worker::stop));
        for (int i = 0; i < queues; i++) {
            startedWorkers = i + 1;
            workers.add(Worker.start(
                    loops.next(),
                    shared,
                    i,
                    new Worker.Sockets(underlay.listeners(i), i == 0 ? underlay.icmpSockets() : List.of()),
                    forwarding.get()));
        }
        return workers;
    }

    /**
     * True when the device is to be created. A device in use, up or down, is refused, because one with several queues would let a second
     * process attach to it, and take a share of the packets.
     */
    public static boolean isAbsent(String device, Netlink netlink) throws LinuxException, StartException {
        Optional<Link> link = new Links(netlink).find(device);
        if (link.filter(Link::carrier).isPresent() && TunDevice.isTun(device)) {
            throw DeviceLock.inUse(device);
        }
        return link.isEmpty();
    }

    /**
     * What the host has to be given, as the configuration wants it.
     *
     * @param created whether the device is the gateway's own; on one that the administrator made, multicast is left alone
     */
    public static LinkSettings linkSettings(GatewayConfig config, List<Peer> peers, DeviceMtu mtu, boolean created) {
        List<Prefix> routes = config.routes().install()
                ? peers.stream().flatMap(peer -> peer.allowedIps().stream()).toList()
                : List.of();
        List<InetAddress> outer = peers.stream()
                .filter(Peer::hasAddress)
                .map(Peer::remote)
                .distinct()
                .toList();
        return new LinkSettings(
                config.device().name(),
                config.device().address(),
                mtu.bytes(),
                created,
                TX_QUEUE_PACKETS,
                routes,
                outer);
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    /**
     * Takes a new configuration over while running, as far as that is possible; the log and {@code status} tell what changed, what needs a
     * restart, or what was in the way, and then nothing has changed.
     *
     * @param access who may ask the admin port from now on
     */
    public void reload(GatewayConfig next, WebAccess access) {
        reconfiguration.apply(next, admin.use(access));
        preflight.warn(reconfiguration.peering().peers());
    }

    /** Notes that a new configuration is not valid; the gateway goes on with the one it has. */
    public void reloadFailed(List<String> why) {
        reconfiguration.failed(why);
    }

    /** Takes a thread over: it ends with the gateway; an {@link Error} in it ends the gateway, and when it hangs, this is a finding. */
    public synchronized void watch(Rounds thread) {
        status.watch(part(thread));
        thread.death().thenAccept(end::complete);
    }

    /** How it is at this moment. */
    public Snapshot snapshot() {
        return status.snapshot();
    }

    /** True while every event loop comes round. */
    public boolean loopsRunning() {
        return status.loopsRunning();
    }

    /** Waits until the gateway cannot go on, because the device or a socket was lost or by a fault of its own; returns the reason. */
    public String awaitEnd() throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops carrying packets and leaves nothing behind. */
    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                log.warn("while stopping: {}", e.getMessage());
            }
        }
    }
}
