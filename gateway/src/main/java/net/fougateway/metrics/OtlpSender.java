package net.fougateway.metrics;

import com.google.protobuf.InvalidProtocolBufferException;
import io.micrometer.registry.otlp.OtlpMetricsSender;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import net.fougateway.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Sends pushes, one at a time. In place of Micrometer's own, which reads what the collector answers into memory, however much it is, and
 * waits for it as long as something comes. What is not taken is lost: counters go on counting, the next push tells all of them.
 */
final class OtlpSender implements OtlpMetricsSender {

    private static final Logger log = LoggerFactory.getLogger(OtlpSender.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.WARN, "pushes of metrics");
    private static final long LIMIT_MILLIS = 5000;
    private static final long LAST_LIMIT_MILLIS = 1000;

    private final URI url;
    private final Supplier<Snapshot> snapshot;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMillis(LIMIT_MILLIS))
            .build();
    private volatile long limitMillis = LIMIT_MILLIS;
    private String whyNot = "";

    /**
     * Sends to {@code url}.
     *
     * @param snapshot the one that the meters show
     */
    OtlpSender(URI url, Supplier<Snapshot> snapshot) {
        this.url = url;
        this.snapshot = snapshot;
    }

    /** From now on nothing takes more than a second. */
    void hurry() {
        limitMillis = LAST_LIMIT_MILLIS;
    }

    @Override
    public void send(Request push) throws InterruptedException, InvalidProtocolBufferException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/x-protobuf")
                .header("User-Agent", "fou-gateway/" + Version.TEXT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(withHistograms(push.getMetricsData())));
        push.getHeaders().forEach(request::header);
        CompletableFuture<HttpResponse<Void>> answer =
                client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
        tell(reasonOfFailure(answer));
    }

    private byte[] withHistograms(byte[] push) throws InvalidProtocolBufferException {
        ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.parseFrom(push).toBuilder();
        request.getResourceMetricsBuilder(0).getScopeMetricsBuilder(0).addAllMetrics(OtlpHistograms.of(snapshot.get()));
        return request.build().toByteArray();
    }

    /** Empty when the collector took it. */
    private String reasonOfFailure(CompletableFuture<HttpResponse<Void>> answer) throws InterruptedException {
        try {
            int status = answer.get(limitMillis, TimeUnit.MILLISECONDS).statusCode();
            return status / 100 == 2 ? "" : "it answers with status " + status;
        } catch (TimeoutException e) {
            answer.cancel(true);
            return "no answer within " + limitMillis + " ms";
        } catch (ExecutionException e) {
            String why = e.getCause().getMessage();
            return why == null ? e.getCause().getClass().getSimpleName() : why;
        }
    }

    /** What changes, not each push. */
    private void tell(String why) {
        if (!why.equals(whyNot) && LIMIT.permits()) {
            if (why.isEmpty()) {
                log.info("metrics.otlp.url: {} takes metrics again", url);
            } else {
                log.warn(
                        "metrics.otlp.url: cannot push metrics to {}: {}: see whether a collector takes OTLP over HTTP there; "
                                + "it is tried again",
                        url,
                        why);
            }
        }
        whyNot = why;
    }
}
