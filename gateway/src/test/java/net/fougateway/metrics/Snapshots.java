package net.fougateway.metrics;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;
import net.fougateway.ethernet.Flooding;
import net.fougateway.ethernet.MacTable;
import net.fougateway.metrics.Snapshot.Condition;
import net.fougateway.metrics.Snapshot.Device;
import net.fougateway.metrics.Snapshot.Drop;
import net.fougateway.metrics.Snapshot.Flow;
import net.fougateway.metrics.Snapshot.LastDrop;
import net.fougateway.metrics.Snapshot.Offload;
import net.fougateway.metrics.Snapshot.Peer;
import net.fougateway.metrics.Snapshot.Traffic;

/** Snapshots for tests. */
public final class Snapshots {

    /** When every test gateway started. */
    public static final Instant STARTED_AT = Instant.parse("2026-11-22T10:00:00Z");

    private static final Traffic NONE = new Traffic(0, 0);

    private Snapshots() {}

    /** A gateway that has just started: ready, no peer, no packet. */
    public static Snapshot idle() {
        return snapshot(
                List.of(),
                Map.of(Direction.UDP_TO_TUN, flow(NONE, NONE, NONE), Direction.TUN_TO_UDP, flow(NONE, NONE, NONE)),
                Map.of(),
                true,
                List.of());
    }

    /** As {@link #idle}, after a new configuration was refused. */
    public static Snapshot refused() {
        Snapshot idle = idle();
        return new Snapshot(
                idle.version(),
                idle.startedAt(),
                idle.device(),
                idle.peers(),
                idle.flows(),
                idle.drops(),
                idle.udpSendErrors(),
                idle.tunWriteErrors(),
                idle.icmpErrorsSent(),
                idle.udpReceiveBufferDrops(),
                idle.unbelieved(),
                idle.offloads(),
                idle.kernelPath(),
                idle.routing(),
                idle.sourcePorts(),
                idle.workers(),
                idle.conditions(),
                new Snapshot.Reloads(0, 1, false, List.of("line 1: unknown key")),
                idle.adminRefusals(),
                idle.ethernet(),
                idle.findings());
    }

    /** A gateway with traffic, drops of every kind and a problem. The sums close. */
    public static Snapshot busy() {
        return busy("The peer \"k3\" was never heard: allow UDP port 5555 from it.");
    }

    /** As {@link #busy()} with one finding of this text. */
    public static Snapshot busy(String finding) {
        Peer k2 = new Peer(
                "k2",
                "192.168.127.152",
                "5555",
                "fou",
                List.of("10.42.2.0/24", "fd00:42::/64"),
                1500,
                new Traffic(1_200_000, 1_500_000_000),
                new Traffic(900_000, 720_000_000),
                STARTED_AT.plusMillis(61_500));
        Peer k3 = new Peer("k3", "2001:db8::3", "4:5555 41:5556", "gue", List.of(), 1480, NONE, NONE, Instant.EPOCH);
        return snapshot(
                List.of(k2, k3),
                Map.of(
                        Direction.UDP_TO_TUN,
                        flow(new Traffic(1_200_007, 1_500_000_420), k2.udpToTun(), new Traffic(7, 420)),
                        Direction.TUN_TO_UDP,
                        flow(new Traffic(900_012, 720_001_008), k2.tunToUdp(), new Traffic(12, 1008))),
                Map.of(DropReason.SOURCE_NOT_ALLOWED, new Traffic(7, 420), DropReason.NO_ROUTE, new Traffic(12, 1008)),
                false,
                List.of(finding));
    }

    /** A gateway with peers p0, p1 …, each with {@code packets} packets in each direction, and nothing dropped. */
    public static Snapshot ofPeers(int count, long packets) {
        Traffic each = new Traffic(packets, 100 * packets);
        Traffic all = new Traffic(count * packets, 100L * count * packets);
        List<Peer> peers = IntStream.range(0, count)
                .mapToObj(i -> new Peer(
                        "p" + i, "192.0.2.1", "5555", "fou", List.of("10.0.0.0/8"), 1500, each, each, STARTED_AT))
                .toList();
        return snapshot(
                peers,
                Map.of(Direction.UDP_TO_TUN, flow(all, all, NONE), Direction.TUN_TO_UDP, flow(all, all, NONE)),
                Map.of(),
                true,
                List.of());
    }

    private static Snapshot snapshot(
            List<Peer> peers,
            Map<Direction, Flow> flows,
            Map<DropReason, Traffic> drops,
            boolean up,
            List<String> findings) {
        return new Snapshot(
                "0.1.0",
                STARTED_AT,
                new Device("fou0", 1472, up, 2, drops.isEmpty() ? 0 : 5),
                peers,
                new EnumMap<>(flows),
                drops(drops),
                drops.isEmpty() ? Map.of() : new TreeMap<>(Map.of("ENETUNREACH", 3L, "ENOMEM", 2L, "EPIPE", 1L)),
                Map.of(),
                icmpErrorsSent(drops.size()),
                drops.isEmpty() ? 0 : 4711,
                drops.isEmpty() ? new Snapshot.Unbelieved(0, 0, 0) : new Snapshot.Unbelieved(12, 13, 14),
                List.of(new Offload("udp_gro", true, "probed"), new Offload("udp_gso", up, "the kernel says EIO")),
                drops.isEmpty() ? KernelPath.NONE : kernelPath(),
                routing(peers),
                2048,
                2,
                List.of(
                        new Condition("device_up", up, up ? "fou0 is up." : "fou0 is down: ip link set fou0 up."),
                        new Condition("sockets_bound", true, "UDP port 5555 is bound.")),
                Snapshot.Reloads.NONE,
                adminRefusals(drops.size()),
                drops.isEmpty() ? Ethernet.NONE : ethernet(),
                findings);
    }

    /** Some of what is told of k2. */
    private static KernelPath kernelPath() {
        Traffic in = new Traffic(1_000_000, 1_400_000_000);
        Traffic out = new Traffic(800_000, 700_000_000);
        return new KernelPath(
                List.of(new KernelPath.Hook("eth0", "tcx_ingress"), new KernelPath.Hook("fou0", "tcx_egress")),
                List.of(
                        new KernelPath.Verdict(Direction.UDP_TO_TUN, "taken", KernelPath.Outcome.TAKEN, in),
                        new KernelPath.Verdict(
                                Direction.UDP_TO_TUN, "ecn", KernelPath.Outcome.HANDED_ON, new Traffic(7, 420)),
                        new KernelPath.Verdict(Direction.TUN_TO_UDP, "taken", KernelPath.Outcome.TAKEN, out)),
                Map.of(
                        "k2",
                        Map.of(
                                Direction.UDP_TO_TUN, new KernelPath.Carried(in, STARTED_AT),
                                Direction.TUN_TO_UDP, new KernelPath.Carried(out, STARTED_AT))),
                Map.of(),
                new TreeMap<>(Map.of("backlog", 3L, "neighbour", 2L, "queue", 1L)));
    }

    private static Ethernet ethernet() {
        List<MacTable.Entry> macs = List.of(
                new MacTable.Entry(0x0200_0000_0001L, 0, "", 2500),
                new MacTable.Entry(0x0200_0000_0002L, 7, "k2", 61_000),
                MacTable.Entry.fixed(0x0200_0000_0003L, "k2"));
        return new Ethernet(() -> macs, Map.of(Flooding.BROADCAST, 40L, Flooding.UNKNOWN, 2L), 3, 4);
    }

    private static Routing routing(List<Peer> peers) {
        boolean busy = !peers.isEmpty();
        return new Routing(
                peers.size(),
                1,
                () -> peers.stream().flatMap(Snapshots::routes).toList(),
                List.of(
                        new Routing.KernelRoutes(true, Routing.State.USED, busy ? 3 : 0),
                        new Routing.KernelRoutes(true, Routing.State.NO_PEER, busy ? 1 : 0),
                        new Routing.KernelRoutes(false, Routing.State.ON_LINK, busy ? 1 : 0)),
                busy ? Map.of("fleet", 2) : Map.of(),
                busy
                        ? new Routing.Reads(
                                Map.of(Routing.Cause.START, 1L, Routing.Cause.EVENT, 4L),
                                new Routing.Durations(0.25, List.of(1L, 3L, 0L, 0L, 1L, 0L, 0L)),
                                STARTED_AT.plusSeconds(30))
                        : Routing.Reads.NONE);
    }

    private static Stream<Routing.Route> routes(Peer peer) {
        return peer.allowedIps().stream()
                .map(prefix -> new Routing.Route(
                        prefix,
                        "bird",
                        32,
                        List.of(peer.remote()),
                        List.of(new Routing.Leg(peer.name(), 1)),
                        STARTED_AT));
    }

    private static Map<AdminRefusal, Long> adminRefusals(long times) {
        Map<AdminRefusal, Long> refusals = new EnumMap<>(AdminRefusal.class);
        for (AdminRefusal refusal : AdminRefusal.values()) {
            refusals.put(refusal, times * (refusal.ordinal() + 1));
        }
        return refusals;
    }

    private static Map<IcmpError.Kind, Long> icmpErrorsSent(long times) {
        Map<IcmpError.Kind, Long> sent = new EnumMap<>(IcmpError.Kind.class);
        for (IcmpError.Kind kind : IcmpError.Kind.values()) {
            sent.put(kind, times * (kind.ordinal() + 1));
        }
        return sent;
    }

    private static Flow flow(Traffic received, Traffic forwarded, Traffic dropped) {
        List<Long> batches = new ArrayList<>(Collections.nCopies(Snapshot.BATCH_BOUNDS.size() + 1, 0L));
        if (received.packets() > 0) {
            batches.set(0, 20L);
            batches.set(5, 300L);
            batches.set(10, 1000L);
        }
        return new Flow(received, forwarded, NONE, dropped, batches);
    }

    private static List<Drop> drops(Map<DropReason, Traffic> drops) {
        List<Drop> rows = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (DropReason reason : DropReason.values()) {
                if (reason.in(direction)) {
                    Optional<LastDrop> last = reason == DropReason.SOURCE_NOT_ALLOWED
                            ? Optional.of(new LastDrop("192.0.2.77", STARTED_AT.plusSeconds(60)))
                            : Optional.empty();
                    rows.add(new Drop(direction, reason, drops.getOrDefault(reason, NONE), last));
                }
            }
        }
        return rows;
    }
}
