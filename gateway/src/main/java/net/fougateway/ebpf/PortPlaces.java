package net.fougateway.ebpf;

import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Where the source ports of each pool are in the map of the programs. A pool stays where it is, as long as it is. Not thread-safe. */
public final class PortPlaces {

    private record Span(int first, int count) {

        int end() {
            return first + count;
        }
    }

    private final int room;
    private final IdentityHashMap<Object, Span> spans = new IdentityHashMap<>();

    /** None yet, of so many ports at most. */
    public PortPlaces(int room) {
        this.room = room;
    }

    /** The first place of a pool of so many ports; nothing where there is no room for it. */
    public OptionalInt first(Object pool, int count) {
        Span span = spans.get(pool);
        if (span == null) {
            int gap = gap(count);
            if (gap + count > room) {
                return OptionalInt.empty();
            }
            span = new Span(gap, count);
            spans.put(pool, span);
        }
        return OptionalInt.of(span.first());
    }

    private int gap(int count) {
        List<Span> sorted = spans.values().stream()
                .sorted(Comparator.comparingInt(Span::first))
                .toList();
        int at = 0;
        for (Span span : sorted) {
            if (at + count <= span.first()) {
                return at;
            }
            at = span.end();
        }
        return at;
    }

    /** Forgets the pools that are not among these. */
    public void retain(Set<?> pools) {
        spans.keySet().retainAll(pools);
    }
}
