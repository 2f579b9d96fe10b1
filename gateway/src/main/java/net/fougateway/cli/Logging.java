package net.fougateway.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import net.fougateway.config.LogSettings;
import net.fougateway.log.StandardErrorLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets the log up as the configuration says. */
final class Logging {

    private Logging() {}

    static void configure(LogSettings log) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(log.level().name()));
        Appender<ILoggingEvent> appender = root.getAppender(StandardErrorLog.APPENDER);
        if (log.format() == LogSettings.Format.JSON && appender instanceof OutputStreamAppender<ILoggingEvent> stream) {
            JsonEncoder encoder = new JsonEncoder();
            encoder.setContext(context);
            encoder.start();
            stream.setEncoder(encoder);
        }
    }
}
