package net.fougateway.metrics;

import io.netty.util.Version;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import net.fougateway.codec.Direction;
import net.fougateway.ethernet.Flooding;
import net.fougateway.metrics.Metric.Sample;
import net.fougateway.metrics.Routing.Durations;
import net.fougateway.metrics.Snapshot.Flow;
import net.fougateway.metrics.Snapshot.Peer;
import net.fougateway.metrics.Snapshot.Traffic;

/** How the rows of {@link Metric} are read from a {@link Snapshot}. */
final class Samples {

    /** Label values that exist from the start; every other error counts as {@link #OTHER}. */
    static final List<String> UDP_SEND_ERRNOS = List.of(
            "ENOBUFS", "EPERM", "ENETUNREACH", "EHOSTUNREACH", "EMSGSIZE", "EINVAL", "ECONNREFUSED", "EIO", "other");

    /** Label values that exist from the start; every other error counts as {@link #OTHER}. */
    static final List<String> TUN_WRITE_ERRNOS = List.of("EIO", "EINVAL", "ENOBUFS", "other");

    private static final List<Double> BATCH_BOUNDS =
            Snapshot.BATCH_BOUNDS.stream().map(Integer::doubleValue).toList();

    private static final String OTHER = "other";
    /** Label value of all peers that a reload has removed; no peer can have this name. */
    private static final String REMOVED_PEERS = "(removed)";
    /** Label value of what is not at a peer. */
    private static final String OUR_SIDE = "(local)";

    private Samples() {}

    static Stream<Sample> single(long value) {
        return Stream.of(Sample.of((double) value));
    }

    static Stream<Sample> buildInfo(Snapshot snapshot) {
        return Stream.of(Sample.of(1, snapshot.version(), System.getProperty("java.version"), nettyVersion()));
    }

    private static String nettyVersion() {
        Version version = Version.identify().get("netty-common");
        return version == null ? "unknown" : version.artifactVersion();
    }

    static <T> Stream<Sample> flags(Collection<T> items, Function<T, String> name, Predicate<T> flag) {
        return items.stream().map(item -> Sample.of(flag.test(item) ? 1 : 0, name.apply(item)));
    }

    static Stream<Sample> peers(Snapshot snapshot, ToDoubleFunction<Peer> value) {
        return snapshot.peers().stream().map(peer -> Sample.of(value.applyAsDouble(peer), peer.name()));
    }

    static double lastReceiveSeconds(Peer peer) {
        return peer.lastReceive().toEpochMilli() / 1000.0;
    }

    static Stream<Sample> byPeer(Snapshot snapshot, ToDoubleFunction<Traffic> value) {
        Stream<Sample> present = snapshot.peers().stream()
                .flatMap(peer -> Stream.of(
                        Sample.of(value.applyAsDouble(peer.udpToTun()), Direction.UDP_TO_TUN.label(), peer.name()),
                        Sample.of(value.applyAsDouble(peer.tunToUdp()), Direction.TUN_TO_UDP.label(), peer.name())));
        Stream<Sample> removed = snapshot.flows().entrySet().stream()
                .filter(flow -> flow.getValue().removed().packets() > 0)
                .map(flow -> Sample.of(
                        value.applyAsDouble(flow.getValue().removed()),
                        flow.getKey().label(),
                        REMOVED_PEERS));
        return Stream.concat(present, removed);
    }

    static Stream<Sample> byDirection(
            Snapshot snapshot, Function<Flow, Traffic> traffic, ToDoubleFunction<Traffic> value) {
        return snapshot.flows().entrySet().stream()
                .map(flow -> Sample.of(
                        value.applyAsDouble(traffic.apply(flow.getValue())),
                        flow.getKey().label()));
    }

    static Stream<Sample> reloads(Snapshot snapshot) {
        return Stream.of(
                Sample.of((double) snapshot.reloads().succeeded(), "success"),
                Sample.of((double) snapshot.reloads().failed(), "failure"));
    }

    static Stream<Sample> batches(Snapshot snapshot) {
        return snapshot.flows().entrySet().stream()
                .map(flow -> new Sample(
                        List.of(flow.getKey().label()),
                        flow.getValue().received().packets() - besideWorkers(snapshot, flow.getKey()),
                        BATCH_BOUNDS,
                        flow.getValue().batchPackets()));
    }

    private static long besideWorkers(Snapshot snapshot, Direction direction) {
        KernelPath kernel = snapshot.kernelPath();
        return kernel.carried(direction).plus(kernel.lost(direction)).packets();
    }

    static Stream<Sample> byPeerInKernel(Snapshot snapshot, ToDoubleFunction<Traffic> value) {
        return snapshot.peers().stream()
                .filter(peer -> !snapshot.kernelPath().hooks().isEmpty())
                .flatMap(peer -> Arrays.stream(Direction.values())
                        .map(direction -> Sample.of(
                                value.applyAsDouble(snapshot.kernelPath()
                                        .carried(peer.name(), direction)
                                        .traffic()),
                                direction.label(),
                                peer.name())));
    }

    static Stream<Sample> verdicts(Snapshot snapshot, ToDoubleFunction<Traffic> value) {
        return snapshot.kernelPath().verdicts().stream()
                .map(verdict -> Sample.of(
                        value.applyAsDouble(verdict.traffic()),
                        verdict.direction().label(),
                        verdict.label()));
    }

    static Stream<Sample> kernelDrops(Snapshot snapshot) {
        return snapshot.kernelPath().drops().entrySet().stream()
                .map(drop -> Sample.of((double) drop.getValue(), drop.getKey()));
    }

    static Stream<Sample> drops(Snapshot snapshot, ToDoubleFunction<Traffic> value) {
        return snapshot.drops().stream()
                .map(drop -> Sample.of(
                        value.applyAsDouble(drop.traffic()),
                        drop.direction().label(),
                        drop.reason().slug()));
    }

    /** Our own side, and where there is a switch each peer, zero or not. */
    static Stream<Sample> macs(Snapshot snapshot) {
        if (snapshot.ethernet().equals(Ethernet.NONE)) {
            return Stream.of(Sample.of(0, OUR_SIDE));
        }
        Map<String, Long> known = new LinkedHashMap<>();
        known.put("", 0L);
        snapshot.peers().forEach(peer -> known.put(peer.name(), 0L));
        snapshot.ethernet().macs().get().forEach(entry -> known.computeIfPresent(entry.peer(), (peer, n) -> n + 1));
        return known.entrySet().stream()
                .map(entry -> Sample.of(entry.getValue(), entry.getKey().isEmpty() ? OUR_SIDE : entry.getKey()));
    }

    static Stream<Sample> flooded(Snapshot snapshot) {
        Map<Flooding, Long> flooded = snapshot.ethernet().flooded();
        return Arrays.stream(Flooding.values()).map(cause -> Sample.of(flooded.getOrDefault(cause, 0L), cause.label()));
    }

    static Stream<Sample> kernelRoutes(Snapshot snapshot) {
        return snapshot.routing().kernelRoutes().stream()
                .map(count -> Sample.of((double) count.routes(), count.ipv4() ? "ipv4" : "ipv6", label(count.state())));
    }

    static Stream<Sample> kernelRouteReads(Snapshot snapshot) {
        Map<Routing.Cause, Long> reads = snapshot.routing().reads().byCause();
        return Arrays.stream(Routing.Cause.values())
                .map(cause -> Sample.of((double) reads.getOrDefault(cause, 0L), label(cause)));
    }

    static Stream<Sample> kernelRouteReadSeconds(Snapshot snapshot) {
        Durations took = snapshot.routing().reads().took();
        return Stream.of(new Sample(List.of(), took.seconds(), Durations.BOUNDS_SECONDS, took.buckets()));
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static Stream<Sample> icmpErrorsSent(Snapshot snapshot) {
        return snapshot.icmpErrorsSent().entrySet().stream()
                .map(sent -> Sample.of((double) sent.getValue(), sent.getKey().label()));
    }

    static Stream<Sample> errors(Map<String, Long> counts, List<String> known) {
        return known.stream().map(errno -> Sample.of((double) errorCount(counts, known, errno), errno));
    }

    private static long errorCount(Map<String, Long> counts, List<String> known, String errno) {
        return counts.entrySet().stream()
                .filter(error -> errno.equals(known.contains(error.getKey()) ? error.getKey() : OTHER))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
