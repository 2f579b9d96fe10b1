package net.fougateway.admin;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import net.fougateway.codec.Direction;
import net.fougateway.metrics.KernelPath;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshot.Condition;
import net.fougateway.metrics.Snapshot.Device;
import net.fougateway.metrics.Snapshot.Drop;
import net.fougateway.metrics.Snapshot.Flow;
import net.fougateway.metrics.Snapshot.Offload;
import net.fougateway.metrics.Snapshot.Peer;
import net.fougateway.metrics.Snapshot.Traffic;

/**
 * The {@code /status} document: a {@link Snapshot} as JSON. Totals only; a reader that wants rates reads twice. Keys are
 * added, never renamed.
 */
public final class StatusJson {

    private StatusJson() {}

    /** The document, on one line without a line feed. */
    public static String write(Snapshot snapshot, Instant now) {
        return Json.write(document(snapshot, now));
    }

    private static Map<String, Object> document(Snapshot snapshot, Instant now) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", snapshot.version());
        document.put("startedAt", snapshot.startedAt().toString());
        document.put("now", now.toString());
        document.put("ready", snapshot.ready());
        document.put("findings", snapshot.findings());
        document.put("reloads", reloads(snapshot.reloads()));
        document.put(
                "conditions",
                snapshot.conditions().stream().map(StatusJson::condition).toList());
        document.put("device", device(snapshot.device()));
        document.put("workers", snapshot.workers());
        document.put("sourcePorts", snapshot.sourcePorts());
        document.put(
                "routes",
                Json.object(
                        "ipv4",
                        snapshot.routing().ipv4Prefixes(),
                        "ipv6",
                        snapshot.routing().ipv6Prefixes()));
        document.put("kernelRoutes", RoutesJson.summary(snapshot.routing()));
        document.put(
                "peers",
                snapshot.peers().stream()
                        .map(peer -> peer(peer, snapshot.kernelPath()))
                        .toList());
        document.put("directions", directions(snapshot.flows()));
        document.put("drops", snapshot.drops().stream().map(StatusJson::drop).toList());
        document.put("udpReceiveBufferDrops", snapshot.udpReceiveBufferDrops());
        document.put(
                "udpChecksumErrors",
                Json.object(
                        "ipv4", snapshot.unbelieved().ipv4ChecksumErrors(),
                        "ipv6", snapshot.unbelieved().ipv6ChecksumErrors()));
        document.put("icmpErrorsIgnored", snapshot.unbelieved().icmpErrors());
        document.put("udpSendErrors", snapshot.udpSendErrors());
        document.put("tunWriteErrors", snapshot.tunWriteErrors());
        document.put(
                "offloads",
                snapshot.offloads().stream().map(StatusJson::offload).toList());
        document.put("ebpf", ebpf(snapshot.kernelPath()));
        return document;
    }

    private static Map<String, Object> reloads(Snapshot.Reloads reloads) {
        return Json.object(
                "succeeded", reloads.succeeded(),
                "failed", reloads.failed(),
                "lastSuccessful", reloads.lastSuccessful(),
                "last", reloads.last());
    }

    private static Map<String, Object> condition(Condition condition) {
        return Json.object("name", condition.name(), "met", condition.met(), "sentence", condition.sentence());
    }

    private static Map<String, Object> device(Device device) {
        return Json.object(
                "name", device.name(),
                "mtuBytes", device.mtuBytes(),
                "up", device.up(),
                "queues", device.queues(),
                "queueDrops", device.queueDrops());
    }

    /** Null without programs in the kernel. */
    private static Map<String, Object> ebpf(KernelPath kernel) {
        return kernel.hooks().isEmpty()
                ? null
                : Json.object(
                        "programs",
                        kernel.hooks().stream()
                                .map(hook -> Json.object("device", hook.device(), "place", hook.place()))
                                .toList(),
                        "verdicts",
                        kernel.verdicts().stream().map(StatusJson::verdict).toList(),
                        "kernelDrops",
                        new TreeMap<>(kernel.drops()));
    }

    private static Map<String, Object> verdict(KernelPath.Verdict verdict) {
        return Json.object(
                "direction", verdict.direction().label(),
                "verdict", verdict.label(),
                "outcome", verdict.outcome().name().toLowerCase(Locale.ROOT),
                "packets", verdict.traffic().packets(),
                "bytes", verdict.traffic().bytes());
    }

    private static Map<String, Object> ebpf(KernelPath kernel, String peer) {
        return kernel.hooks().isEmpty()
                ? null
                : Json.object(
                        "received",
                        traffic(kernel.carried(peer, Direction.UDP_TO_TUN).traffic()),
                        "sent",
                        traffic(kernel.carried(peer, Direction.TUN_TO_UDP).traffic()));
    }

    private static Map<String, Object> peer(Peer peer, KernelPath kernel) {
        Instant lastReceive = peer.lastReceive();
        return Json.object(
                "name", peer.name(),
                "remote", peer.remote(),
                "port", peer.port(),
                "encapsulation", peer.encapsulation(),
                "allowedIps", peer.allowedIps(),
                "pathMtuBytes", peer.pathMtuBytes(),
                "received", traffic(peer.udpToTun()),
                "sent", traffic(peer.tunToUdp()),
                "ebpf", ebpf(kernel, peer.name()),
                "lastReceive", lastReceive.equals(Instant.EPOCH) ? null : lastReceive.toString());
    }

    private static Map<String, Object> directions(Map<Direction, Flow> flows) {
        Map<String, Object> directions = new LinkedHashMap<>();
        flows.forEach((direction, flow) -> directions.put(
                direction.label(),
                Json.object(
                        "received", traffic(flow.received()),
                        "forwarded", traffic(flow.forwarded()),
                        "dropped", traffic(flow.dropped()),
                        "batchPacketsUpTo", Snapshot.BATCH_BOUNDS,
                        "batches", flow.batchPackets())));
        return directions;
    }

    private static Map<String, Object> drop(Drop drop) {
        return Json.object(
                "direction", drop.direction().label(),
                "reason", drop.reason().slug(),
                "packets", drop.traffic().packets(),
                "bytes", drop.traffic().bytes(),
                "meaning", drop.reason().meaning(),
                "remedy", drop.reason().remedy(),
                "last", drop.last().map(StatusJson::lastDrop).orElse(null));
    }

    private static Map<String, Object> lastDrop(Snapshot.LastDrop last) {
        return Json.object("address", last.address(), "at", last.at().toString());
    }

    private static Map<String, Object> offload(Offload offload) {
        return Json.object("feature", offload.feature(), "active", offload.active(), "detail", offload.detail());
    }

    private static Map<String, Object> traffic(Traffic traffic) {
        return Json.object("packets", traffic.packets(), "bytes", traffic.bytes());
    }
}
