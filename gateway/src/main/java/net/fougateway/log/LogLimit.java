package net.fougateway.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Keeps one place in the code from flooding the log with what a packet, a peer or a client of the admin port can cause: ten lines a minute
 * are permitted, and the minute ends with a line that says how many were left out.
 *
 * <pre>{@code
 * private static final LogLimit LIMIT = LogLimit.of(log, Level.INFO, "path MTUs that routers told");
 * ...
 * if (LIMIT.permits()) {
 *     log.info("peer {}: a router says that the path MTU is {} bytes", name, bytes);
 * }
 * }</pre>
 *
 * Any thread may ask. A refusal allocates nothing.
 */
public final class LogLimit {

    /** Lines a minute. */
    public static final int LINES = 10;

    static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Runs something later. */
    interface Timer {
        void after(long nanos, Runnable task);
    }

    private final LongConsumer report;
    private final Timer timer;
    private long asked;

    LogLimit(LongConsumer report, Timer timer) {
        this.report = report;
        this.timer = timer;
    }

    /**
     * A limit for one place in the code.
     *
     * @param log where the number of lines left out goes, at {@code level}
     * @param subject what the lines are about, in the plural
     */
    public static LogLimit of(Logger log, Level level, String subject) {
        return new LogLimit(
                leftOut -> log.atLevel(level).log("{}: … and {} more in the last minute", subject, leftOut),
                (nanos, task) -> CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS)
                        .execute(task));
    }

    /** True when the line may be written; false when it is only counted. */
    public synchronized boolean permits() {
        if (asked == 0) {
            timer.after(PERIOD_NANOS, this::endPeriod);
        }
        asked++;
        return asked <= LINES;
    }

    private void endPeriod() {
        long leftOut = takeLeftOut();
        if (leftOut > 0) {
            report.accept(leftOut);
        }
    }

    private synchronized long takeLeftOut() {
        long leftOut = asked - LINES;
        asked = 0;
        return leftOut;
    }
}
