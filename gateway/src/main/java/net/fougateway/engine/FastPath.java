package net.fougateway.engine;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import net.fougateway.config.Offloads.Ebpf;
import net.fougateway.ebpf.Contents;
import net.fougateway.ebpf.FouPrograms;
import net.fougateway.ebpf.Hooks;
import net.fougateway.ebpf.KernelBooks;
import net.fougateway.ebpf.PortPlaces;
import net.fougateway.ebpf.Sights;
import net.fougateway.ebpf.Way;
import net.fougateway.host.Finding;
import net.fougateway.linux.FirewallRules;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NeighbourStatistics;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.RouteEvents;
import net.fougateway.linux.SettledEvents;
import net.fougateway.linux.SettledEvents.Cause;
import net.fougateway.metrics.KernelPath;
import net.fougateway.metrics.Snapshot.Offload;
import net.fougateway.plan.Followed;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import net.fougateway.udp.SourcePorts;

/**
 * The programs in the kernel, told what they have to know: the peers, which way these are reached, from which ports. They follow the host
 * within a moment: its routes, addresses and devices, and what user space learns of paths. Any thread may use it.
 */
final class FastPath implements AutoCloseable {

    private static final int EVENT_BUFFER_BYTES = 1 << 20;
    private static final int TIMER_SECONDS = 10;
    private static final long FIREWALL_LASTS_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Parts parts = new Parts();
    private final NettyEngine userSpace;
    private final Plan plan;
    private final Ebpf mode;
    private final SettledEvents events;
    private final Links links;
    private final Link tunnel;
    private final FouPrograms programs;
    private final KernelBooks books;
    private final Hooks hooks;
    private final PortPlaces places;
    private final PeerWays ways;
    private Peering peering;
    private Map<String, Integer> mtus = Map.of();
    private List<String> refusedByLink = List.of();
    private int sends;
    private boolean knowsOwners;
    private String problem = "";
    private boolean shown;
    private List<String> firewall = List.of();
    private long firewallNanos = System.nanoTime() - FIREWALL_LASTS_NANOS;

    private FastPath(NettyEngine userSpace, Plan plan) throws LinuxException {
        this.userSpace = userSpace;
        this.plan = plan;
        mode = plan.config().device().offload().ebpf();
        try {
            Netlink netlink = parts.add(Netlink.open());
            events = parts.add(new SettledEvents(RouteEvents.open(EVENT_BUFFER_BYTES), TIMER_SECONDS));
            links = new Links(netlink);
            tunnel = links.get(plan.device(), "find " + plan.device());
            programs = parts.add(FouPrograms.load());
            hooks = parts.add(new Hooks(programs));
            books = new KernelBooks(programs);
            places = new PortPlaces(programs.sourcePorts());
            ways = new PeerWays(netlink, plan.device(), userSpace::endpoint, places);
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /**
     * Begins to carry packets beside {@code userSpace}, which outlives it.
     *
     * @throws LinuxException where the kernel refuses; then nothing is left
     */
    static FastPath start(NettyEngine userSpace, Plan plan) throws LinuxException {
        FastPath path = new FastPath(userSpace, plan);
        try {
            path.use(plan.peering());
            return path;
        } catch (Throwable e) {
            path.close();
            throw e;
        }
    }

    /**
     * Goes on with other peers, which {@code userSpace} has already. No packet of a peer that both have is lost.
     *
     * @throws LinuxException where the kernel refuses; then user space carries all, until it has been told all of it in a later round
     */
    synchronized void use(Peering next) throws LinuxException {
        peering = next;
        knowsOwners = false;
        follow();
        books.retain(next.peers().stream().map(Peer::name).collect(Collectors.toSet()));
        places.retain(ways.pools(next.peers()));
    }

    /** Tells the programs how things are now. What they know in part only they must not carry. */
    private void follow() throws LinuxException {
        try {
            tell(!knowsOwners);
            knowsOwners = true;
            problem = "";
        } catch (LinuxException e) {
            hooks.close();
            problem = "eBPF carries nothing, user space does: " + e.getMessage();
            throw e;
        }
    }

    private void tell(boolean withOwners) throws LinuxException {
        List<Peer> peers = peering.peers();
        ways.look(peers);
        Contents contents = withOwners ? Contents.of(settings()) : Contents.withoutOwners(settings());
        listen(contents);
        Map<String, Integer> slots = new HashMap<>();
        for (Peer peer : peers) {
            slots.put(peer.name(), books.slot(peer.name()));
        }
        addPeers(contents, slots);
        if (withOwners) {
            addOwners(contents, slots);
        }
        programs.use(contents);
        hooks.receiveAt(ways.devices(peers));
        if (mode != Ebpf.RECEIVE) {
            hooks.sendFrom(tunnel);
        }
        userSpace.joinArriving(!hooks.areBehindJoining());
        mtus = mtus();
    }

    private Contents.Settings settings() {
        return new Contents.Settings(
                userSpace.flowKey(), tunnel.index(), peering.sourceCheck(), mode != Ebpf.RECEIVE, shown);
    }

    private void listen(Contents contents) throws LinuxException {
        List<InetAddress> own = links.addressesOutside(plan.device()).stream()
                .map(Prefix::address)
                .toList();
        for (Plan.Listen listen : plan.listens()) {
            if (listen.device().isEmpty()) {
                own.stream()
                        .filter(address -> arrivesAt(listen, address))
                        .forEach(address -> contents.listen(address, listen.port(), listen.payload()));
            }
        }
    }

    private static boolean arrivesAt(Plan.Listen listen, InetAddress address) {
        return listen.address().isAnyLocalAddress()
                ? listen.address() instanceof Inet4Address == address instanceof Inet4Address
                : listen.address().equals(address);
    }

    private void addPeers(Contents contents, Map<String, Integer> slots) {
        List<String> refused = new ArrayList<>();
        sends = 0;
        for (Peer peer : peering.peers()) {
            Way way = ways.way(peer, slots.get(peer.name()));
            contents.peer(peer, way);
            sends += contents.sendsTo(peer, way) ? 1 : 0;
            if (way.virtual() && !peer.inKernel() && ways.device(peer).isPresent()) {
                refused.add(peer.name());
            }
        }
        for (SourcePorts pool : ways.pools(peering.peers())) {
            int[] ports = pool.ports();
            places.first(pool, ports.length).ifPresent(first -> contents.sourcePorts(first, ports));
        }
        refusedByLink = refused;
    }

    /** As user space has it: a route of the host counts for its prefix, whatever {@code allowed_ips} say of it. */
    private void addOwners(Contents contents, Map<String, Integer> slots) {
        for (Peer peer : peering.peers()) {
            peer.allowedIps().forEach(prefix -> contents.owner(prefix, slots.get(peer.name())));
        }
        for (Followed.Route route : peering.followed().routes()) {
            if (route.legs().size() == 1) {
                contents.owner(route.prefix(), slots.get(route.legs().get(0).name()));
            } else {
                contents.noOwner(route.prefix());
            }
        }
    }

    private Map<String, Integer> mtus() {
        Map<String, Integer> now = new HashMap<>();
        for (Peer peer : peering.peers()) {
            userSpace
                    .endpoint(peer.name())
                    .ifPresent(
                            endpoint -> now.put(peer.name(), endpoint.pathMtu().bytes()));
        }
        return now;
    }

    /** Waits a moment for news of the host, or of a path, and follows them. */
    void round() throws LinuxException, InterruptedException {
        Cause cause = events.await(RouteEvents.ANY_INTERFACE);
        if (cause != Cause.NONE || haveMtusChanged()) {
            look(cause != Cause.NONE);
        }
    }

    private synchronized boolean haveMtusChanged() {
        return !mtus.equals(mtus());
    }

    private synchronized void look(boolean atRoutes) throws LinuxException {
        if (atRoutes) {
            ways.forget();
        }
        follow();
        books.settle();
    }

    /** Whether packets that are taken are to be seen. */
    synchronized void show(boolean wanted) throws LinuxException {
        shown = wanted;
        programs.use(Contents.settings(settings()));
    }

    /** Where they are seen; the caller closes it before this. */
    Sights sights() throws LinuxException {
        return programs.sights();
    }

    /** How many were not. */
    long unseen() throws LinuxException {
        return programs.unseen();
    }

    /** What it does, for metrics. */
    synchronized KernelPath report() throws LinuxException {
        return books.read(hooks.list(), drops());
    }

    private Map<String, Long> drops() throws LinuxException {
        Set<Integer> underlay =
                ways.devices(peering.peers()).stream().map(Link::index).collect(Collectors.toSet());
        long backlog = 0;
        long queue = 0;
        for (Link link : links.all()) {
            backlog += link.index() == tunnel.index() ? link.rxDropped() : 0;
            queue += underlay.contains(link.index()) ? link.txDropped() : 0;
        }
        return Map.of("backlog", backlog, "neighbour", NeighbourStatistics.discards(), "queue", queue);
    }

    /** What is in use. */
    synchronized List<Offload> offloads() {
        List<KernelPath.Hook> all = hooks.list();
        String receives = all.stream()
                .filter(hook -> !hook.place().equals("tcx_egress"))
                .map(hook -> hook.place() + " at " + hook.device())
                .collect(Collectors.joining(", "));
        String toPeers = "to %d of %d peers".formatted(sends, peering.peers().size());
        return List.of(
                new Offload(RECEIVE, !receives.isEmpty(), receives.isEmpty() ? "at no device" : receives),
                new Offload(SEND, sends > 0, mode == Ebpf.RECEIVE ? "off in the configuration" : toPeers));
    }

    /** Labels of the two ways. */
    static final String RECEIVE = "ebpf_receive";

    static final String SEND = "ebpf_send";

    /** What the operator should know and do. */
    synchronized List<String> findings() {
        List<String> findings = new ArrayList<>(hooks.problems());
        if (!problem.isEmpty()) {
            findings.add(problem);
        }
        firewall().ifPresent(findings::add);
        if (mode == Ebpf.BOTH && !refusedByLink.isEmpty()) {
            findings.add(Finding.EBPF_VIRTUAL_LINK.sentence(
                    Map.of("peer", refusedByLink.get(0) + (refusedByLink.size() == 1 ? "" : " and others"))));
        }
        return findings;
    }

    private Optional<String> firewall() {
        if (System.nanoTime() - firewallNanos >= FIREWALL_LASTS_NANOS) {
            firewallNanos = System.nanoTime();
            firewall = FirewallRules.chainsFor(
                    plan.listens().stream().map(Plan.Listen::port).collect(Collectors.toSet()));
        }
        return firewall.isEmpty()
                ? Optional.empty()
                : Optional.of(Finding.EBPF_PASSES_FIREWALL.sentence(Map.of("chains", String.join(", ", firewall))));
    }

    /** User space has all packets again. */
    @Override
    public synchronized void close() {
        parts.close();
    }
}
