package net.fougateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusJsonTest {

    private static final Instant NOW = Snapshots.STARTED_AT.plusSeconds(90);

    @Test
    void carriesTotalsTimesAndRemedies() {
        Map<String, Object> document = parse(Snapshots.busy());
        assertThat(document)
                .containsEntry("version", "0.1.0")
                .containsEntry("startedAt", "2026-11-22T10:00:00Z")
                .containsEntry("now", "2026-11-22T10:01:30Z")
                .containsEntry("ready", false)
                .containsEntry("udpReceiveBufferDrops", 4711L)
                .containsEntry("routes", Map.of("ipv4", 2L, "ipv6", 1L));
        assertThat(list(document, "drops"))
                .filteredOn(drop -> drop.get("reason").equals("no_route"))
                .singleElement()
                .satisfies(drop -> assertThat(drop)
                        .containsEntry("packets", 12L)
                        .containsEntry("bytes", 1008L)
                        .hasEntrySatisfying(
                                "remedy", remedy -> assertThat((String) remedy).startsWith("Add the prefix")));
    }

    @Test
    void neverHeardPeerHasNullAsLastReceive() {
        List<Map<String, Object>> peers = list(parse(Snapshots.busy()), "peers");
        assertThat(peers.get(0)).containsEntry("lastReceive", "2026-11-22T10:01:01.500Z");
        assertThat(peers.get(1)).containsEntry("lastReceive", null).containsEntry("allowedIps", List.of());
    }

    @Test
    void idleGatewayIsStrictJsonToo() {
        assertThat(parse(Snapshots.idle()))
                .containsEntry("ready", true)
                .containsEntry("peers", List.of())
                .containsEntry("udpSendErrors", Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\"\\/\b\f\n\r\t", "\u0000\u001f\u007f\u0085", "Zürich − 東京 🚀", "{}[],:'</script>", "\ud800"
            })
    void anyTextSurvives(String text) {
        assertThat(parse(Snapshots.busy(text))).containsEntry("findings", List.of(text));
    }

    @Test
    void isOneLine() {
        assertThat(StatusJson.write(Snapshots.busy("a\nb"), NOW)).doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{a:1}", "[1,]", "{'a':1}", "[01]", "[NaN]", "[1] 2", "{\"a\":1,\"a\":2}", "[\"\t\"]"})
    void theParserOfThisTestIsStrict(String text) {
        assertThatThrownBy(() -> StrictJson.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> parse(Snapshot snapshot) {
        return (Map<String, Object>) StrictJson.parse(StatusJson.write(snapshot, NOW));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> document, String key) {
        return (List<Map<String, Object>>) document.get(key);
    }
}
