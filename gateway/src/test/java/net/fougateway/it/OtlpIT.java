package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;

/** What {@code metrics.otlp.url} costs who does not use it, and who uses it while nobody listens. */
class OtlpIT {

    @Test
    void withoutItNothingOfItIsLoaded() throws Exception {
        try (Lab lab = Lab.create()) {
            assertThat(loadedClasses(lab))
                    .contains("io.micrometer.prometheusmetrics.PrometheusMeterRegistry")
                    .doesNotContain("io.micrometer.registry.otlp", "io.opentelemetry.", "com.google.protobuf.")
                    .doesNotContain("jdk.internal.net.http.", "net.fougateway.metrics.OtlpPush ");
        }
    }

    @Test
    void aCollectorThatIsAwayIsToldOnceAndDisturbsNothing() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String otlp = "metrics: {otlp: {url: \"http://127.0.0.1:4318/v1/metrics\", interval: 1}}\n";
            GatewayProcess gateway = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1) + otlp);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> gateway.log().contains("cannot push metrics to http://127.0.0.1:4318/v1/metrics"));
            Thread.sleep(3000);
            assertThat(gateway.log().split("cannot push metrics", -1)).hasSize(2);
            gateway.assertSumsClose();
            assertThat(gateway.terminate()).isLessThan(Duration.ofSeconds(5));
        }
    }

    private static String loadedClasses(Lab lab) throws Exception {
        TwoHosts hosts = TwoHosts.build(lab);
        Path classes = Files.createTempFile("fou-gateway-classes", ".log");
        List<String> program = new ArrayList<>(GatewayProcess.command());
        program.add(1, "-Xlog:class+load:file=" + classes);
        try (GatewayProcess gateway = GatewayProcess.launch(hosts.a(), program, TwoHosts.config(Underlay.IPV4, 1))) {
            gateway.awaitReady().metrics();
            return Files.readString(classes);
        } finally {
            Files.delete(classes);
        }
    }
}
