package net.fougateway.config;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Makes records from YAML nodes. A value that cannot be read adds a problem and becomes its default, or null when it has
 * none; a required one becomes empty.
 */
final class SettingReader {

    private static final ClassValue<Constructor<?>> CONSTRUCTORS = new ClassValue<>() {
        @Override
        protected Constructor<?> computeValue(Class<?> section) {
            Class<?>[] types = Key.of(section).stream()
                    .map(key -> key.component().getType())
                    .toArray(Class<?>[]::new);
            try {
                return section.getDeclaredConstructor(types);
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException(e);
            }
        }
    };

    private final Map<String, String> overrides;
    private final Problems problems;
    /** A list may have the same keys many thousand times. */
    private final IdentityHashMap<Key, ScalarType> scalars = new IdentityHashMap<>();

    private final IdentityHashMap<Key, Optional<Object>> defaults = new IdentityHashMap<>();

    /** With values that go before those of the file, by path. */
    SettingReader(Map<String, String> overrides, Problems problems) {
        this.overrides = overrides;
        this.problems = problems;
    }

    <T> T read(Class<T> document, Node root) {
        return document.cast(section(document, "", root));
    }

    private Object section(Class<?> type, String path, Node node) {
        List<Key> keys = Key.of(type);
        if (node instanceof ScalarNode && type.isAnnotationPresent(OneForAll.class)) {
            Object value = scalar(keys.get(0), path, node);
            return value == null ? null : construct(type, Collections.nCopies(keys.size(), value));
        }
        Map<String, Node> entries = entries(keys, path, node);
        List<Object> values = new ArrayList<>();
        for (Key key : keys) {
            values.add(value(key, path, entries.get(key.name())));
        }
        return construct(type, values);
    }

    private Map<String, Node> entries(List<Key> keys, String path, Node node) {
        Map<String, Node> entries = new HashMap<>();
        if (node instanceof MappingNode mapping) {
            mapping.getValue().forEach(tuple -> addEntry(keys, path, tuple, entries));
        } else {
            wrongKind(path, node, "a section of \"key: value\" lines");
        }
        return entries;
    }

    private void addEntry(List<Key> keys, String path, NodeTuple tuple, Map<String, Node> entries) {
        int line = Yaml.line(tuple.getKeyNode().getStartMark());
        String name = ((ScalarNode) tuple.getKeyNode()).getValue();
        List<String> known = keys.stream().map(Key::name).toList();
        if (!known.contains(name)) {
            String hint = replacement(keys, name).orElseGet(() -> Nearest.hint(name, known));
            problems.addAt(line, path, "unknown key " + ScalarType.quote(name) + hint);
        } else if (entries.put(name, tuple.getValueNode()) != null) {
            problems.addAt(line, Key.join(path, name), "the key is given twice: keep one");
        } else if (tuple.getKeyNode().getStartMark().isPresent()) {
            problems.foundAt(Key.join(path, name), line);
        }
    }

    private static Optional<String> replacement(List<Key> keys, String name) {
        return keys.stream()
                .filter(key -> key.setting().replaces().equals(name))
                .map(key -> ", " + ScalarType.quote(key.name()) + " took its place")
                .findFirst();
    }

    private Object value(Key key, String sectionPath, Node given) {
        String path = Key.join(sectionPath, key.name());
        String override = overrides.get(path);
        Object value = null;
        if (override != null) {
            value = overridden(key, path, override);
        } else if (given != null) {
            value = given(key, path, given);
        } else if (key.setting().required()) {
            problems.add(sectionPath, "the key \"" + key.name() + "\" is missing");
        }
        return value != null ? value : defaultValue(key, path);
    }

    private Object overridden(Key key, String path, String override) {
        return key.isList()
                ? Stream.of(override.split(",", -1))
                        .map(item -> parse(key, path, item.strip()))
                        .toList()
                : parse(key, path, override);
    }

    private Object defaultValue(Key key, String path) {
        return key.isSection() && !key.isList()
                ? readDefault(key, path)
                : defaults.computeIfAbsent(key, same -> Optional.ofNullable(readDefault(key, path)))
                        .orElse(null);
    }

    private Object readDefault(Key key, String path) {
        return key.defaultNode().map(node -> given(key, path, node)).orElseGet(() -> absent(key));
    }

    /** Stands for a required value, so that the rules can look at the rest; the configuration is refused all the same. */
    private static Object absent(Key key) {
        if (!key.setting().required()) {
            return null;
        }
        return key.isList() ? List.of() : "";
    }

    private Object given(Key key, String path, Node node) {
        if (key.isMap()) {
            return map(key, path, node);
        }
        return key.isList() ? list(key, path, node) : single(key, path, node);
    }

    private Map<String, Object> map(Key key, String path, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            wrongKind(path, node, "a section of \"name: value\" lines");
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String name = ((ScalarNode) tuple.getKeyNode()).getValue();
            String itemPath = Key.join(path, name);
            tuple.getKeyNode()
                    .getStartMark()
                    .ifPresent(mark -> problems.foundAt(itemPath, Yaml.line(Optional.of(mark))));
            if (values.put(name, scalar(key, itemPath, tuple.getValueNode())) != null) {
                problems.add(itemPath, "the key is given twice: keep one");
            }
        }
        return Collections.unmodifiableMap(values);
    }

    private List<Object> list(Key key, String path, Node node) {
        if (node instanceof ScalarNode && key.setting().orSingle()) {
            return Collections.singletonList(scalar(key, path, node));
        }
        if (!(node instanceof SequenceNode sequence)) {
            wrongKind(path, node, "a list");
            return null;
        }
        List<Object> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            String itemPath = path + "[" + items.size() + "]";
            item.getStartMark().ifPresent(mark -> problems.foundAt(itemPath, Yaml.line(Optional.of(mark))));
            items.add(single(key, itemPath, item));
        }
        if (items.isEmpty() && key.setting().required()) {
            problems.add(path, "the list must not be empty: leave the key out for its default");
        }
        return Collections.unmodifiableList(items);
    }

    private Object single(Key key, String path, Node node) {
        return key.isSection() ? section(key.type(), path, node) : scalar(key, path, node);
    }

    private Object scalar(Key key, String path, Node node) {
        if (!(node instanceof ScalarNode scalar) || node.getTag().equals(Tag.NULL)) {
            wrongKind(path, node, key.scalar().values());
            return null;
        }
        return parse(key, path, scalar.getValue());
    }

    private Object parse(Key key, String path, String text) {
        try {
            return scalars.computeIfAbsent(key, Key::scalar).parse(text);
        } catch (IllegalArgumentException e) {
            problems.add(path, e.getMessage());
            return null;
        }
    }

    private void wrongKind(String path, Node node, String expected) {
        String found = node.getTag().equals(Tag.NULL) ? "there is no value" : "a " + word(node) + " is not allowed";
        problems.add(path, found + ": it must be " + expected);
    }

    private static String word(Node node) {
        return switch (node.getNodeType()) {
            case MAPPING -> "section";
            case SEQUENCE -> "list";
            default -> "single value";
        };
    }

    /** A section with these values of its keys, in order. */
    static Object construct(Class<?> type, List<Object> values) {
        try {
            return CONSTRUCTORS.get(type).newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
