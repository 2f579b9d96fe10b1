package net.fougateway.host;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import net.fougateway.route.Prefix;

/** Prefixes that tell whether one of them covers another. The cost of a question grows with their different lengths, not their number. */
final class PrefixCover {

    private final Set<Prefix> prefixes = new HashSet<>();
    private final Map<Boolean, SortedSet<Integer>> lengths = Map.of(true, new TreeSet<>(), false, new TreeSet<>());

    /** A cover of these; their host bits do not matter. */
    PrefixCover(Collection<Prefix> of) {
        for (Prefix prefix : of) {
            prefixes.add(prefix.masked());
            lengths.get(prefix.isIpv4()).add(prefix.length());
        }
    }

    /** True when every address of {@code inner} is one of a prefix of the cover. */
    boolean covers(Prefix inner) {
        return lengths.get(inner.isIpv4()).headSet(inner.length() + 1).stream()
                .anyMatch(length -> prefixes.contains(new Prefix(inner.address(), length).masked()));
    }
}
