package net.fougateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import net.fougateway.metrics.GoldenFile;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The generated files are those checked in. */
class ConfigSchemaTest {

    private static final Path ROOT = Path.of("..");

    @Test
    void schemaIsTheCheckedInOne() {
        GoldenFile.check(ROOT.resolve("config/gateway.schema.json"), ConfigSchema.json());
    }

    @Test
    void documentationIsTheCheckedInOne() {
        GoldenFile.check(ROOT.resolve("docs/configuration.md"), ConfigSchema.markdown());
    }

    @Test
    void schemaForbidsUnknownKeysAndNamesRequiredOnes() {
        Object schema = new Load(LoadSettings.builder().build()).loadFromString(ConfigSchema.json());

        assertThat(at(schema, "additionalProperties")).isEqualTo(false);
        assertThat(at(schema, "properties", "peers", "items", "required").toString())
                .isEqualTo("[name]");
        assertThat(at(schema, "properties", "listen", "items", "properties", "ipproto", "enum")
                        .toString())
                .isEqualTo("[auto, 4, 41, 47]");
        assertThat(at(schema, "properties", "peers", "items", "properties", "type", "enum")
                        .toString())
                .isEqualTo("[fixed, next_hop, 6to4, 6rd, isatap]");
        assertThat(at(schema, "properties", "log", "properties", "level", "default"))
                .isEqualTo("info");
    }

    @Test
    void documentationHasARowForEveryKey() {
        assertThat(Key.table())
                .hasSizeGreaterThan(30)
                .allSatisfy(row -> assertThat(ConfigSchema.markdown()).contains("\n| `" + row.path() + "` | "));
    }

    private static Object at(Object json, String... path) {
        Object value = json;
        for (String key : path) {
            value = ((Map<?, ?>) value).get(key);
        }
        return value;
    }

    @Test
    void pageAboutTheAdminPortMatchesTheTables() {
        GoldenFile.check(Path.of("../docs/web-config.md"), WebConfigPage.markdown());
    }
}
