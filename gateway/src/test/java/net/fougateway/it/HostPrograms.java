package net.fougateway.it;

import java.io.Closeable;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.fougateway.bpf.BpfFeatures;
import net.fougateway.bpf.BpfLink;
import net.fougateway.config.ConfigLoader;
import net.fougateway.ebpf.Contents;
import net.fougateway.ebpf.FouPrograms;
import net.fougateway.ebpf.Verdict;
import net.fougateway.ebpf.Way;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.plan.HostLookups;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Plan;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;

/**
 * The programs of the kernel beside a gateway in a namespace, on {@code eth0} and {@code fou0}; they know what its configuration says.
 * They take {@code eth0} for a card, and for the virtual link that it is when a peer says {@code in_kernel}.
 */
final class HostPrograms implements Closeable {

    /** Who carries packets. */
    enum Engine {
        USER_SPACE,
        TC,
        TC_AND_XDP
    }

    /** Of the flow hash, if the programs choose source ports. */
    static final long FLOW_KEY = 0x1122334455667788L;
    /** First of the source ports of a peer that has no pinned one. */
    static final int FIRST_PORT = 20_000;

    private final Namespace host;
    private final Plan plan;
    private final Map<String, InetAddress> locals = new HashMap<>();
    private final Map<String, Integer> devices;
    private final FouPrograms programs;
    private final Deque<BpfLink> links = new ArrayDeque<>();

    private final List<String> addresses;
    private final int ports;

    private HostPrograms(Namespace host, String config, List<String> addresses, int ports) throws Exception {
        this.host = host;
        this.addresses = addresses;
        this.ports = ports;
        plan = host.call(() -> plan(config));
        devices = host.call(HostPrograms::devices);
        programs = FouPrograms.load();
    }

    /**
     * Attaches them; skips the test where this kernel does not take them.
     *
     * @param locals addresses of the host
     * @param ports number of source ports for each peer that has no pinned one
     */
    static HostPrograms attach(Namespace host, String config, Engine engine, List<String> locals, int ports)
            throws Exception {
        String missing = BpfFeatures.missingPermission().orElse("");
        Requires.need(missing.isEmpty(), "BPF programs: " + missing);
        HostPrograms attached = new HostPrograms(host, config, locals, ports);
        try {
            for (int slot = 0; slot <= attached.plan.peers().size(); slot++) {
                attached.programs.open(slot);
            }
            attached.programs.use(attached.contents(Integer.MAX_VALUE));
            host.call(() -> attached.attach(engine));
            return attached;
        } catch (Throwable e) {
            attached.close();
            throw e;
        }
    }

    private Void attach(Engine engine) throws LinuxException {
        int underlay = devices.get("eth0");
        need(BpfFeatures.missingTcx(underlay));
        links.push(programs.attachIn(underlay));
        if (engine == Engine.TC_AND_XDP) {
            need(BpfFeatures.missingXdp(underlay));
            links.push(programs.attachXdp(underlay));
        }
        links.push(programs.attachOut(devices.get("fou0")));
        return null;
    }

    private static void need(Optional<String> missing) {
        Requires.need(missing.isEmpty(), "BPF programs: " + missing.orElse(""));
    }

    private Plan plan(String config) throws Exception {
        Path file = Files.createTempFile("programs", ".yaml");
        try (Netlink netlink = Netlink.open()) {
            Files.writeString(file, config);
            HostLookups lookups = new KernelLookups(netlink);
            Plan made = Plan.of(ConfigLoader.load(file, Map.of(), Map.of()), lookups);
            for (Peer peer : made.peers()) {
                locals.put(peer.name(), peer.local().isPresent() ? peer.local().get() : source(peer, lookups));
            }
            return made;
        } finally {
            Files.delete(file);
        }
    }

    private static InetAddress source(Peer peer, HostLookups lookups) throws LinuxException {
        return lookups.route(peer.remote(), peer.underlay()).preferredSource().orElseThrow();
    }

    private static Map<String, Integer> devices() throws Exception {
        try (Netlink netlink = Netlink.open()) {
            Map<String, Integer> indexes = new TreeMap<>();
            for (Link link : new Links(netlink).all()) {
                indexes.put(link.name(), link.index());
            }
            return indexes;
        }
    }

    private Contents contents(int mtuBytes) {
        Contents contents = Contents.of(new Contents.Settings(
                FLOW_KEY, devices.get("fou0"), plan.peering().sourceCheck(), true, false));
        for (Plan.Listen listen : plan.listens()) {
            for (String address : addresses) {
                contents.listen(Peers.address(address), listen.port(), listen.payload());
            }
        }
        for (Peer peer : plan.peers()) {
            boolean pinned = peer.sourcePort() != 0;
            int first = peer.index() * ports;
            for (int i = 0; i < ports; i++) {
                contents.sourcePorts(first + i, pinned ? peer.sourcePort() : FIRST_PORT + first + i);
            }
            InetAddress local = locals.get(peer.name());
            contents.peer(
                    peer,
                    new Way(
                            peer.index(),
                            local,
                            devices.get("eth0"),
                            first,
                            ports,
                            Math.min(mtuBytes, peer.pathMtuBytes()),
                            peer.inKernel()));
            peer.allowedIps().forEach(prefix -> contents.owner(prefix, peer.index()));
        }
        return contents;
    }

    /**
     * Goes on with other contents.
     *
     * @param mtuBytes of the path to each peer
     * @param more whether there is one more peer than in the configuration
     */
    void use(int mtuBytes, boolean more) throws LinuxException {
        Contents contents = contents(mtuBytes);
        if (more) {
            Peer another = Peers.peer(plan.peers().size(), "10.77.0.77", "10.99.0.0/16");
            contents.peer(
                    another,
                    new Way(another.index(), Peers.address("10.77.0.1"), devices.get("eth0"), 0, 1, mtuBytes, false));
            another.allowedIps().forEach(prefix -> contents.owner(prefix, another.index()));
        }
        programs.use(contents);
    }

    /** Attaches programs until it is killed: name of the namespace, configuration, address of the host. */
    public static void main(String[] arguments) throws Exception {
        Namespace namespace = new Namespace(arguments[0]);
        String config = Files.readString(Path.of(arguments[1]));
        attach(namespace, config, Engine.TC, List.of(arguments[2]), 1);
        System.out.println("attached");
        Thread.sleep(Duration.ofHours(1).toMillis());
    }

    /** What they count. */
    FouPrograms programs() {
        return programs;
    }

    /** The peers of the configuration. */
    List<Peer> peers() {
        return plan.peers();
    }

    /** Verdicts that came up. */
    Map<Verdict, Long> verdicts() throws LinuxException {
        Map<Verdict, Long> verdicts = new TreeMap<>();
        for (Verdict verdict : Verdict.values()) {
            long packets = programs.count(verdict).packets();
            if (packets > 0) {
                verdicts.put(verdict, packets);
            }
        }
        return verdicts;
    }

    @Override
    public void close() {
        while (!links.isEmpty()) {
            links.pop().close();
        }
        programs.close();
    }

    @Override
    public String toString() {
        return "programs in " + host.name();
    }
}
