package net.fougateway.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.fougateway.metrics.Metric.Sample;

/**
 * The rows of {@link Metric} as meters of one registry, which all show the {@link Snapshot} shown last. A meter exists as long as its series
 * is in the snapshots; only what comes and goes is registered and removed.
 *
 * <p>Histograms are not among them: Micrometer's are made by recording value by value, and the workers have counted already. Each registry
 * takes them from {@link #snapshot} in its own way.
 *
 * <p>Whoever shows snapshots and reads the meters holds one lock, so that no page mixes two snapshots.
 */
final class SnapshotMeters {

    private final MeterRegistry registry;
    private final Map<Metric, Map<List<String>, Series>> series = new EnumMap<>(Metric.class);
    private Snapshot snapshot;
    private long round;

    SnapshotMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** The one shown last. */
    Snapshot snapshot() {
        return snapshot;
    }

    /** From now on the meters are those of {@code next}, with its values. */
    void show(Snapshot next) {
        snapshot = next;
        round++;
        for (Metric metric : Metric.values()) {
            if (metric.type() != Metric.Type.HISTOGRAM) {
                show(metric);
            }
        }
    }

    private void show(Metric metric) {
        Map<List<String>, Series> known = series.computeIfAbsent(metric, row -> new HashMap<>());
        metric.samples(snapshot)
                .forEach(sample -> known.computeIfAbsent(sample.labelValues(), values -> new Series(metric, sample))
                        .show(sample));
        known.values().removeIf(Series::isGone);
    }

    /** One series. The registry holds its meter, and the meter it, weakly. */
    private final class Series {

        private final Meter meter;
        private double value;
        private long shownInRound;

        Series(Metric metric, Sample sample) {
            String name = metric.meterName();
            Iterable<Tag> tags = tags(metric, sample);
            meter = metric.type() == Metric.Type.COUNTER
                    ? FunctionCounter.builder(name, this, Series::value)
                            .tags(tags)
                            .description(metric.help())
                            .register(registry)
                    : Gauge.builder(name, this, Series::value)
                            .tags(tags)
                            .description(metric.help())
                            .register(registry);
        }

        private double value() {
            return value;
        }

        void show(Sample sample) {
            value = sample.value();
            shownInRound = round;
        }

        boolean isGone() {
            boolean gone = shownInRound != round;
            if (gone) {
                registry.remove(meter);
            }
            return gone;
        }
    }

    static List<Tag> tags(Metric metric, Sample sample) {
        return IntStream.range(0, metric.labels().size())
                .mapToObj(
                        i -> Tag.of(metric.labels().get(i), sample.labelValues().get(i)))
                .toList();
    }
}
