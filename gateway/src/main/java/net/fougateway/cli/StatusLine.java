package net.fougateway.cli;

import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import net.fougateway.codec.Direction;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshot.Condition;

/** A running gateway in one line: problems first, then peers and traffic, with rates since the line before. */
final class StatusLine {

    private static final double SHORTEST_SECONDS = 0.001;

    private Snapshot before;
    private long beforeNanos;

    /**
     * The line for {@code now}.
     *
     * @param nanoTime when that was, by {@link System#nanoTime}
     */
    synchronized String next(Snapshot now, long nanoTime) {
        Snapshot earlier = before == null ? now : before;
        double seconds = Math.max(SHORTEST_SECONDS, (nanoTime - beforeNanos) / 1e9);
        before = now;
        beforeNanos = nanoTime;
        ToLongFunction<Snapshot> received = snapshot -> forwarded(snapshot, Direction.UDP_TO_TUN);
        ToLongFunction<Snapshot> sent = snapshot -> forwarded(snapshot, Direction.TUN_TO_UDP);
        return problems(now)
                + now.peers().size()
                + (now.peers().size() == 1 ? " peer" : " peers")
                + ", received " + rate(received, earlier, now, seconds)
                + " packets/s, sent " + rate(sent, earlier, now, seconds)
                + " packets/s, dropped " + rate(StatusLine::dropped, earlier, now, seconds)
                + " packets/s, " + Humane.exact(dropped(now)) + " in all";
    }

    private static String problems(Snapshot now) {
        String unmet = now.conditions().stream()
                .filter(condition -> !condition.met())
                .map(Condition::sentence)
                .map(sentence -> "NOT READY: " + sentence + "; ")
                .collect(Collectors.joining());
        return now.reloads().lastSuccessful()
                ? unmet
                : unmet + "NEW CONFIGURATION REFUSED, the one before holds: see the log; ";
    }

    private static String rate(ToLongFunction<Snapshot> packets, Snapshot earlier, Snapshot now, double seconds) {
        return Humane.scaled((packets.applyAsLong(now) - packets.applyAsLong(earlier)) / seconds, "");
    }

    private static long forwarded(Snapshot snapshot, Direction direction) {
        return snapshot.flows().get(direction).forwarded().packets();
    }

    private static long dropped(Snapshot snapshot) {
        return snapshot.flows().values().stream()
                .mapToLong(flow -> flow.dropped().packets())
                .sum();
    }
}
