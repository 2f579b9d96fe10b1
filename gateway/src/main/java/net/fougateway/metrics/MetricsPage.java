package net.fougateway.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.fougateway.metrics.Metric.Sample;

/**
 * The {@code /metrics} page: the rows of {@link Metric}, and Micrometer's meters of the JVM, the process and Netty. Meters are made for the
 * first page, so that a start does not wait for them.
 */
public final class MetricsPage implements AutoCloseable {

    private final Supplier<Snapshot> snapshots;
    private final List<EventLoops> loops = new ArrayList<>();
    private final ExpositionFormatWriter openMetrics =
            OpenMetricsTextFormatWriter.builder().build();
    private final ExpositionFormatWriter plainText =
            PrometheusTextFormatWriter.builder().build();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Meters meters;

    /** A page that shows what {@code snapshots} answers at each scrape. */
    public MetricsPage(Supplier<Snapshot> snapshots) {
        this.snapshots = snapshots;
    }

    /** Shows event loops too. */
    public synchronized void watch(EventLoops eventLoops) {
        loops.add(eventLoops);
        if (meters != null) {
            eventLoops.bindTo(meters.registry);
        }
    }

    /** The event loops shown. */
    public synchronized List<EventLoops> watched() {
        return List.copyOf(loops);
    }

    /**
     * The page as of now.
     *
     * @param accept the request's Accept header, null when there is none; OpenMetrics is written only when asked for
     */
    public Page render(String accept) {
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : plainText;
        return new Page(writer.getContentType(), write(writer));
    }

    /** Into a buffer that stays, so that a page of many peers does not leave many copies of itself behind. */
    private synchronized byte[] write(ExpositionFormatWriter writer) {
        body.reset();
        try {
            writer.write(body, scrape());
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return body.toByteArray();
    }

    private MetricSnapshots scrape() {
        if (meters == null) {
            meters = new Meters();
            loops.forEach(group -> group.bindTo(meters.registry));
        }
        return meters.scrape(snapshots.get());
    }

    /** Lets go of what the JVM tells about garbage collections. */
    @Override
    public synchronized void close() {
        if (meters != null) {
            meters.runtime.close();
        }
    }

    private static final class Meters {

        private final PrometheusRegistry prometheus = new PrometheusRegistry();
        private final PrometheusMeterRegistry registry = new FamilyRegistry(prometheus);
        private final SnapshotMeters snapshotMeters = new SnapshotMeters(registry);
        private final RuntimeMeters runtime = new RuntimeMeters(registry);

        Meters() {
            registry.throwExceptionOnRegistrationFailure();
            Arrays.stream(Metric.values())
                    .filter(metric -> metric.type() == Metric.Type.HISTOGRAM)
                    .forEach(metric -> prometheus.register(() -> histogram(metric)));
        }

        MetricSnapshots scrape(Snapshot snapshot) {
            snapshotMeters.show(snapshot);
            return prometheus.scrape();
        }

        private HistogramSnapshot histogram(Metric metric) {
            return new HistogramSnapshot(
                    new MetricMetadata(metric.fullName(), metric.help()),
                    metric.samples(snapshotMeters.snapshot())
                            .map(sample -> histogram(metric, sample))
                            .toList());
        }

        private static HistogramDataPointSnapshot histogram(Metric metric, Sample sample) {
            return HistogramDataPointSnapshot.builder()
                    .labels(Labels.of(metric.labels(), sample.labelValues()))
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds(sample), sample.bucketCounts()))
                    .sum(sample.value())
                    .build();
        }

        private static List<Double> bounds(Sample sample) {
            return Stream.concat(sample.bounds().stream(), Stream.of(Double.POSITIVE_INFINITY))
                    .toList();
        }
    }

    /**
     * A rendered page.
     *
     * @param contentType for the response header
     * @param body in UTF-8
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Page(String contentType, byte[] body) {}
}
