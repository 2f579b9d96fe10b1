package net.fougateway.metrics;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.fougateway.codec.Direction;
import net.fougateway.metrics.Snapshot.Traffic;

/**
 * What programs in the kernel (eBPF) did beside the workers. What they hand on comes to the workers and is counted there as well.
 *
 * @param hooks where programs are
 * @param verdicts one for each that there is, zero or not; none without programs
 * @param peers what was carried, by name of the peer and direction
 * @param removed what was carried for peers that are gone
 * @param drops packets that the kernel dropped behind the programs, by place; the same places carry packets of others, too
 */
public record KernelPath(
        List<Hook> hooks,
        List<Verdict> verdicts,
        Map<String, Map<Direction, Carried>> peers,
        Map<Direction, Traffic> removed,
        Map<String, Long> drops) {

    /** Without programs. */
    public static final KernelPath NONE = new KernelPath(List.of(), List.of(), Map.of(), Map.of(), Map.of());

    /**
     * A program at a device.
     *
     * @param place {@code tcx_ingress}, {@code tcx_egress} or {@code xdp}
     */
    public record Hook(String device, String place) {}

    /** What becomes of a packet. */
    public enum Outcome {
        /** The program carries it. */
        TAKEN,
        /** User space gets it. */
        HANDED_ON,
        /** The kernel refused it too late for that. */
        LOST
    }

    /**
     * Packets of one verdict.
     *
     * @param label why, for example {@code too_big}
     */
    public record Verdict(Direction direction, String label, Outcome outcome, Traffic traffic) {}

    /**
     * What was carried from or to a peer.
     *
     * @param last when the last packet was
     */
    public record Carried(Traffic traffic, Instant last) {

        static final Carried NOTHING = new Carried(Snapshot.NO_TRAFFIC, Instant.EPOCH);
    }

    /** What was carried for a peer. */
    public Carried carried(String peer, Direction direction) {
        return peers.getOrDefault(peer, Map.of()).getOrDefault(direction, Carried.NOTHING);
    }

    /** What was carried for all peers, those included that are gone. */
    public Traffic carried(Direction direction) {
        Traffic sum = removed.getOrDefault(direction, Snapshot.NO_TRAFFIC);
        for (Map<Direction, Carried> peer : peers.values()) {
            sum = sum.plus(peer.getOrDefault(direction, Carried.NOTHING).traffic());
        }
        return sum;
    }

    /** What was lost. */
    public Traffic lost(Direction direction) {
        return verdicts.stream()
                .filter(verdict -> verdict.outcome() == Outcome.LOST && verdict.direction() == direction)
                .map(Verdict::traffic)
                .reduce(Snapshot.NO_TRAFFIC, Traffic::plus);
    }
}
