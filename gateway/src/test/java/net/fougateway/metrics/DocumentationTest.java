package net.fougateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;
import net.fougateway.host.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentationTest {

    private static final Path DOCS = Path.of("../docs");

    private static final String RUNTIME = """

            ## JVM, process and Netty

            Also on the page: `jvm_*`, `process_*`, `system_*` and `netty_*`, under Micrometer's names. Their meters are made after the start;
            garbage collections are counted from then on, and `jvm_gc_pause_seconds` is there from the first of them.

            | Asked for | Metric |
            |---|---|
            | Processor time, in seconds | `process_cpu_seconds_total` |
            | Resident memory | `process_resident_memory_bytes` |
            | Time of the start | `process_start_time_seconds`, `process_uptime_seconds` |
            | Open files and their limit | `process_files_open_files`, `process_files_max_files` (`process_open_fds`, `process_max_fds` before) |
            | Heap | `sum(jvm_memory_used_bytes{area="heap"})`, `jvm_memory_max_bytes` |
            | Direct memory: packet buffers | `jvm_buffer_memory_used_bytes{id="direct"}` (`jvm_buffer_pool_used_bytes{pool="direct"}` before) |
            | Time in garbage collection | `jvm_gc_pause_seconds_sum` (`jvm_gc_collection_seconds_sum` before) |
            | Threads | `jvm_threads_live_threads`, `jvm_threads_states_threads` |
            | Tasks that wait for a worker or for the admin port | `netty_eventexecutor_tasks_pending`, `group` is `worker` or `admin` |
            | Memory of the admin port's buffers | `netty_allocator_memory_used{memory_type="direct"}` |

            ## OpenTelemetry

            ```yaml
            metrics:
              otlp:
                url: http://localhost:4318/v1/metrics
                interval: 60
            ```

            pushes the same meters to a collector, as OTLP over HTTP, under Micrometer's names: `fou.packets` for `fou_packets_total`. The resource
            is `service.name=fou-gateway` with `service.version`; the variables `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME` and
            `OTEL_EXPORTER_OTLP_HEADERS`, for tokens, are followed. Sums are cumulative. One push is one snapshot and one request, so
            received = forwarded + dropped in each. A collector that is away or slow costs nothing but that push; the log says when it begins and
            when it is over. Changes of these keys need a restart.
            """;

    @Test
    void metricsPageMatchesTheTable() {
        GoldenFile.check(DOCS.resolve("metrics.md"), metrics());
    }

    @Test
    void dropReasonsPageMatchesTheTable() {
        GoldenFile.check(DOCS.resolve("drop-reasons.md"), dropReasons());
    }

    @Test
    void preflightPageMatchesTheTable() {
        GoldenFile.check(DOCS.resolve("preflight.md"), preflight());
    }

    /** Each reason stands at one place in the drawing of each way in which it can happen, and nothing else does. */
    @ParameterizedTest
    @EnumSource(Direction.class)
    void packetPathPageHasEveryDropReasonInItsPlace(Direction direction) throws IOException {
        List<String> parts =
                List.of(Files.readString(DOCS.resolve("packet-path.md")).split("```", -1));
        String drawing = parts.get(direction == Direction.UDP_TO_TUN ? 1 : 3);
        List<String> drawn = Pattern.compile("\\b[a-z0-9]+(_[a-z0-9]+)+\\b")
                .matcher(drawing)
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(drawn)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(DropReason.values())
                        .filter(reason -> reason.in(direction))
                        .map(DropReason::slug)
                        .toList());
    }

    @Test
    void namesFollowTheNamingRules() {
        assertThat(Metric.values()).allSatisfy(metric -> {
            assertThat(metric.fullName()).matches("fou_[a-z_]+");
            assertThat(metric.fullName().endsWith("_total")).isEqualTo(metric.type() == Metric.Type.COUNTER);
            assertThat(metric.help()).endsWith(".");
        });
        assertThat(Metric.values()).extracting(Metric::fullName).doesNotHaveDuplicates();
    }

    @Test
    void everyDropReasonHasADirection() {
        assertThat(DropReason.values())
                .allSatisfy(reason -> assertThat(directions(reason)).isNotEmpty());
    }

    private static String metrics() {
        String rows = Arrays.stream(Metric.values()).map(DocumentationTest::row).collect(Collectors.joining());
        return """
                # Metrics

                Generated from the table `Metric`; a test compares the two. The page is `GET /metrics` on `admin.listen`, in
                Prometheus text format or, if asked for, OpenMetrics. Every series is present from the start.

                Packets are packets as on the wire (segments), never super-packets. Per `direction`, in packets and in bytes:
                received = forwarded + dropped, in every page.

                Prometheus on the same host needs no more than this; over TLS and with a password, [as described](web-config.md), the second:

                ```yaml
                scrape_configs:
                  - job_name: fou-gateway
                    static_configs: [{targets: ["127.0.0.1:15555"]}]
                ```

                ```yaml
                scrape_configs:
                  - job_name: fou-gateway
                    scheme: https
                    tls_config: {ca_file: ca.pem, cert_file: prometheus.pem, key_file: prometheus-key.pem}
                    basic_auth: {username: prometheus, password_file: password}
                    static_configs: [{targets: ["gateway-1:15555", "gateway-2:15555"]}]
                ```

                | Metric | Type | Unit | Labels | Meaning |
                |---|---|---|---|---|
                %s
                Label values:

                - `direction`: `udp_to_tun` (decapsulation), `tun_to_udp` (encapsulation)
                - `peer`: `peers[].name` of the configuration
                - `reason`: [drop reasons](drop-reasons.md); of what the admin port refused: [there](web-config.md)
                - `errno` of sending: %s
                - `errno` of writing: %s
                - `kind`: %s
                - `condition`: as in the body of `GET /readyz`
                - `feature`: as in `fou-gateway status --verbose`
                - `family`: `ipv4`, `ipv6`
                """.formatted(rows, codes(Samples.UDP_SEND_ERRNOS), codes(Samples.TUN_WRITE_ERRNOS), codes(kinds()))
                + RUNTIME;
    }

    private static List<String> kinds() {
        return Arrays.stream(IcmpError.Kind.values()).map(IcmpError.Kind::label).toList();
    }

    private static String row(Metric metric) {
        return "| `%s` | %s | %s | %s | %s |\n"
                .formatted(
                        metric.fullName(),
                        metric.type().name().toLowerCase(Locale.ROOT),
                        metric.unit(),
                        codes(metric.labels()),
                        metric.help());
    }

    private static String codes(List<String> names) {
        return names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
    }

    private static String dropReasons() {
        return """
                # Drop reasons

                Generated from the table `DropReason`; a test compares the two. The slug is the label `reason` of
                `fou_packets_dropped_total` and `fou_dropped_bytes_total`, and the word in `fou-gateway status`.
                """
                + Arrays.stream(DropReason.values())
                        .map(DocumentationTest::section)
                        .collect(Collectors.joining());
    }

    private static String section(DropReason reason) {
        return """

                ## %s

                - Direction: %s
                - Meaning: %s
                - Remedy: %s
                """.formatted(reason.slug(), codes(directions(reason)), reason.meaning(), reason.remedy());
    }

    private static String preflight() {
        String rows = Arrays.stream(Finding.values())
                .map(finding -> "| %s | %s | %s |\n"
                        .formatted(
                                named(finding.what()),
                                finding.why(),
                                finding.line().isEmpty() ? "" : "`" + named(finding.line()) + "`"))
                .collect(Collectors.joining());
        return """
                # What about the host makes packets vanish or slow, and other findings

                The table is generated from `Finding`; a test compares the two. Findings stand in `fou-gateway status`
                before everything else, the worst first, and those about routes, MTU, forwarding and conntrack in the log too, at start and after a
                reload that brought them about. Each ends with the line to type, where there is one, or says what to do.

                | Finding | Why | Line |
                |---|---|---|
                %s
                What a line changes holds until the next boot, or until the gateway is started again; put what helped where the host keeps such
                settings (`/etc/sysctl.d`, its network configuration) or into the configuration of the gateway. In a container type the lines in
                its network namespace; the two about buffers belong on the machine itself.

                ## When a finding is no fault

                - Routes are asked for as the host's own packets take them. Where `ip rule` sends forwarded packets another way on purpose, a
                  prefix can be found elsewhere although all is well.
                - A machine that uses the tunnel for itself alone, with addresses that are not on the device, needs no forwarding. Give the device
                  an address, such as one it has already, with length 32 or 128.

                ## What is not looked at

                - Default routes (`0.0.0.0/0`, `::/0`), and whatever is narrower than a prefix: one address in its middle is looked up.
                - More than the first 64 peers and the first 64 prefixes. No more than 8 prefixes are reported at a time.
                - Paths behind the first route: see [path MTU](path-mtu.md). Packets that reach the gateway: see [drop reasons](drop-reasons.md).

                ## The connection table without nft

                ```sh
                for tables in iptables ip6tables; do
                  $tables -t raw -A PREROUTING -p udp -m multiport --dports 5555,6080 -j CT --notrack
                  $tables -t raw -A OUTPUT -p udp -m multiport --dports 5555,6080 -j CT --notrack
                done
                ```

                The ports are those that the gateway listens on and those that it sends to. Entries that are there already go as they
                expire. `nft delete table inet fou` takes the line of the table above back.

                ## What it costs

                Nothing while nobody asks, as Prometheus does, or systemd for its status line. `/status`, `/metrics` and `/readyz` look at the host at most once in 10 seconds, on the thread that
                answers, never on one that carries packets; so a mended finding may stand for 10 seconds more. A reload looks at once. One look asks
                the kernel for the routes to at most 128 addresses: 4 to 12 ms with 64 peers of one prefix each, measured with both processors busy otherwise.
                """.formatted(rows);
    }

    private static String named(String template) {
        return Pattern.compile("\\{([a-z]+)}")
                .matcher(template)
                .replaceAll(name -> name.group(1).toUpperCase(Locale.ROOT));
    }

    private static List<String> directions(DropReason reason) {
        return Arrays.stream(Direction.values())
                .filter(reason::in)
                .map(Direction::label)
                .toList();
    }
}
