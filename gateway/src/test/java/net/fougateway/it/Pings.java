package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Echo requests one after the other, of which none may be lost. */
final class Pings {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern ANSWER = Pattern.compile("icmp_seq=(\\d+) ttl=");

    private Pings() {}

    /**
     * Sends {@code count} of them.
     *
     * @param interval seconds between two
     */
    static Command.Result send(Namespace from, String to, String interval, int count) throws IOException {
        return from.run(LIMIT, "ping", "-n", "-i", interval, "-c", Integer.toString(count), to);
    }

    /** Sends them until it is enough, or one is lost. */
    static Void sendUntil(AtomicBoolean enough, Namespace from, String to, String interval) throws IOException {
        int count = (int) (1 / Double.parseDouble(interval));
        while (!enough.get()) {
            assertNoneLost(send(from, to, interval, count), count);
        }
        return null;
    }

    /** Fails when one is lost, but for some at the very end: ping(8) waits no longer for the last ones than it waited for others. */
    static void assertNoneLost(Command.Result pings, int count) {
        List<Integer> answered = ANSWER.matcher(pings.output())
                .results()
                .map(answer -> Integer.parseInt(answer.group(1)))
                .distinct()
                .sorted()
                .toList();
        assertThat(answered)
                .as("%s", pings)
                .hasSizeGreaterThan(count * 3 / 4)
                .isEqualTo(IntStream.rangeClosed(1, answered.size()).boxed().toList());
    }
}
