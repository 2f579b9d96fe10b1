package net.fougateway.metrics;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
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
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Micrometer's meters of the JVM, the process and Netty's allocator, in one registry. */
final class RuntimeMeters implements AutoCloseable {

    private static final Path PROCESS_STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final int KIB_BYTES = 1024;

    private static final String CPU_TIME = "process.cpu.time";
    private static final double NANOS = 1e9;

    /** For meters that Micrometer leaves without. */
    private static final Map<String, String> HELP = Map.of(
            "netty.allocator.memory.used", "Memory that Netty's allocator holds.",
            "netty.allocator.memory.pinned", "Memory of Netty's allocator that is in use.",
            "netty.eventexecutor.tasks.pending", "Tasks that wait for the event loop.",
            "netty.eventexecutor.workers", "Event loops of the group.");

    /**
     * What Prometheus' naming rules find fault with in Micrometer's names. Allocators are told apart by hash code there, which is another after
     * each start; there is one.
     */
    private static final MeterFilter BY_THE_RULES = new MeterFilter() {
        @Override
        public Meter.Id map(Meter.Id id) {
            String name = id.getName().equals("system.cpu.count") ? "system.cpus" : id.getName();
            Tags tags = Tags.of(id.getTags().stream()
                    .filter(tag -> !name.startsWith("netty.allocator.")
                            || !tag.getKey().equals("id"))
                    .toList());
            return new Meter.Id(
                    name, tags, id.getBaseUnit(), HELP.getOrDefault(name, id.getDescription()), id.getType());
        }

        @Override
        public MeterFilterReply accept(Meter.Id id) {
            return id.getName().equals(CPU_TIME) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
        }
    };

    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Registers them. Garbage collections are counted from now on. */
    RuntimeMeters(MeterRegistry registry) {
        registry.config().meterFilter(BY_THE_RULES);
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
        bindProcessorTime(registry);
    }

    /** Micrometer's is in nanoseconds, and Prometheus' base unit is the second. */
    private static void bindProcessorTime(MeterRegistry registry) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean process) {
            FunctionCounter.builder("process.cpu", process, bean -> bean.getProcessCpuTime() / NANOS)
                    .description("Processor time that the process has taken, all threads together.")
                    .baseUnit("seconds")
                    .register(registry);
        }
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
