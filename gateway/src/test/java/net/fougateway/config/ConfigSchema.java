package net.fougateway.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Describes {@link GatewayConfig} to editors and to people. */
final class ConfigSchema {

    private ConfigSchema() {}

    /** JSON Schema, draft 2020-12; the text of {@code config/gateway.schema.json}. */
    static String json() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "fou-gateway configuration");
        schema.putAll(section(GatewayConfig.class));
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(schema)
                + "\n";
    }

    /** Every key with values, default and meaning; the text of {@code docs/configuration.md}. */
    static String markdown() {
        List<Key.Row> live =
                Key.table().stream().filter(row -> row.key().setting().live()).toList();
        return Key.table().stream().map(row -> row(row, live)).collect(Collectors.joining("\n", INTRODUCTION, "\n"));
    }

    private static Map<String, Object> section(Class<?> section) {
        List<Key> keys = Key.of(section);
        Map<String, Object> properties = new LinkedHashMap<>();
        keys.forEach(key -> properties.put(key.name(), property(key)));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        schema.put("properties", properties);
        List<String> required = keys.stream()
                .filter(key -> key.setting().required())
                .map(Key::name)
                .toList();
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        return schema;
    }

    private static Map<String, Object> property(Key key) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", key.setting().doc());
        if (key.setting().orSingle()) {
            schema.put("anyOf", List.of(item(key), array(key)));
        } else if (key.isList()) {
            schema.putAll(array(key));
        } else {
            schema.putAll(item(key));
        }
        if (!key.setting().def().isEmpty()) {
            schema.put(
                    "default",
                    new Load(LoadSettings.builder().build())
                            .loadFromString(key.setting().def()));
        }
        return schema;
    }

    private static Map<String, Object> array(Key key) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "array");
        schema.put("items", item(key));
        schema.put("minItems", key.setting().required() ? 1 : 0);
        return schema;
    }

    private static Map<String, Object> item(Key key) {
        if (!key.isSection()) {
            return new TreeMap<>(key.scalar().schema());
        }
        Map<String, Object> section = section(key.type());
        if (!key.type().isAnnotationPresent(OneForAll.class)) {
            return section;
        }
        return Map.of("anyOf", List.of(new TreeMap<>(oneForAll(key).schema()), section));
    }

    private static ScalarType oneForAll(Key key) {
        return Key.of(key.type()).get(0).scalar();
    }

    private static String row(Key.Row row, List<Key.Row> live) {
        return "| `%s` | %s | %s | %s | %s |"
                .formatted(
                        row.path(),
                        values(row.key()),
                        defaultText(row.key().setting()),
                        live.stream().anyMatch(section -> isIn(row.path(), section.path())) ? "yes" : "restart",
                        row.key().setting().doc());
    }

    private static boolean isIn(String path, String section) {
        return path.equals(section) || path.startsWith(section + ".") || path.startsWith(section + "[]");
    }

    static String values(Key key) {
        if (key.isMap()) {
            return "names, each with " + key.scalar().values();
        }
        if (key.setting().orSingle()) {
            return key.scalar().values() + "; or a list of these";
        }
        return key.isList()
                ? "list" + (key.isSection() ? "" : ", each " + key.scalar().values())
                : single(key);
    }

    private static String single(Key key) {
        if (!key.isSection()) {
            return key.scalar().values();
        }
        return key.type().isAnnotationPresent(OneForAll.class) ? oneForAll(key).values() + ", or a section" : "section";
    }

    static String defaultText(Setting setting) {
        if (setting.required()) {
            return "required";
        }
        return setting.def().isEmpty() ? "none" : "`" + setting.def() + "`";
    }

    private static final String INTRODUCTION = """
            # Configuration

            One YAML file, `fou-gateway run -c FILE`. Start from [gateway.example.yaml](../config/gateway.example.yaml);
            editors complete and check it by [gateway.schema.json](../config/gateway.schema.json).
            `fou-gateway check -c FILE` shows all mistakes at once, with line and key.

            An environment variable overrides the file for every key that is a single value outside a list: `FOU_` and the path in
            capitals, with `_` for the dot, for example `FOU_ADMIN_LISTEN` for `admin.listen`. A flag overrides both:
            `--set admin.listen=127.0.0.1:15555`.

            The file is read again when it changes, and on SIGHUP. *Live* tells which keys a running gateway then takes over; for the others
            the log names what needs a restart.

            This table is generated from `GatewayConfig.java`.

            | Key | Values | Default | Live | Meaning |
            |---|---|---|---|---|
            """;
}
