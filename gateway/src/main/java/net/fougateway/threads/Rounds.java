package net.fougateway.threads;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.fougateway.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A thread that does the same again and again. What goes wrong in one round is logged, and does not keep the next one from coming; an
 * {@link Error} ends the thread.
 */
public final class Rounds implements AutoCloseable {

    /** What is done in one round. */
    public interface Round {
        /** Does it; {@link InterruptedException} when the thread is to end. */
        void run() throws Exception;
    }

    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final long STUCK_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long LAST_ROUND_MILLIS = 3000;

    private final String name;
    private final long pauseMillis;
    private final Round round;
    private final LogLimit limit;
    private final Thread thread;
    private final CompletableFuture<String> death = new CompletableFuture<>();
    private volatile long lastNanos = System.nanoTime();
    private volatile boolean closed;

    private Rounds(long pauseMillis, String name, Round round) {
        this.name = name;
        this.pauseMillis = pauseMillis;
        this.round = round;
        limit = LogLimit.of(log, Level.WARN, "failures of thread " + name);
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /**
     * Begins.
     *
     * @param pauseMillis before each round
     * @param name of the thread
     */
    public static Rounds every(long pauseMillis, String name, Round round) {
        Rounds rounds = new Rounds(pauseMillis, name, round);
        rounds.thread.start();
        return rounds;
    }

    private void run() {
        while (!closed) {
            try {
                Thread.sleep(pauseMillis);
                round.run();
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                tell(e);
            } catch (Error e) {
                death.complete("thread " + name + ": " + e);
                throw e;
            }
            lastNanos = System.nanoTime();
        }
    }

    private void tell(Exception e) {
        if (limit.permits()) {
            log.warn("thread {} goes on after a failure", name, e);
        }
    }

    /** Name of the thread. */
    public String name() {
        return name;
    }

    /** Complete, with the reason, when an {@link Error} has ended it. */
    public CompletableFuture<String> death() {
        return death;
    }

    /** True while it comes round; false when it has ended without having been asked to, or when one round takes more than a minute. */
    public boolean isRunning() {
        boolean comesRound = System.nanoTime() - lastNanos < STUCK_NANOS + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        return closed || (thread.isAlive() && comesRound);
    }

    /** Ends it, without waiting. */
    public void stop() {
        closed = true;
        thread.interrupt();
    }

    /** Ends it, and waits for the end of a round under way, for a few seconds at most. */
    @Override
    public void close() {
        stop();
        try {
            thread.join(LAST_ROUND_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
