package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;

/**
 * TCP in parallel, UDP of all sizes and ping together, for {@code -Dsoak.seconds} (20): no unexplained loss, sums that close,
 * flat memory, no leak.
 */
class MixedTrafficIT {

    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("soak.seconds", 20));
    private static final int TCP_STREAMS = 4;
    private static final long TCP_BYTES = 5_000_000;
    private static final long GROWTH_LIMIT = 8 << 20;

    private final AtomicInteger echoesLost = new AtomicInteger();

    @Test
    void leavesNoLossNoLeakAndFlatMemory() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            long backlogDrops = backlogDrops();
            runFor(TIME.dividedBy(3), hosts);
            List<Long> early = List.of(heap(a), direct(a), heap(b), direct(b));
            runFor(TIME.dividedBy(3).multipliedBy(2), hosts);
            List<Long> late = List.of(heap(a), direct(a), heap(b), direct(b));
            for (int i = 0; i < early.size(); i++) {
                assertThat(late.get(i) - early.get(i))
                        .as("growth: heap a, direct a, heap b, direct b: %s to %s", early, late)
                        .isLessThan(GROWTH_LIMIT);
            }
            checkLoss(
                    a.assertSumsClose(),
                    b.assertSumsClose(),
                    backlogDrops() - backlogDrops,
                    reassemblyFailures(hosts.a()) + reassemblyFailures(hosts.b()));
        }
    }

    /** What one gateway sent the other received, or the kernel between them counted it as lost. */
    private void checkLoss(Metrics a, Metrics b, long backlogDrops, long reassemblyFailures) {
        long lostThere = a.forwarded(Metrics.TUN_TO_UDP) - b.received(Metrics.UDP_TO_TUN);
        long lostBack = b.forwarded(Metrics.TUN_TO_UDP) - a.received(Metrics.UDP_TO_TUN);
        assertThat(lostThere).as("a: %s b: %s", a, b).isBetween(0L, b.udpReceiveBufferDrops() + backlogDrops);
        assertThat(lostBack).as("a: %s b: %s", a, b).isBetween(0L, a.udpReceiveBufferDrops() + backlogDrops);
        assertThat((long) echoesLost.get())
                .as("UDP echoes lost; a: %s b: %s", a, b)
                .isLessThanOrEqualTo(counted(a) + counted(b) + backlogDrops + reassemblyFailures);
    }

    private static long counted(Metrics metrics) {
        return metrics.dropped(Metrics.UDP_TO_TUN)
                + metrics.dropped(Metrics.TUN_TO_UDP)
                + metrics.udpReceiveBufferDrops()
                + metrics.tunQueueDrops();
    }

    /** Fragmented packets that a host gave up, because fragments of others came between ({@code ipfrag_max_dist}). */
    private static long reassemblyFailures(Namespace host) throws Exception {
        return host.ok("nstat", "-asz", "IpReasmFails", "Ip6ReasmFails")
                .output()
                .lines()
                .filter(line -> line.contains("ReasmFails"))
                .mapToLong(line -> Long.parseLong(line.split("\\s+", 3)[1]))
                .sum();
    }

    private void runFor(Duration time, TwoHosts hosts) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < TCP_STREAMS; i++) {
            TrafficClient client = new TrafficClient(i % 2 == 0 ? TwoHosts.INNER4 + 2 : TwoHosts.INNER6 + 2, 7000);
            work.add(hosts.a().start(() -> repeat(end, () -> client.transfer(TCP_BYTES))));
        }
        for (String far : List.of(TwoHosts.INNER4 + 2, TwoHosts.INNER6 + 2)) {
            TrafficClient client = new TrafficClient(far, TwoHosts.SERVICE);
            work.add(hosts.a()
                    .start(() -> repeat(
                            end,
                            () -> echoesLost.addAndGet(
                                    client.echo(randomSizes()).size()))));
        }
        work.add(hosts.b()
                .start(() -> repeat(end, () -> hosts.b().ok("ping", "-c", "5", "-i", "0.2", TwoHosts.INNER4 + 1))));
        for (Future<?> each : work) {
            each.get();
        }
    }

    private static Void repeat(long end, Callable<?> work) throws Exception {
        while (System.nanoTime() < end) {
            work.call();
        }
        return null;
    }

    /** Mostly packets that fit the tunnel, some that need many fragments. */
    private static int[] randomSizes() {
        Random random = new Random();
        return random.ints(50, 0, 65_000)
                .map(size -> random.nextInt(5) > 0 ? size % 1500 : size)
                .toArray();
    }

    /** Bytes in use after a full collection. */
    private static long heap(GatewayProcess gateway) throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Command.ok(jcmd, Long.toString(gateway.pid()), "GC.run");
        return gateway.metrics().sum("jvm_memory_used_bytes", "area=\"heap\"");
    }

    private static long direct(GatewayProcess gateway) throws Exception {
        return gateway.metrics().sum("jvm_buffer_memory_used_bytes", "id=\"direct\"");
    }

    /** Packets that this machine's kernel dropped between two devices because a processor's backlog was full. */
    private static long backlogDrops() throws IOException {
        return Files.readAllLines(Path.of("/proc/net/softnet_stat")).stream()
                .mapToLong(line -> Long.parseLong(line.split(" ", 3)[1], 16))
                .sum();
    }
}
