package net.fougateway.metrics;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.fougateway.metrics.Metric.Sample;

/** The histograms of {@link Metric} in OTLP's words; {@link SnapshotMeters} says why they are not Micrometer's. */
final class OtlpHistograms {

    private OtlpHistograms() {}

    static List<io.opentelemetry.proto.metrics.v1.Metric> of(Snapshot snapshot) {
        return Arrays.stream(Metric.values())
                .filter(metric -> metric.type() == Metric.Type.HISTOGRAM)
                .map(metric -> histogram(metric, snapshot))
                .toList();
    }

    private static io.opentelemetry.proto.metrics.v1.Metric histogram(Metric metric, Snapshot snapshot) {
        Histogram.Builder histogram = Histogram.newBuilder()
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        metric.samples(snapshot).map(sample -> point(metric, snapshot, sample)).forEach(histogram::addDataPoints);
        return io.opentelemetry.proto.metrics.v1.Metric.newBuilder()
                .setName(metric.meterName())
                .setDescription(metric.help())
                .setHistogram(histogram)
                .build();
    }

    private static HistogramDataPoint point(Metric metric, Snapshot snapshot, Sample sample) {
        HistogramDataPoint.Builder point = HistogramDataPoint.newBuilder()
                .setStartTimeUnixNano(nanos(snapshot.startedAt()))
                .setTimeUnixNano(nanos(Instant.now()))
                .setCount(sample.bucketCounts().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .setSum(sample.value())
                .addAllExplicitBounds(sample.bounds())
                .addAllBucketCounts(sample.bucketCounts());
        SnapshotMeters.tags(metric, sample)
                .forEach(tag -> point.addAttributes(KeyValue.newBuilder()
                        .setKey(tag.getKey())
                        .setValue(AnyValue.newBuilder().setStringValue(tag.getValue()))));
        return point.build();
    }

    private static long nanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }
}
