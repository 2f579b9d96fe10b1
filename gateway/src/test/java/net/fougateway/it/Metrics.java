package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** One scrape of {@code /metrics}: value by series, written as in the text format. */
record Metrics(Map<String, Double> series) {

    /** The two values of label {@code direction}. */
    static final String UDP_TO_TUN = "udp_to_tun";

    static final String TUN_TO_UDP = "tun_to_udp";

    /** Reads the Prometheus text format. */
    static Metrics parse(String text) {
        return new Metrics(text.lines()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))));
    }

    /** Sum over the series of {@code metric} that carry all {@code labels}, each written {@code name="value"}. */
    long sum(String metric, String... labels) {
        return (long) series.entrySet().stream()
                .filter(entry -> entry.getKey().equals(metric) || entry.getKey().startsWith(metric + "{"))
                .filter(entry -> Arrays.stream(labels).allMatch(entry.getKey()::contains))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    long received(String direction) {
        return sum("fou_packets_received_total", label(direction));
    }

    long forwarded(String direction) {
        return sum("fou_packets_total", label(direction));
    }

    /** System calls that brought packets in. */
    long batches(String direction) {
        return sum("fou_batch_packets_count", label(direction));
    }

    /** Packets that {@link #batches} brought in. */
    long batchPackets(String direction) {
        return sum("fou_batch_packets_sum", label(direction));
    }

    long dropped(String direction) {
        return sum("fou_packets_dropped_total", label(direction));
    }

    /** What the kernel dropped before the gateway could see it. */
    long udpReceiveBufferDrops() {
        return sum("fou_udp_receive_buffer_drops_total");
    }

    /** What the kernel dropped before the gateway could see it. */
    long tunQueueDrops() {
        return sum("fou_tun_queue_drops_total");
    }

    /** Received = forwarded + dropped, in packets and in bytes, in both directions. */
    void assertSumsClose() {
        for (String direction : new String[] {UDP_TO_TUN, TUN_TO_UDP}) {
            assertThat(forwarded(direction) + dropped(direction))
                    .as("packets %s forwarded + dropped = received, of %s", direction, this)
                    .isEqualTo(received(direction));
            assertThat(sum("fou_bytes_total", label(direction)) + sum("fou_dropped_bytes_total", label(direction)))
                    .as("bytes %s forwarded + dropped = received, of %s", direction, this)
                    .isEqualTo(sum("fou_bytes_received_total", label(direction)));
        }
    }

    /** The gateway's own series, those that are not zero. */
    @Override
    public String toString() {
        return series.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("fou_") && entry.getValue() != 0)
                .map(Object::toString)
                .sorted()
                .collect(Collectors.joining("\n  ", "\n  ", "\n"));
    }

    private static String label(String direction) {
        return "direction=\"" + direction + "\"";
    }
}
