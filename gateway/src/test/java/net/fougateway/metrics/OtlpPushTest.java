package net.fougateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try")
class OtlpPushTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final BlockingQueue<ExportMetricsServiceRequest> pushes = new LinkedBlockingQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong taken = new AtomicLong();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile int status = 200;
    private volatile boolean endless;
    private HttpServer collector;
    private URI url;

    @BeforeEach
    void startCollector() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.setExecutor(threads);
        collector.createContext("/v1/metrics", this::receive);
        collector.start();
        url = URI.create("http://localhost:" + collector.getAddress().getPort() + "/v1/metrics");
    }

    @AfterEach
    void stopCollector() {
        collector.stop(0);
        threads.shutdownNow();
    }

    private void receive(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        assertThat(exchange.getRequestHeaders().getFirst("Content-Type")).isEqualTo("application/x-protobuf");
        ExportMetricsServiceRequest push = ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody());
        exchange.sendResponseHeaders(status, endless ? 0 : -1);
        while (endless) {
            exchange.getResponseBody().write(new byte[1 << 16]);
        }
        exchange.close();
        if (status == 200) {
            pushes.add(push);
        }
    }

    private OtlpPush push() {
        return new OtlpPush(url, SECOND, () -> Snapshots.ofPeers(3, taken.incrementAndGet()), List.of());
    }

    private ExportMetricsServiceRequest next() throws InterruptedException {
        ExportMetricsServiceRequest push = pushes.poll(30, TimeUnit.SECONDS);
        assertThat(push).as("a push within 30 s").isNotNull();
        return push;
    }

    @Test
    void eachPushIsOneSnapshotInWhichTheSumsClose() throws Exception {
        try (OtlpPush push = push()) {
            for (int i = 1; i <= 3; i++) {
                ExportMetricsServiceRequest request = next();
                List<NumberDataPoint> packets = sums(request, "fou.packets");
                assertThat(packets)
                        .hasSize(6)
                        .allSatisfy(point -> assertThat(point.getAsDouble())
                                .isEqualTo(packets.get(0).getAsDouble()));
                assertThat(total(request, "fou.packets") + total(request, "fou.packets.dropped"))
                        .isEqualTo(total(request, "fou.packets.received"))
                        .isEqualTo(6 * packets.get(0).getAsDouble());
            }
        }
        assertThat(taken.get()).as("snapshots taken").isEqualTo(requests.get());
    }

    @Test
    void aPushHasTheMetersOfThePageAndSaysWhoseTheyAre() throws Exception {
        try (OtlpPush push = push()) {
            ExportMetricsServiceRequest request = next();
            assertThat(request.getResourceMetrics(0).getResource().getAttributesList())
                    .extracting(
                            KeyValue::getKey, attribute -> attribute.getValue().getStringValue())
                    .contains(tuple("service.name", "fou-gateway"), tuple("service.version", Version.TEXT));
            assertThat(metrics(request))
                    .extracting(Metric::getName)
                    .doesNotHaveDuplicates()
                    .containsAll(Arrays.stream(net.fougateway.metrics.Metric.values())
                            .map(net.fougateway.metrics.Metric::meterName)
                            .filter(name -> !name.startsWith("fou.ebpf"))
                            .toList())
                    .contains("jvm.memory.used", "process.cpu", "netty.allocator.memory.used");
            HistogramDataPoint batches =
                    metric(request, "fou.batch.packets").getHistogram().getDataPoints(0);
            assertThat(batches.getExplicitBoundsList()).hasSize(10).contains(1.0, 512.0);
            assertThat(batches.getBucketCountsList()).hasSize(11).contains(20L, 300L, 1000L);
            assertThat(batches.getCount()).isEqualTo(1320);
        }
    }

    @Test
    void aCollectorThatRefusesIsTriedAgain() throws Exception {
        status = 503;
        try (OtlpPush push = push()) {
            await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() >= 2);
            status = 200;
            next();
        }
    }

    @Test
    void aCollectorThatIsAwayKeepsNobodyFromStopping() {
        collector.stop(0);
        OtlpPush push = push();
        await().atMost(Duration.ofSeconds(30)).until(() -> taken.get() >= 2);
        push.close();
    }

    /** The answer has no end, and is not kept. */
    @Test
    void aCollectorThatDoesNotStopTalkingIsHungUpOn() throws Exception {
        endless = true;
        try (OtlpPush push = push()) {
            await().atMost(Duration.ofSeconds(60)).until(() -> requests.get() >= 2);
            endless = false;
            next();
        }
    }

    private static List<Metric> metrics(ExportMetricsServiceRequest push) {
        return push.getResourceMetrics(0).getScopeMetrics(0).getMetricsList();
    }

    private static Metric metric(ExportMetricsServiceRequest push, String name) {
        return metrics(push).stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<NumberDataPoint> sums(ExportMetricsServiceRequest push, String name) {
        return metric(push, name).getSum().getDataPointsList();
    }

    private static double total(ExportMetricsServiceRequest push, String name) {
        return sums(push, name).stream()
                .mapToDouble(NumberDataPoint::getAsDouble)
                .sum();
    }
}
