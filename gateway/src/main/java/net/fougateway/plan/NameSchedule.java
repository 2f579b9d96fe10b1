package net.fougateway.plan;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.fougateway.plan.NamedPeers.PeerAtName;

/**
 * When host names are looked up again: each once a minute, since nobody tells how long an answer holds; every five seconds while a peer has
 * no address, and after it could not be reached.
 */
public final class NameSchedule {

    static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(60);
    static final long HURRY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final LongSupplier clock;
    private final Map<String, Long> lookedUpAt = new HashMap<>();
    private final Set<String> outOfReach = new HashSet<>();

    /**
     * Begins; a name counts as looked up when it is seen for the first time.
     *
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public NameSchedule(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * The names to look up now, which count as looked up then.
     *
     * @param peersOutOfReach names of peers that could not be reached since this was last asked
     */
    public List<String> due(NamedPeers peers, Collection<String> peersOutOfReach) {
        long now = clock.getAsLong();
        Set<String> wanted = new HashSet<>();
        Set<String> urgent = new HashSet<>();
        peers.addresses().forEach((key, address) -> {
            wanted.add(key.name());
            if (address.isEmpty()) {
                urgent.add(key.name());
            }
        });
        noteOutOfReach(peers, Set.copyOf(peersOutOfReach));
        urgent.addAll(outOfReach);
        lookedUpAt.keySet().retainAll(wanted);
        wanted.forEach(name -> lookedUpAt.putIfAbsent(name, now));
        List<String> due = wanted.stream()
                .filter(name -> now - lookedUpAt.get(name) >= (urgent.contains(name) ? HURRY_NANOS : PERIOD_NANOS))
                .toList();
        due.forEach(name -> lookedUpAt.put(name, now));
        due.forEach(outOfReach::remove);
        return due;
    }

    /** Until they are looked up, which may have to wait. */
    private void noteOutOfReach(NamedPeers peers, Set<String> names) {
        if (!names.isEmpty()) {
            peers.addresses().keySet().stream()
                    .filter(key -> names.contains(key.peer()))
                    .map(PeerAtName::name)
                    .forEach(outOfReach::add);
        }
    }
}
