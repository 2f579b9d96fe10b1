package net.fougateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Format;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Vxlan;
import net.fougateway.config.Offloads;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/status.schema.json} says what {@link StatusJson} writes, neither less nor more. */
class StatusSchemaTest {

    private static final Instant NOW = Snapshots.STARTED_AT.plusSeconds(90);
    private static final String DOCUMENT = StatusJson.write(Snapshots.busy(), NOW);

    @Test
    void realDocumentsAreValid() throws IOException {
        assertThat(StatusSchema.differences(DOCUMENT)).isEmpty();
        assertThat(StatusSchema.differences(StatusJson.write(Snapshots.idle(), NOW)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"version\":            | \"versions\":",
                "\"ready\":false,        | ",
                "\"ready\":false         | \"ready\":0",
                "\"encapsulation\":\"fou\", | ",
                "\"encapsulation\":\"fou\"  | \"encapsulation\":\"geneve\"",
                "\"mtuBytes\":1472       | \"mtuBytes\":-1",
                "\"mtuBytes\":1472       | \"mtuBytes\":1472,\"colour\":\"blue\"",
                "\"reason\":\"no_route\" | \"reason\":\"bad_luck\"",
                "\"direction\":\"tun_to_udp\" | \"direction\":\"up\"",
                "\"feature\":\"udp_gro\" | \"feature\":\"warp\"",
                "\"startedAt\":\"2026-11-22T10:00:00Z\" | \"startedAt\":\"yesterday\"",
                "\"ENETUNREACH\":        | \"no route\":"
            })
    void anythingElseIsNot(String text, String replacement) throws IOException {
        assertThat(DOCUMENT).contains(text);
        String document = DOCUMENT.replace(text, replacement == null ? "" : replacement);
        assertThat(StatusSchema.differences(document)).isNotEmpty();
    }

    @Test
    void valuesAreThoseOfTheTables() throws IOException {
        Map<String, Object> properties = object(StatusSchema.text(), "properties");
        assertThat(values(properties, "drops", "reason"))
                .isEqualTo(Stream.of(DropReason.values()).map(DropReason::slug).toList());
        assertThat(values(properties, "drops", "direction"))
                .isEqualTo(Stream.of(Direction.values()).map(Direction::label).toList());
        assertThat(values(properties, "offloads", "feature"))
                .isEqualTo(Arrays.stream(Offloads.class.getRecordComponents())
                        .map(component -> snakeCase(component.getName()))
                        .flatMap(name -> name.equals("ebpf") ? Stream.of("ebpf_receive", "ebpf_send") : Stream.of(name))
                        .toList());
        assertThat(values(properties, "peers", "encapsulation"))
                .isEqualTo(Stream.concat(
                                Stream.of((Gre) null, Gre.PLAIN)
                                        .flatMap(gre -> Stream.of(Format.FOU, Format.GUE)
                                                .map(format -> Encapsulation.of(format, false, gre))),
                                Stream.of(new Vxlan(1)))
                        .map(Encapsulation::label)
                        .toList());
    }

    @Test
    void everyPropertyIsDescribedAndRequired() throws IOException {
        Map<String, Object> schema = parse(StatusSchema.text());
        assertDescribed(schema);
        object(schema, "$defs").values().forEach(StatusSchemaTest::assertDescribed);
    }

    @SuppressWarnings("unchecked")
    private static void assertDescribed(Object node) {
        Map<String, Object> schema = (Map<String, Object>) node;
        if (schema.containsKey("properties")) {
            Map<String, Object> properties = object(schema, "properties");
            assertThat(schema).containsEntry("required", List.copyOf(properties.keySet()));
            assertThat(properties.values()).allSatisfy(property -> {
                assertThat(((Map<String, Object>) property).get("description").toString())
                        .endsWith(".");
                assertDescribed(property);
            });
        }
        if (schema.containsKey("items")) {
            assertDescribed(schema.get("items"));
        }
    }

    private static Object values(Map<String, Object> properties, String list, String property) {
        Map<String, Object> items = object(object(properties, list), "items");
        return object(object(items, "properties"), property).get("enum");
    }

    private static String snakeCase(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> object(String json, String key) {
        return object(parse(json), key);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Map<String, Object> parent, String key) {
        return (Map<String, Object>) parent.get(key);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> parse(String json) {
        return (Map<String, Object>) StrictJson.parse(json);
    }
}
