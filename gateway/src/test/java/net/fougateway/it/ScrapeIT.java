package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;

/** What one page of {@code /metrics} says is true of one moment, also while packets pass and peers come and go. */
class ScrapeIT {

    private static final int SCRAPES = 1000;
    private static final String EXTRA = "  - {name: extra-%d, remote: 10.77.0.77, allowed_ips: [10.99.%d.0/24]}\n";

    @Test
    void sumsCloseInAThousandPagesInARow() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), config(1, 0));
            GatewayProcess b = lab.gateway(hosts.b(), config(2, 0));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            AtomicBoolean enough = new AtomicBoolean();
            List<Future<?>> load = Stream.of(TwoHosts.INNER4, TwoHosts.INNER6)
                    .<Future<?>>map(network -> threads.submit(() -> transferUntil(enough, hosts, network + 2)))
                    .toList();
            Metrics first = a.metrics();
            for (int i = 1; i <= SCRAPES; i++) {
                if (i % 50 == 0) {
                    a.reconfigure(config(1, i), true);
                }
                a.metrics().assertSumsClose();
                b.metrics().assertSumsClose();
            }
            enough.set(true);
            for (Future<?> transfer : load) {
                transfer.get(1, TimeUnit.MINUTES);
            }
            Metrics last = a.metrics();
            assertThat(last.received(Metrics.TUN_TO_UDP) - first.received(Metrics.TUN_TO_UDP))
                    .isGreaterThan(SCRAPES);
            assertThat(last.sum("fou_config_reloads_total", "result=\"success\""))
                    .isPositive();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Peer {@code other}, and each time another extra one. */
    private static String config(int host, int time) {
        return "workers: 2\n" + TwoHosts.config(Underlay.IPV4, host) + EXTRA.formatted(time, time % 250);
    }

    private static Void transferUntil(AtomicBoolean enough, TwoHosts hosts, String server) throws Exception {
        TrafficClient client = new TrafficClient(server, TwoHosts.SERVICE);
        while (!enough.get()) {
            hosts.a().call(() -> client.transfer(5_000_000));
        }
        return null;
    }
}
