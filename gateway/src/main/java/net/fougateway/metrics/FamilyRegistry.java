package net.fougateway.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.cumulative.CumulativeFunctionCounter;
import io.micrometer.core.instrument.internal.DefaultGauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Micrometer's registry for Prometheus, made for thousands of meters of one name. Micrometer builds a family of one series for each meter at
 * each scrape, and then merges them; here the labels are made once, and a scrape makes one family for each name, with a quarter of the garbage.
 */
final class FamilyRegistry extends PrometheusMeterRegistry {

    private static final String NAME_OF_INFO = ".info";

    private final Map<String, Family> families = new ConcurrentHashMap<>();

    /** Shows its meters in {@code prometheus}. */
    FamilyRegistry(PrometheusRegistry prometheus) {
        super(new Config(), prometheus, Clock.SYSTEM);
        config().onMeterRemoved(this::forget);
    }

    @Override
    protected <T> FunctionCounter newFunctionCounter(Meter.Id id, T object, ToDoubleFunction<T> value) {
        if (!isOfTheTable(id)) {
            return super.newFunctionCounter(id, object, value);
        }
        FunctionCounter counter = new CumulativeFunctionCounter<>(id, object, value);
        family(id).series.put(labels(id), counter::count);
        return counter;
    }

    @Override
    protected <T> Gauge newGauge(Meter.Id id, T object, ToDoubleFunction<T> value) {
        if (!isOfTheTable(id)) {
            return super.newGauge(id, object, value);
        }
        Gauge gauge = new DefaultGauge<>(id, object, value);
        family(id).series.put(labels(id), gauge::value);
        return gauge;
    }

    /** Those of others, and what is written in another way, is Micrometer's. */
    private static boolean isOfTheTable(Meter.Id id) {
        return id.getName().startsWith(Metric.METER_PREFIX) && !id.getName().endsWith(NAME_OF_INFO);
    }

    private Family family(Meter.Id id) {
        return families.computeIfAbsent(id.getName(), name -> {
            Family family = new Family(id.getType(), new MetricMetadata(getConventionName(id), id.getDescription()));
            getPrometheusRegistry().register(family);
            return family;
        });
    }

    private void forget(Meter meter) {
        Family family = families.get(meter.getId().getName());
        if (family != null) {
            family.series.remove(labels(meter.getId()));
        }
    }

    private static Labels labels(Meter.Id id) {
        return id.getTags().stream()
                .map(tag -> Labels.of(tag.getKey(), tag.getValue()))
                .reduce(Labels.EMPTY, Labels::merge);
    }

    /** As by default, but not looked up for every series of every page. */
    private static final class Config implements PrometheusConfig {

        @Override
        public String get(String key) {
            return null;
        }

        @Override
        public boolean descriptions() {
            return true;
        }
    }

    /** All meters of one name. */
    private static final class Family implements Collector {

        private final Meter.Type type;
        private final MetricMetadata metadata;
        private final Map<Labels, DoubleSupplier> series = new ConcurrentSkipListMap<>();

        Family(Meter.Type type, MetricMetadata metadata) {
            this.type = type;
            this.metadata = metadata;
        }

        @Override
        public MetricSnapshot collect() {
            return type == Meter.Type.COUNTER
                    ? new CounterSnapshot(metadata, counters())
                    : new GaugeSnapshot(metadata, gauges());
        }

        private List<CounterDataPointSnapshot> counters() {
            return series.entrySet().stream()
                    .map(one -> new CounterDataPointSnapshot(one.getValue().getAsDouble(), one.getKey(), null, 0))
                    .toList();
        }

        private List<GaugeDataPointSnapshot> gauges() {
            return series.entrySet().stream()
                    .map(one -> new GaugeDataPointSnapshot(one.getValue().getAsDouble(), one.getKey(), null))
                    .toList();
        }
    }
}
