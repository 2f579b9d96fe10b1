package net.fougateway.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                .filteredOn(metric -> !metric.fullName().startsWith("fou_ebpf_"))
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
    void histogramIsCumulativeAndItsSumIsThePacketsThatWorkersReceived() {
        assertThat(text(page))
                .contains("fou_batch_packets_bucket{direction=\"udp_to_tun\",le=\"1.0\"} 20")
                .contains("fou_batch_packets_bucket{direction=\"udp_to_tun\",le=\"32.0\"} 320")
                .contains("fou_batch_packets_bucket{direction=\"udp_to_tun\",le=\"+Inf\"} 1320")
                .contains("fou_batch_packets_sum{direction=\"udp_to_tun\"} 200007.0");
    }

    @Test
    void neverHeardPeerHasTimestampZero() {
        assertThat(text(page))
                .contains("fou_peer_last_receive_timestamp_seconds{peer=\"k3\"} 0.0")
                .contains("fou_peer_last_receive_timestamp_seconds{peer=\"k2\"} 1.7953416615E9");
    }

    @Test
    void carriesTheMetersOfJvmProcessAndNetty() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("worker", true), EpollIoHandler.newFactory());
        try {
            page.watch(new EventLoops("worker", loops));
            page.watch(new EventLoops("other", loops));
            assertThat(text(page))
                    .contains(
                            "jvm_memory_used_bytes{area=\"heap\",id=\"", "jvm_memory_used_bytes{area=\"nonheap\",id=\"")
                    .contains("jvm_buffer_memory_used_bytes{id=\"direct\"}", "jvm_gc_memory_allocated_bytes_total ")
                    .contains("jvm_threads_live_threads ", "jvm_classes_loaded_classes ", "jvm_info{")
                    .contains("process_cpu_seconds_total ", "process_start_time_seconds ", "process_uptime_seconds ")
                    .contains("process_files_open_files ", "process_files_max_files ", "system_cpus ")
                    .contains(
                            "netty_eventexecutor_workers{group=\"worker\"} 2.0",
                            "netty_eventexecutor_workers{group=\"other\"} 2.0",
                            "netty_allocator_memory_used{allocator_type=")
                    .containsPattern(
                            "netty_eventexecutor_tasks_pending\\{group=\"worker\",name=\"worker-[0-9]+-1\"} 0.0")
                    .containsPattern("process_resident_memory_bytes [1-9]");
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    /** Which counter counts since when is another matter for each; what is registered must be there once. */
    @Test
    void loopsMayBeWatchedBeforeAndAfterTheFirstPage() {
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("late", true), EpollIoHandler.newFactory());
        try {
            text(page);
            page.watch(new EventLoops("late", loops));
            assertThat(text(page)).contains("netty_eventexecutor_tasks_pending{group=\"late\",name=\"late-");
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    @Test
    void openMetricsPageIsTheGoldenOne() {
        GoldenFile.check(
                Path.of("src/test/resources/metrics.openmetrics.golden"),
                fouLines(new String(
                        page.render("application/openmetrics-text;version=1.0.0")
                                .body(),
                        UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab", "de-DE"})
    void pageIsTheSameInEveryLocale(String tag) {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(tag));
        try {
            GoldenFile.check(GOLDEN, fouLines(text(new MetricsPage(Snapshots::busy))));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void peersComeAndGo() {
        AtomicReference<Snapshot> now = new AtomicReference<>(Snapshots.busy());
        MetricsPage changing = new MetricsPage(now::get);
        String busy = fouLines(text(changing));
        now.set(Snapshots.idle());
        assertThat(fouLines(text(changing)))
                .doesNotContain("peer=\"k2\"", "peer=\"k3\"")
                .isEqualTo(fouLines(text(new MetricsPage(Snapshots::idle))));
        now.set(Snapshots.busy());
        assertThat(fouLines(text(changing))).isEqualTo(busy);
    }

    /** Each snapshot has one number everywhere, which no other has. */
    @Test
    void aPageShowsOneSnapshotAlsoWhenManyAskAtATime() throws Exception {
        AtomicLong taken = new AtomicLong();
        MetricsPage numbered = new MetricsPage(() -> Snapshots.ofPeers(20, taken.incrementAndGet()));
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try {
            List<Future<Set<String>>> pages = IntStream.range(0, 40)
                    .mapToObj(i -> clients.submit(() -> valuesOf("fou_packets_total", text(numbered))))
                    .toList();
            for (Future<Set<String>> values : pages) {
                assertThat(values.get()).hasSize(1);
            }
        } finally {
            clients.shutdownNow();
        }
        assertThat(taken).as("snapshots taken").hasValue(40);
    }

    @Test
    void fiveThousandPeersAreShown() {
        MetricsPage large = new MetricsPage(() -> Snapshots.ofPeers(5000, 7));
        assertThat(text(large).lines().filter(line -> line.contains("peer=\"p")))
                .hasSize(5000 * 6);
    }

    private static Set<String> valuesOf(String metric, String page) {
        return page.lines()
                .filter(line -> line.startsWith(metric + "{"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .collect(Collectors.toSet());
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
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        page.watch(new EventLoops("worker", loops));
        Path output = Files.createTempFile("promtool", ".txt");
        Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (OutputStream in = promtool.getOutputStream()) {
            in.write(text(page).getBytes(UTF_8));
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
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
