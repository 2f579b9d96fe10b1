package net.fougateway.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.fougateway.codec.Direction;
import net.fougateway.engine.EngineReport;
import net.fougateway.host.Finding;
import net.fougateway.host.Preflight;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.Peer;
import net.fougateway.threads.Rounds;

/** What the operator should know and do, each finding one sentence with the line to type. */
final class Findings {

    private static final long BULK_PACKETS = 10_000;
    private static final long BULK_PACKET_BYTES = 1000;
    private static final long JOINED_PERCENT = 1;
    private static final long UNANSWERED_PACKETS = 10;
    private static final int MOST_NEVER_HEARD = 8;

    private final List<Rounds> threads;
    private final Preflight preflight;

    Findings(List<Rounds> threads, Preflight preflight) {
        this.threads = threads;
        this.preflight = preflight;
    }

    /** Findings, most important first. */
    List<String> of(Snapshot.Device device, List<Peer> peers, EngineReport engine) {
        List<String> findings = new ArrayList<>();
        deviceIsDown(device).ifPresent(findings::add);
        threads.stream()
                .filter(thread -> !thread.isRunning())
                .map(Findings::standsStill)
                .forEach(findings::add);
        findings.addAll(preflight.findings(peers));
        findings.addAll(engine.findings());
        findings.addAll(neverHeard(peers, engine));
        for (Peer peer : peers) {
            if (sentByPrograms(peer, engine) == 0) {
                sendsOneByOne(peer).ifPresent(findings::add);
            }
            arrivesOneByOne(peer, engine.counters()).ifPresent(findings::add);
        }
        return findings;
    }

    private static Optional<String> deviceIsDown(Snapshot.Device device) {
        return device.up()
                ? Optional.empty()
                : Optional.of(Finding.DEVICE_DOWN.sentence(Map.of("device", device.name())));
    }

    private static String standsStill(Rounds thread) {
        return Finding.THREAD_STANDS_STILL.sentence(Map.of("thread", thread.name()));
    }

    /** Peers that answer nothing; of many the first ones, and how many more there are. */
    private static List<String> neverHeard(List<Peer> peers, EngineReport engine) {
        List<String> findings = peers.stream()
                .flatMap(peer -> neverHeard(peer, engine).stream())
                .toList();
        if (findings.size() <= MOST_NEVER_HEARD) {
            return findings;
        }
        String more = Finding.MORE_NEVER_HEARD.sentence(Map.of("count", findings.size() - MOST_NEVER_HEARD));
        return Stream.concat(findings.stream().limit(MOST_NEVER_HEARD), Stream.of(more))
                .toList();
    }

    private static long sentByPrograms(Peer peer, EngineReport engine) {
        return engine.kernelPath()
                .carried(peer.name(), Direction.TUN_TO_UDP)
                .traffic()
                .packets();
    }

    private static boolean isHeardByPrograms(Peer peer, EngineReport engine) {
        return engine.kernelPath()
                        .carried(peer.name(), Direction.UDP_TO_TUN)
                        .traffic()
                        .packets()
                > 0;
    }

    private static Optional<String> neverHeard(Peer peer, EngineReport engine) {
        long sent = sentByPrograms(peer, engine);
        if (isHeardByPrograms(peer, engine)) {
            return Optional.empty();
        }
        for (WorkerCounters counter : engine.counters()) {
            if (counter.peers().lastReceiveMillis(peer.name()) > 0) {
                return Optional.empty();
            }
            sent += counter.peers().forwarded(Direction.TUN_TO_UDP, peer.name()).packets();
        }
        return sent < UNANSWERED_PACKETS
                ? Optional.empty()
                : Optional.of(Finding.PEER_NEVER_HEARD.sentence(Map.of(
                        "sent", sent,
                        "peer", peer.name(),
                        "port", PeerReport.ports(peer),
                        "remote", PeerReport.remote(peer))));
    }

    private static Optional<String> sendsOneByOne(Peer peer) {
        return peer.checksum()
                ? Optional.empty()
                : Optional.of(Finding.CHECKSUMS_OFF.sentence(Map.of("peer", peer.name())));
    }

    private static Optional<String> arrivesOneByOne(Peer peer, List<WorkerCounters> counters) {
        long packets = 0;
        long bytes = 0;
        long joined = 0;
        for (WorkerCounters counter : counters) {
            Snapshot.Traffic forwarded = counter.peers().forwarded(Direction.UDP_TO_TUN, peer.name());
            packets += forwarded.packets();
            bytes += forwarded.bytes();
            joined += counter.peers().joined(peer.name());
        }
        boolean bulk = packets >= BULK_PACKETS && bytes / packets >= BULK_PACKET_BYTES;
        return bulk && joined * 100 < packets * JOINED_PERCENT
                ? Optional.of(Finding.ARRIVES_ONE_BY_ONE.sentence(Map.of("peer", peer.name())))
                : Optional.empty();
    }
}
