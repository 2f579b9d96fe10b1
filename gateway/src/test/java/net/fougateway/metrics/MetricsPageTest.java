package net.fougateway.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsPageTest {

    private static final Path GOLDEN = Path.of("src/test/resources/metrics.golden");

    private final MetricsPage page = new MetricsPage(Snapshots::busy);

    @Test
    void pageIsTheGoldenOne() {
        GoldenFile.check(GOLDEN, fouLines(text(page)));
    }

    @Test
    void everySeriesIsPresentFromTheStart() {
        String idle = text(new MetricsPage(Snapshots::idle));
        assertThat(idle)
                .contains("fou_packets_dropped_total{direction=\"udp_to_tun\",reason=\"source_not_allowed\"} 0.0")
                .contains("fou_packets_dropped_total{direction=\"tun_to_udp\",reason=\"ip_inhdr\"} 0.0")
                .contains("fou_udp_send_errors_total{errno=\"ENOBUFS\"} 0.0")
                .contains("fou_udp_send_errors_total{errno=\"other\"} 0.0")
                .contains("fou_tun_write_errors_total{errno=\"EIO\"} 0.0")
                .contains("fou_batch_packets_count{direction=\"tun_to_udp\"} 0")
                .contains("fou_packets_received_total{direction=\"udp_to_tun\"} 0.0");
        assertThat(Metric.values())
                .filteredOn(metric -> !metric.labels().contains("peer"))
                .allSatisfy(metric -> assertThat(idle).contains("# HELP " + metric.fullName()));
    }

    @Test
    void unknownErrorsFoldIntoOther() {
        assertThat(text(page))
                .contains("fou_udp_send_errors_total{errno=\"ENETUNREACH\"} 3.0")
                .contains("fou_udp_send_errors_total{errno=\"other\"} 3.0")
                .doesNotContain("ENOMEM");
    }

    @Test
    void histogramIsCumulativeAndItsSumIsThePacketsReceived() {
        assertThat(text(page))
                .contains("fou_batch_packets_bucket{direction=\"udp_to_tun\",le=\"1.0\"} 20")
                .contains("fou_batch_packets_bucket{direction=\"udp_to_tun\",le=\"32.0\"} 320")
                .contains("fou_batch_packets_bucket{direction=\"udp_to_tun\",le=\"+Inf\"} 1320")
                .contains("fou_batch_packets_sum{direction=\"udp_to_tun\"} 1200007.0");
    }

    @Test
    void neverHeardPeerHasTimestampZero() {
        assertThat(text(page))
                .contains("fou_peer_last_receive_timestamp_seconds{peer=\"k3\"} 0.0")
                .contains("fou_peer_last_receive_timestamp_seconds{peer=\"k2\"} 1.7953416615E9");
    }

    @Test
    void carriesJvmAndProcessMetrics() {
        assertThat(text(page))
                .contains("jvm_memory_used_bytes{", "jvm_gc_collection_seconds", "process_cpu_seconds_total");
    }

    @Test
    void speaksOpenMetricsWhenAsked() {
        MetricsPage.Page answer = page.render("application/openmetrics-text;version=1.0.0");
        assertThat(answer.contentType()).startsWith("application/openmetrics-text");
        assertThat(new String(answer.body(), UTF_8)).endsWith("# EOF\n");
    }

    @Test
    void speaksPlainTextToPrometheusThatPrefersProtobuf() {
        MetricsPage.Page answer = page.render("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.1");
        assertThat(answer.contentType()).startsWith("text/plain");
        assertThat(new String(answer.body(), UTF_8)).contains("fou_ready");
    }

    @Test
    void promtoolFindsNothing() throws Exception {
        if (!onPath("promtool")) {
            String reason = "skipped: promtool is not on the PATH (apt-get install prometheus)";
            System.out.println(reason);
            abort(reason);
        }
        Path output = Files.createTempFile("promtool", ".txt");
        Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (OutputStream in = promtool.getOutputStream()) {
            in.write(fouLines(text(page)).getBytes(UTF_8));
        }
        assertThat(promtool.waitFor()).as(Files.readString(output)).isZero();
        Files.delete(output);
    }

    private static boolean onPath(String program) throws IOException {
        return Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String text(MetricsPage page) {
        return new String(page.render(null).body(), UTF_8);
    }

    private static String fouLines(String page) {
        Pattern fou = Pattern.compile("^(# (HELP|TYPE) )?fou_.*");
        return page.lines()
                .filter(line -> fou.matcher(line).matches())
                .map(line -> line.replaceAll("java=\"[^\"]*\",netty=\"[^\"]*\"", "java=\"17\",netty=\"4\""))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
