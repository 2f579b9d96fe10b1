package net.fougateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;
import org.junit.jupiter.api.Test;

class DocumentationTest {

    private static final Path DOCS = Path.of("../docs");

    @Test
    void metricsPageMatchesTheTable() {
        GoldenFile.check(DOCS.resolve("metrics.md"), metrics());
    }

    @Test
    void dropReasonsPageMatchesTheTable() {
        GoldenFile.check(DOCS.resolve("drop-reasons.md"), dropReasons());
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
                received = forwarded + dropped, except for batches in flight.

                | Metric | Type | Unit | Labels | Meaning |
                |---|---|---|---|---|
                %s
                Label values:

                - `direction`: `udp_to_tun` (decapsulation), `tun_to_udp` (encapsulation)
                - `peer`: `peers[].name` of the configuration
                - `reason`: [drop reasons](drop-reasons.md)
                - `errno` of sending: %s
                - `errno` of writing: %s
                - `kind`: %s
                - `condition`: as in the body of `GET /readyz`
                - `feature`: as in `fou-gateway status --verbose`
                - `family`: `ipv4`, `ipv6`

                Also on the page: `jvm_*` and `process_*` under the standard names of the Prometheus client for Java.
                """.formatted(rows, codes(Samples.UDP_SEND_ERRNOS), codes(Samples.TUN_WRITE_ERRNOS), codes(kinds()));
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

    private static List<String> directions(DropReason reason) {
        return Arrays.stream(Direction.values())
                .filter(reason::in)
                .map(Direction::label)
                .toList();
    }
}
