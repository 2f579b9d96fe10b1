package net.fougateway;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import net.fougateway.admin.AdminServer;
import net.fougateway.admin.Refusals;
import net.fougateway.capture.Captures;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.Otlp;
import net.fougateway.config.RoutingTable;
import net.fougateway.config.WebAccess;
import net.fougateway.engine.EbpfEngine;
import net.fougateway.engine.Engine;
import net.fougateway.engine.NettyEngine;
import net.fougateway.engine.Parts;
import net.fougateway.fleet.RouteFollower;
import net.fougateway.host.Leftovers;
import net.fougateway.host.LinkKeeper;
import net.fougateway.host.LinkSettings;
import net.fougateway.host.LinkSetup;
import net.fougateway.host.LinkSetupException;
import net.fougateway.host.Preflight;
import net.fougateway.host.Problem;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.RouteEvents;
import net.fougateway.metrics.EventLoops;
import net.fougateway.metrics.OtlpPush;
import net.fougateway.metrics.Routing;
import net.fougateway.metrics.Snapshot;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Plan;
import net.fougateway.plan.StartException;
import net.fougateway.plan.WorkerCount;
import net.fougateway.status.GatewayStatus;
import net.fougateway.takeover.Handover;
import net.fougateway.takeover.Successor;
import net.fougateway.threads.Rounds;
import net.fougateway.tun.DeviceLock;
import net.fougateway.tun.TunDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running gateway: {@link #start} puts the parts together, {@link #close} takes them apart in reverse order. */
public final class Gateway implements AutoCloseable {

    /** How often that is tried again which was not possible at the start. */
    private static final long RETRY_MILLIS = 5000;
    /** How often it is looked whether a name is to be looked up. */
    private static final long NAMES_MILLIS = 1000;

    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

    private final Parts parts = new Parts();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private Reconfiguration reconfiguration;
    private GatewayStatus status;
    private Preflight preflight;
    private AdminServer admin;
    private Engine engine;
    private Successor successor;
    private volatile boolean handedOver;

    private Gateway() {}

    /**
     * Starts a gateway; when this returns it carries packets.
     *
     * @param access who may ask the admin port
     * @param takeover whether it takes the place of a gateway that has the device, if there is one
     * @throws StartException when anything is in the way; then nothing is left behind, and a gateway that runs goes on
     */
    public static Gateway start(GatewayConfig config, WebAccess access, boolean takeover) throws StartException {
        Gateway gateway = new Gateway();
        try {
            gateway.startParts(config, access, takeover);
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

    private void startParts(GatewayConfig config, WebAccess access, boolean takeover) throws Exception {
        Netlink netlink = parts.add(Netlink.open());
        KernelLookups facts = new KernelLookups(netlink).lookedUp(config);
        Plan plan = Plan.of(config, facts);
        plan.peering().problems().forEach(problem -> log.warn("{}", problem));
        Succession succession = parts.add(takeover ? Succession.after(plan.device()) : Succession.first());
        NettyEngine.requireFreePorts(plan, succession.inheritance());
        DeviceLock lock = parts.add(succession.lock(plan.device()));
        boolean created = succession.isCreated(plan.device(), netlink);
        TunDevice device = parts.add(succession.device(plan, created));
        AdminServer.requireFree(succession.othersThanBefore(config.admin().listen()));
        LinkSetup link = link(
                plan.link(created), device, netlink, succession, config.device().persist());
        LinkKeeper keeper = keeper(link, plan.device());
        link.reasonsToWait().forEach(reason -> log.warn("{}", reason));
        Captures captures = new Captures(config.isEthernet());
        NettyEngine userSpace = parts.add(NettyEngine.prepare(
                plan, device, new NettyEngine.Surroundings(netlink, captures, true), succession.inheritance()));
        engine = parts.add(EbpfEngine.over(userSpace, plan, captures));
        engine.end().thenAccept(end::complete);
        reconfiguration = new Reconfiguration(plan, engine, new Reconfiguration.Host(facts, link, created));
        Optional<RouteFollower> follower = follower(config);
        Refusals refusals = new Refusals();
        preflight = Preflight.of(
                netlink,
                plan.device(),
                config.listen().stream().map(GatewayConfig.Listen::port).toList());
        status = new GatewayStatus(
                netlink,
                plan.device(),
                engine,
                reconfiguration::peering,
                reconfiguration,
                new GatewayStatus.Others(
                        preflight,
                        refusals,
                        () -> follower.map(RouteFollower::reads).orElse(Routing.Reads.NONE)));
        watch(Rounds.every(RETRY_MILLIS, "retry", reconfiguration::retry));
        watch(Rounds.every(NAMES_MILLIS, "host-names", reconfiguration::followNames));
        watch(Rounds.every(0, "host-state", keeper::round));
        engine.keepers().forEach(this::watch);
        follower.ifPresent(routes -> watch(Rounds.every(0, "routes", routes::round)));
        succession.carry(userSpace);
        removeLeftovers(netlink, plan.link(created));
        admin = parts.add(new AdminServer(config.admin().listen(), access, status::snapshot, captures, refusals));
        admin.metrics().watch(new EventLoops("worker", engine.eventLoops()));
        pushMetrics(config.metrics().otlp());
        admin.prepareMetrics();
        announce(plan, plan.workers().atMost(device.queues().size(), device.name()));
        preflight.warn(plan.peers());
        successor = new Successor(lock, Libc.geteuid(), new Estate(lock, device, created, userSpace));
        watch(Rounds.every(0, "takeover", successor::round));
    }

    /** Only once no other gateway keeps them. */
    private static void removeLeftovers(Netlink netlink, LinkSettings settings) {
        try {
            Leftovers.remove(netlink, settings);
        } catch (LinuxException e) {
            log.warn("what an earlier gateway has left stays: {}", e.getMessage());
        }
    }

    /** What it gives to a device that persists, stays there for the next gateway, as what another one has does. */
    private LinkSetup link(
            LinkSettings settings, TunDevice device, Netlink netlink, Succession succession, boolean persists)
            throws Exception {
        if (persists) {
            device.persist();
        }
        LinkSetup link = LinkSetup.apply(netlink, succession.isPending() ? settings.adoptingAll() : settings);
        parts.add(() -> {
            if (!persists && !succession.isPending() && !handedOver) {
                link.close();
            }
        });
        return link;
    }

    /** What a gateway that takes over gets. */
    private final class Estate implements Successor.Estate {

        private final DeviceLock lock;
        private final Handover.Device device;
        private final NettyEngine userSpace;

        Estate(DeviceLock lock, TunDevice device, boolean created, NettyEngine userSpace) {
            this.lock = lock;
            this.device = new Handover.Device(device.name(), device.mode(), created, device.queues());
            this.userSpace = userSpace;
        }

        @Override
        public Handover handover() {
            return userSpace.handover(
                    lock.fd(),
                    device,
                    admin.addresses().stream().map(AdminServer::text).toList());
        }

        @Override
        public Handover.Memory pause() {
            userSpace.pause();
            return userSpace.memoryOfSequences();
        }

        @Override
        public void resume() {
            userSpace.carry();
        }

        @Override
        public void handedOver() {
            handedOver = true;
            end.complete("another one has taken its place");
        }
    }

    /** A long table keeps its netlink socket busy for a while, so it has one of its own. */
    private LinkKeeper keeper(LinkSetup link, String device) throws LinuxException {
        Netlink own = parts.add(Netlink.open());
        return parts.add(new LinkKeeper(RouteEvents.open(LinkKeeper.EVENT_BUFFER_BYTES), own, link, device));
    }

    /** Has read the routes of the host once. A long table keeps its netlink socket busy for a while, so it has one of its own. */
    private Optional<RouteFollower> follower(GatewayConfig config) throws LinuxException {
        RoutingTable table = config.routes().fromKernel();
        if (table.equals(RoutingTable.OFF)) {
            return Optional.empty();
        }
        Netlink own = parts.add(Netlink.open());
        RouteFollower follower = parts.add(new RouteFollower(
                RouteEvents.open(RouteEvents.BUFFER_BYTES),
                own,
                config.device().name(),
                table.number(),
                reconfiguration::follow));
        follower.start();
        return Optional.of(follower);
    }

    private void pushMetrics(Otlp otlp) {
        if (otlp.url() != null) {
            Duration interval = Duration.ofSeconds(otlp.intervalSeconds());
            parts.add(new OtlpPush(
                    otlp.url(), interval, status::snapshot, admin.metrics().watched()));
        }
    }

    private static void announce(Plan plan, WorkerCount workers) {
        log.info(
                "{} is up: MTU {}, peers: {}, workers: {}",
                plan.device(),
                plan.mtu().explanation(),
                plan.peers().size(),
                workers.explanation());
    }

    /**
     * Takes a new configuration over while running, as far as that is possible; the log and {@code status} tell what changed, what needs a
     * restart, or what was in the way, and then nothing has changed.
     *
     * @param access who may ask the admin port from now on, also where the rest is refused
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
    public void watch(Rounds thread) {
        status.watch(parts.add(thread));
        thread.death().thenAccept(end::complete);
    }

    /** How it is at this moment. */
    public Snapshot snapshot() {
        return status.snapshot();
    }

    /** True while every event loop comes round. */
    public boolean loopsRunning() {
        return engine.isRunning();
    }

    /** Waits until the gateway cannot go on, because the device or a socket was lost or by a fault of its own; returns the reason. */
    public String awaitEnd() throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** True when another gateway has taken its place, which has all it had on the host. */
    public boolean isHandedOver() {
        return handedOver;
    }

    /** Stops carrying packets and leaves nothing behind. */
    @Override
    public void close() {
        parts.close();
        if (successor != null) {
            successor.close();
        }
    }
}
