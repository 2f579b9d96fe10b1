package net.fougateway.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Micrometer's meters of the JVM, the process and Netty's allocator, in one registry. */
final class RuntimeMeters implements AutoCloseable {

    private static final Path PROCESS_STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final int KIB_BYTES = 1024;

    /** Micrometer tells allocators apart by hash code, which is another after each start; there is one. */
    private static final MeterFilter WITHOUT_HASH_CODE = new MeterFilter() {
        @Override
        public Meter.Id map(Meter.Id id) {
            return id.getName().startsWith("netty.allocator.")
                    ? id.replaceTags(id.getTags().stream()
                            .filter(tag -> !tag.getKey().equals("id"))
                            .toList())
                    : id;
        }
    };

    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Registers them. Garbage collections are counted from now on. */
    RuntimeMeters(MeterRegistry registry) {
        registry.config().meterFilter(WITHOUT_HASH_CODE);
        new JvmInfoMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        bindAllocator(registry);
        bindResidentMemory(registry);
    }

    private static void bindAllocator(MeterRegistry registry) {
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
            new NettyAllocatorMetrics(allocator).bindTo(registry);
        }
    }

    /** Micrometer has no meter for it. */
    private static void bindResidentMemory(MeterRegistry registry) {
        Gauge.builder("process.resident.memory", RuntimeMeters::residentBytes)
                .description("Resident memory of the process, the packet buffers included.")
                .baseUnit("bytes")
                .register(registry);
    }

    private static double residentBytes() {
        try {
            return Files.readAllLines(PROCESS_STATUS).stream()
                    .filter(line -> line.startsWith(RESIDENT))
                    .map(line ->
                            line.substring(RESIDENT.length()).replace("kB", "").strip())
                    .mapToDouble(kib -> Double.parseDouble(kib) * KIB_BYTES)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    @Override
    public void close() {
        collections.close();
    }
}
