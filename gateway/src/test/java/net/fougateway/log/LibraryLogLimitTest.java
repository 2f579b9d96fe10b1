package net.fougateway.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The limit that the log puts on messages of libraries. */
class LibraryLogLimitTest {

    private static final int TIMES = 948;

    private final LoggerContext context = new LoggerContext();

    private List<ILoggingEvent> logged(String logger) {
        context.setMDCAdapter(new LogbackMDCAdapter());
        StandardErrorLog.install(context);
        ListAppender<ILoggingEvent> list = new ListAppender<>();
        list.start();
        var root = context.getLogger("ROOT");
        root.detachAndStopAllAppenders();
        root.addAppender(list);
        for (int i = 0; i < TIMES; i++) {
            context.getLogger(logger).warn("exceptionCaught() event was fired", new IllegalStateException());
            context.getLogger(logger).debug("not written, and so not counted");
        }
        return list.list;
    }

    @Test
    void aMessageOfNettyIsLimited() {
        assertThat(logged("io.netty.channel.DefaultChannelPipeline")).hasSize(LogLimit.LINES);
    }

    @Test
    void ourOwnPlacesHaveTheirOwnLimits() {
        assertThat(logged("net.fougateway.Gateway")).hasSize(TIMES);
    }
}
