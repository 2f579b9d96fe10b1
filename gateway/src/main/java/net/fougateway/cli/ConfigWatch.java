package net.fougateway.cli;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import net.fougateway.config.ConfigFile;
import net.fougateway.threads.Rounds;

/**
 * Tells when a configuration file, or one that it names, is not what it was, or on SIGHUP, on a thread of its own. Looks at the content
 * itself, so that it does not matter how the file came to be another: written over, renamed to, or by a symbolic link in its path that was
 * exchanged, as Kubernetes does. New content counts when it has not changed for a moment, so that a file half written is not taken; that a
 * file is missing, when it has been for ten seconds.
 */
final class ConfigWatch {

    private static final long PERIOD_MILLIS = 500;
    private static final int LOOKS_WHEN_MISSING = 20;

    private final UnaryOperator<List<ConfigFile>> changed;
    private List<ConfigFile> known;
    private List<ConfigFile> seen;
    private int looks;

    /**
     * Watches what happens to {@code known}.
     *
     * @param changed gets the files as they are now, and answers which to watch from now on, as it has read them
     */
    ConfigWatch(List<ConfigFile> known, UnaryOperator<List<ConfigFile>> changed) {
        this.changed = changed;
        this.known = known;
        seen = known;
    }

    /** Begins. */
    Rounds start() {
        return Rounds.every(0, "config-watch", this::round);
    }

    private void round() throws InterruptedException {
        boolean signalled = Hangups.await(PERIOD_MILLIS);
        if (look() || signalled) {
            known = changed.apply(seen);
            seen = known;
            looks = 0;
        }
    }

    /** True when a file is another, and all have stayed as they are for long enough. */
    boolean look() {
        List<ConfigFile> now = known.stream().map(ConfigFile::readAgain).toList();
        looks = areSame(now, seen) ? looks + 1 : 0;
        seen = now;
        boolean missing = now.stream().anyMatch(ConfigFile::isMissing);
        if (looks < (missing ? LOOKS_WHEN_MISSING : 1) || areSame(now, known)) {
            return false;
        }
        known = now;
        return true;
    }

    private static boolean areSame(List<ConfigFile> some, List<ConfigFile> others) {
        return IntStream.range(0, some.size()).allMatch(i -> some.get(i).isSameAs(others.get(i)));
    }
}
