package net.fougateway.path;

import io.netty.channel.Channel;
import java.io.IOException;
import java.util.function.Consumer;
import net.fougateway.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What must not happen on the packet path, and does: an exception costs the batch that it happens in, an {@link Error} ends the gateway. */
final class Accidents {

    private static final Logger log = LoggerFactory.getLogger(Accidents.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.ERROR, "failures on the packet path");

    private final Consumer<String> end;

    /** Accidents that end the gateway by {@code end}, which takes the reason. */
    Accidents(Consumer<String> end) {
        this.end = end;
    }

    /** Logs an exception that cost packets; the caller counts them. */
    void survived(RuntimeException failure) {
        if (LIMIT.permits()) {
            log.error("packets were lost by a fault of the gateway, counted as internal_error", failure);
        }
    }

    /** Takes what reached the end of a channel's pipeline. */
    void caught(Channel channel, Throwable failure) {
        if (failure instanceof IOException) {
            log.error("{}: {}", channel.localAddress(), failure.getMessage());
        } else if (failure instanceof RuntimeException exception) {
            survived(exception);
        } else {
            end.accept(channel.localAddress() + ": " + failure);
        }
    }
}
