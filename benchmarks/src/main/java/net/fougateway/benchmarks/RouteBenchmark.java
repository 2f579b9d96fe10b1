package net.fougateway.benchmarks;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Prefix;
import net.fougateway.route.RouteCache;
import net.fougateway.route.RouteTable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Look-up of an address that some prefix of a large table covers, another one each time. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class RouteBenchmark {

    private static final int LOOKUPS = 1 << 16;
    private static final int[] IPV4_LENGTHS = {24, 26, 28};
    private static final int[] IPV6_LENGTHS = {48, 56, 64};

    @Param({"1", "1000", "100000"})
    int prefixes;

    @Param({"4", "6"})
    int version;

    /** {@code dense}: all in 10.0.0.0/8 or fd00:42::/32; {@code anywhere}: over all addresses. */
    @Param({"dense", "anywhere"})
    String where;

    /** How many addresses take turns: the more, the less of the table is in the processor's caches. */
    @Param({"1000", "65536"})
    int hosts;

    private final long[] high = new long[LOOKUPS];
    private final long[] low = new long[LOOKUPS];
    private RouteTable table;
    private RouteCache cache;
    private int next;

    /** Makes the table, and addresses that it has. */
    @Setup
    public void build() {
        Random random = new Random(1);
        Map<Prefix, Integer> routes = new HashMap<>();
        InetAddress[] covered = new InetAddress[prefixes];
        int[] lengths = version == 4 ? IPV4_LENGTHS : IPV6_LENGTHS;
        while (routes.size() < prefixes) {
            InetAddress address = address(random);
            covered[routes.size()] = address;
            routes.putIfAbsent(new Prefix(address, lengths[routes.size() % lengths.length]).masked(), routes.size());
        }
        table = new RouteTable(routes);
        cache = new RouteCache(table);
        for (int i = 0; i < LOOKUPS; i++) {
            InetAddress address = covered[random.nextInt(prefixes)];
            high[i] = i < hosts ? AddressBits.high(address) : high[i % hosts];
            low[i] = i < hosts ? AddressBits.low(address) : low[i % hosts];
        }
    }

    private InetAddress address(Random random) {
        byte[] bytes = new byte[version == 4 ? 4 : 16];
        random.nextBytes(bytes);
        if (where.equals("dense")) {
            byte[] start = version == 4 ? new byte[] {10} : new byte[] {(byte) 0xfd, 0, 0, 0x42};
            System.arraycopy(start, 0, bytes, 0, start.length);
        }
        return AddressBits.address(bytes);
    }

    /** One look-up in the table. */
    @Benchmark
    public int table() {
        next = (next + 1) & (LOOKUPS - 1);
        return table.lookup(version == 4, high[next], low[next]);
    }

    /** One look-up as a worker does it. */
    @Benchmark
    public int cached() {
        next = (next + 1) & (LOOKUPS - 1);
        return cache.lookup(version == 4, high[next], low[next]);
    }
}
