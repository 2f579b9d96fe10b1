package net.fougateway.cli;

import java.util.function.Consumer;
import net.fougateway.Rounds;
import net.fougateway.config.ConfigFile;

/**
 * Tells when a configuration file is not what it was, or on SIGHUP, on a thread of its own. Looks at the content itself, so that it does
 * not matter how the file came to be another: written over, renamed to, or by a symbolic link in its path that was exchanged, as Kubernetes
 * does. New content counts when it has not changed for a moment, so that a file half written is not taken; that the file is missing, when
 * it has been for ten seconds.
 */
final class ConfigWatch {

    private static final long PERIOD_MILLIS = 500;
    private static final int LOOKS_WHEN_MISSING = 20;

    private final Consumer<ConfigFile> changed;
    private ConfigFile known;
    private ConfigFile seen;
    private int looks;

    /**
     * Watches what happens to {@code known}.
     *
     * @param changed gets the file as it is now
     */
    ConfigWatch(ConfigFile known, Consumer<ConfigFile> changed) {
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
            known = seen;
            changed.accept(seen);
        }
    }

    /** True when the file is another, and has stayed so for long enough. */
    boolean look() {
        ConfigFile now = known.readAgain();
        looks = now.isSameAs(seen) ? looks + 1 : 0;
        seen = now;
        if (looks < (now.isMissing() ? LOOKS_WHEN_MISSING : 1) || now.isSameAs(known)) {
            return false;
        }
        known = now;
        return true;
    }
}
