package net.fougateway.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.fougateway.metrics.Metric.Sample;

/** The {@code /metrics} page: the rows of {@link Metric}, and the JVM's and the process's standard metrics. */
public final class MetricsPage {

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();

    /** A page that shows what {@code snapshots} answers at each scrape. */
    public MetricsPage(Supplier<Snapshot> snapshots) {
        registry.register(() -> collect(snapshots.get()));
        JvmMetrics.builder().register(registry);
    }

    /**
     * The page as of now.
     *
     * @param accept the request's Accept header, null when there is none; OpenMetrics is written only when asked for
     */
    public Page render(String accept) {
        ExpositionFormatWriter writer = writer(accept);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            writer.write(body, registry.scrape());
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return new Page(writer.getContentType(), body.toByteArray());
    }

    private ExpositionFormatWriter writer(String accept) {
        ExpositionFormatWriter openMetrics = formats.getOpenMetricsTextFormatWriter();
        return openMetrics.accepts(accept) ? openMetrics : formats.getPrometheusTextFormatWriter();
    }

    private static MetricSnapshots collect(Snapshot snapshot) {
        return new MetricSnapshots(
                Arrays.stream(Metric.values()).map(m -> collect(m, snapshot)).toList());
    }

    private static MetricSnapshot collect(Metric metric, Snapshot snapshot) {
        List<Sample> samples = metric.samples(snapshot).toList();
        return switch (metric.type()) {
            case COUNTER ->
                new CounterSnapshot(
                        metadata(metric, "_total"),
                        points(samples, s -> new CounterDataPointSnapshot(s.value(), labels(metric, s), null, 0)));
            case GAUGE ->
                new GaugeSnapshot(
                        metadata(metric, ""),
                        points(samples, s -> new GaugeDataPointSnapshot(s.value(), labels(metric, s), null)));
            case HISTOGRAM -> new HistogramSnapshot(metadata(metric, ""), points(samples, s -> histogram(metric, s)));
            case INFO ->
                new InfoSnapshot(
                        metadata(metric, "_info"), points(samples, s -> new InfoDataPointSnapshot(labels(metric, s))));
        };
    }

    private static <P extends DataPointSnapshot> List<P> points(List<Sample> samples, Function<Sample, P> point) {
        return samples.stream().map(point).toList();
    }

    private static HistogramDataPointSnapshot histogram(Metric metric, Sample sample) {
        List<Double> bounds = Stream.concat(
                        Snapshot.BATCH_BOUNDS.stream().map(Integer::doubleValue), Stream.of(Double.POSITIVE_INFINITY))
                .toList();
        return HistogramDataPointSnapshot.builder()
                .labels(labels(metric, sample))
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, sample.bucketCounts()))
                .sum(sample.value())
                .build();
    }

    private static MetricMetadata metadata(Metric metric, String suffix) {
        String name = metric.fullName();
        return new MetricMetadata(name.substring(0, name.length() - suffix.length()), metric.help());
    }

    private static Labels labels(Metric metric, Sample sample) {
        return Labels.of(metric.labels(), sample.labelValues());
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
