package net.fougateway.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * A {@link LogLimit} for each message of the libraries, such as Netty's {@code exceptionCaught() event was fired}: they cannot know that a
 * packet caused it. The gateway's own places have their own limits.
 */
public final class LibraryLogLimit extends TurboFilter {

    private static final String OURS = "net.fougateway.";
    private static final int MOST_MESSAGES = 256;
    private static final String ALL_OTHERS = "other messages of libraries";
    private static final org.slf4j.Logger log = LoggerFactory.getLogger(LibraryLogLimit.class);

    private final Map<String, LogLimit> limits = new ConcurrentHashMap<>();

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String format, Object[] parameters, Throwable thrown) {
        boolean written = format != null && logger.getEffectiveLevel().levelInt <= level.levelInt;
        return !written
                        || logger.getName().startsWith(OURS)
                        || limit(logger, format).permits()
                ? FilterReply.NEUTRAL
                : FilterReply.DENY;
    }

    private LogLimit limit(Logger logger, String format) {
        String message = logger.getName() + " \"" + format + "\"";
        boolean known = limits.containsKey(message) || limits.size() < MOST_MESSAGES;
        return limits.computeIfAbsent(
                known ? message : ALL_OTHERS, subject -> LogLimit.of(log, org.slf4j.event.Level.WARN, subject));
    }
}
