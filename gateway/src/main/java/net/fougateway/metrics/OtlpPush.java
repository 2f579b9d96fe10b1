package net.fougateway.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.config.validate.Validated;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Pushes the meters of {@link MetricsPage} to an OpenTelemetry collector, in OTLP over HTTP, on a thread of its own. Only what constructs it
 * makes the JVM load OTLP.
 *
 * <p>The variables {@code OTEL_EXPORTER_OTLP_HEADERS}, for tokens, and {@code OTEL_RESOURCE_ATTRIBUTES} are followed, as Micrometer does.
 */
public final class OtlpPush implements AutoCloseable {

    private final Supplier<Snapshot> snapshots;
    private final OtlpSender sender;
    private final OtlpMeterRegistry registry;
    private final SnapshotMeters snapshotMeters;
    private final RuntimeMeters runtime;

    /**
     * Begins; the first push comes within {@code interval}.
     *
     * @param url where the collector takes metrics
     * @param snapshots asked once for each push, on the thread of the pushes
     * @param loops event loops to show too
     */
    public OtlpPush(URI url, Duration interval, Supplier<Snapshot> snapshots, List<EventLoops> loops) {
        this.snapshots = snapshots;
        synchronized (this) {
            sender = new OtlpSender(url, this::shown);
            registry = OtlpMeterRegistry.builder(new Config(url, interval))
                    .clock(Clock.SYSTEM)
                    .threadFactory(new DefaultThreadFactory("metrics-otlp", true))
                    .metricsSender(sender)
                    .build();
            snapshotMeters = new SnapshotMeters(registry);
            runtime = new RuntimeMeters(registry);
            loops.forEach(group -> group.bindTo(registry));
        }
    }

    private Snapshot shown() {
        return snapshotMeters.snapshot();
    }

    /** Waits for the end of the constructor, which the thread of the pushes may overtake. */
    private synchronized void showNext() {
        snapshotMeters.show(snapshots.get());
    }

    /** Pushes a last time, and waits for it no longer than a moment. */
    @Override
    public void close() {
        sender.hurry();
        registry.close();
        runtime.close();
    }

    private final class Config implements OtlpConfig {

        private final URI url;
        private final Duration interval;

        Config(URI url, Duration interval) {
            this.url = url;
            this.interval = interval;
        }

        @Override
        public String get(String key) {
            return null;
        }

        @Override
        public String url() {
            return url.toString();
        }

        @Override
        public Duration step() {
            return interval;
        }

        @Override
        public Map<String, String> resourceAttributes() {
            Map<String, String> attributes = new HashMap<>(OtlpConfig.super.resourceAttributes());
            attributes.putIfAbsent("service.name", "fou-gateway");
            attributes.putIfAbsent("service.version", Version.TEXT);
            return attributes;
        }

        /**
         * Micrometer asks for it once, when a push begins, which is the moment to take the snapshot. A push is one request, so that its sums
         * close.
         */
        @Override
        public int batchSize() {
            showNext();
            return Integer.MAX_VALUE;
        }

        /** The configuration has been checked; what Micrometer checks it asks for, see {@link #batchSize}. */
        @Override
        public Validated<?> validate() {
            return Validated.none();
        }
    }
}
