package net.fougateway.config;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes maps, lists, strings of printable characters, numbers and booleans as indented JSON. */
final class JsonText {

    private static final String INDENT = "  ";

    private JsonText() {}

    static String of(Object value) {
        return of(value, "\n");
    }

    private static String of(Object value, String newLine) {
        if (value instanceof Map<?, ?> map) {
            return block(
                    "{",
                    map.entrySet(),
                    "}",
                    newLine,
                    entry -> of(entry.getKey()) + ": " + of(entry.getValue(), newLine + INDENT));
        }
        if (value instanceof List<?> list) {
            return block("[", list, "]", newLine, item -> of(item, newLine + INDENT));
        }
        return value instanceof String text ? quoted(text) : value.toString();
    }

    private static <T> String block(
            String open, Collection<T> items, String close, String newLine, Function<T, String> writer) {
        return items.isEmpty()
                ? open + close
                : items.stream()
                        .map(writer)
                        .collect(Collectors.joining("," + newLine + INDENT, open + newLine + INDENT, newLine + close));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
