package net.fougateway.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.netty4.NettyEventExecutorMetrics;
import io.netty.util.concurrent.EventExecutor;

/**
 * Event loops whose meters are shown. Only counters that any thread may read are read.
 *
 * @param group what they are there for, the label {@code group}
 * @param executors they must run
 */
public record EventLoops(String group, Iterable<EventExecutor> executors) {

    void bindTo(MeterRegistry registry) {
        new NettyEventExecutorMetrics(executors, Tags.of("group", group)).bindTo(registry);
    }
}
