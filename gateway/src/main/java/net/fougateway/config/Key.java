package net.fougateway.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * One key of a section: what a record component and its annotations say.
 *
 * @param name as written in the file
 * @param setting default and meaning
 * @param defaultNode the default; nothing when there is none
 * @param component of the section's record
 * @param type of the value, of the items of a list, or of the values of a map
 * @param isSection whether the value, or each item, has keys of its own
 * @param isRequired as {@code setting} says
 */
record Key(
        String name,
        Setting setting,
        Optional<Node> defaultNode,
        RecordComponent component,
        Class<?> type,
        boolean isSection,
        boolean isRequired) {

    private static final ClassValue<List<Key>> SECTIONS = new ClassValue<>() {
        @Override
        protected List<Key> computeValue(Class<?> section) {
            return Arrays.stream(section.getRecordComponents())
                    .filter(component -> component.isAnnotationPresent(Setting.class))
                    .map(Key::of)
                    .toList();
        }
    };

    /**
     * A key with its place.
     *
     * @param path from the root, for example {@code peers[].port}
     */
    record Row(String path, Key key) {

        /** True when environment and flags can set it: a single value outside lists. */
        boolean isOverridable() {
            return !path.contains("[]") && (!key.isList() || key.setting.orSingle()) && !key.isSection();
        }
    }

    /** Keys of a section, in order; empty for a record that is written as a single value. */
    static List<Key> of(Class<?> section) {
        return SECTIONS.get(section);
    }

    /** Every key of the gateway's configuration, in order, each section before its keys. */
    static List<Row> table() {
        return table(GatewayConfig.class);
    }

    /** Every key of a document, in order, each section before its keys. */
    static List<Row> table(Class<?> root) {
        List<Row> rows = new ArrayList<>();
        addRows(root, "", rows);
        return rows;
    }

    boolean isList() {
        return component.getType() == List.class;
    }

    /** True for a section whose keys are names that the user gives, each with a value of {@link #type}. */
    boolean isMap() {
        return component.getType() == Map.class;
    }

    /** How a value that is not a section is written. */
    ScalarType scalar() {
        return ScalarType.of(type(), component);
    }

    private static Key of(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        String snakeCase = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
        String name = setting.key().isEmpty() ? snakeCase : setting.key();
        Class<?> type = type(component);
        boolean isSection = type.isRecord() && !of(type).isEmpty();
        return new Key(name, setting, Yaml.ofDefault(setting), component, type, isSection, setting.required());
    }

    private static Class<?> type(RecordComponent component) {
        if (!(component.getGenericType() instanceof ParameterizedType generic)) {
            return component.getType();
        }
        Type[] arguments = generic.getActualTypeArguments();
        return (Class<?>) arguments[arguments.length - 1];
    }

    private static void addRows(Class<?> section, String sectionPath, List<Row> rows) {
        for (Key key : of(section)) {
            String path = join(sectionPath, key.name);
            rows.add(new Row(path, key));
            if (key.isSection()) {
                addRows(key.type(), key.isList() ? path + "[]" : path, rows);
            }
        }
    }

    static String join(String sectionPath, String name) {
        return sectionPath.isEmpty() ? name : sectionPath + "." + name;
    }
}
