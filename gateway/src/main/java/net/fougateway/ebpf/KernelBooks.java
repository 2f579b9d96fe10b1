package net.fougateway.ebpf;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.fougateway.codec.Direction;
import net.fougateway.ebpf.FouPrograms.Count;
import net.fougateway.linux.LinuxException;
import net.fougateway.metrics.KernelPath;
import net.fougateway.metrics.KernelPath.Carried;
import net.fougateway.metrics.KernelPath.Outcome;
import net.fougateway.metrics.Snapshot.Traffic;

/**
 * What the programs have counted, by name of the peer, and which slot each has. A slot is not used twice, so that nothing is counted for
 * another. Any thread may use it.
 */
public final class KernelBooks {

    private final FouPrograms programs;
    private final Map<String, Integer> slots = new HashMap<>();
    private final List<Integer> leaving = new ArrayList<>();
    private final Map<Direction, Traffic> removed = new EnumMap<>(Direction.class);
    private int next;

    /** Empty ones. */
    public KernelBooks(FouPrograms programs) {
        this.programs = programs;
        Arrays.stream(Direction.values()).forEach(direction -> removed.put(direction, new Traffic(0, 0)));
    }

    /** The slot of a peer; a new one, if it has none. */
    public synchronized int slot(String peer) throws LinuxException {
        Integer slot = slots.get(peer);
        if (slot == null) {
            slot = next++;
            programs.open(slot);
            slots.put(peer, slot);
        }
        return slot;
    }

    /** The peers that are not among these are gone: the programs know no more of them, but may have a packet of theirs in hand. */
    public synchronized void retain(Set<String> peers) {
        slots.entrySet().removeIf(entry -> {
            boolean gone = !peers.contains(entry.getKey());
            if (gone) {
                leaving.add(entry.getValue());
            }
            return gone;
        });
    }

    /** Closes the books of those that have gone some time ago. */
    public synchronized void settle() throws LinuxException {
        while (!leaving.isEmpty()) {
            int slot = leaving.get(leaving.size() - 1);
            for (Direction direction : Direction.values()) {
                removed.merge(direction, traffic(count(slot, direction)), Traffic::plus);
            }
            leaving.remove(leaving.size() - 1);
            programs.shut(slot);
        }
    }

    private Count count(int slot, Direction direction) throws LinuxException {
        return direction == Direction.UDP_TO_TUN ? programs.in(slot) : programs.out(slot);
    }

    private static Traffic traffic(Count count) {
        return new Traffic(count.packets(), count.bytes());
    }

    /**
     * All that was counted until now.
     *
     * @param drops behind the programs, by place
     */
    public synchronized KernelPath read(List<KernelPath.Hook> hooks, Map<String, Long> drops) throws LinuxException {
        long nowNanos = System.nanoTime();
        Instant now = Instant.now();
        Map<String, Map<Direction, Carried>> peers = new HashMap<>();
        for (Map.Entry<String, Integer> peer : slots.entrySet()) {
            Map<Direction, Carried> both = new EnumMap<>(Direction.class);
            for (Direction direction : Direction.values()) {
                Count count = count(peer.getValue(), direction);
                Instant last = count.packets() == 0 ? Instant.EPOCH : now.minusNanos(nowNanos - count.nanos());
                both.put(direction, new Carried(traffic(count), last));
            }
            peers.put(peer.getKey(), both);
        }
        return new KernelPath(hooks, verdicts(), peers, gone(), drops);
    }

    private Map<Direction, Traffic> gone() throws LinuxException {
        Map<Direction, Traffic> gone = new EnumMap<>(removed);
        for (int slot : leaving) {
            for (Direction direction : Direction.values()) {
                gone.merge(direction, traffic(count(slot, direction)), Traffic::plus);
            }
        }
        return gone;
    }

    private List<KernelPath.Verdict> verdicts() throws LinuxException {
        List<KernelPath.Verdict> verdicts = new ArrayList<>();
        for (Verdict verdict : Verdict.values()) {
            verdicts.add(new KernelPath.Verdict(
                    verdict.isIn() ? Direction.UDP_TO_TUN : Direction.TUN_TO_UDP,
                    verdict.label(),
                    outcome(verdict),
                    traffic(programs.count(verdict))));
        }
        return verdicts;
    }

    private static Outcome outcome(Verdict verdict) {
        if (verdict.isHandedOn()) {
            return Outcome.HANDED_ON;
        }
        return verdict == Verdict.OUT_LOST ? Outcome.LOST : Outcome.TAKEN;
    }
}
