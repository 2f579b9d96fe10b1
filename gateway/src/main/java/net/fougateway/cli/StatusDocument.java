package net.fougateway.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A JSON object as the gateway's {@code /status} writes it. A missing key reads as empty, zero or false, so that a gateway
 * of another version can be shown too.
 */
record StatusDocument(Map<?, ?> fields) {

    static StatusDocument parse(String json) throws IOException {
        try {
            LoadSettings settings =
                    LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
            if (new Load(settings).loadFromString(json) instanceof Map<?, ?> fields) {
                return new StatusDocument(fields);
            }
            throw new IOException("the gateway answered something that is not a JSON object");
        } catch (YamlEngineException e) {
            throw new IOException("the gateway answered something that is not JSON: " + e.getMessage(), e);
        }
    }

    String text(String key) {
        return fields.get(key) instanceof String text ? text : "";
    }

    long number(String key) {
        return fields.get(key) instanceof Number number ? number.longValue() : 0;
    }

    boolean flag(String key) {
        return Boolean.TRUE.equals(fields.get(key));
    }

    Instant time(String key) {
        return fields.get(key) instanceof String text ? Instant.parse(text) : Instant.EPOCH;
    }

    StatusDocument object(String key) {
        return new StatusDocument(fields.get(key) instanceof Map<?, ?> map ? map : Map.of());
    }

    Stream<StatusDocument> objects(String key) {
        return list(key).stream().filter(Map.class::isInstance).map(item -> new StatusDocument((Map<?, ?>) item));
    }

    Stream<String> texts(String key) {
        return list(key).stream().map(Object::toString);
    }

    Stream<String> keys() {
        return fields.keySet().stream().map(Object::toString);
    }

    private List<?> list(String key) {
        return fields.get(key) instanceof List<?> list ? list : List.of();
    }
}
