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
import org.snakeyaml.engine.v2.exceptions.Mark;
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
        return document.cast(section(document, Place.ROOT, root));
    }

    private Object section(Class<?> type, Place place, Node node) {
        List<Key> keys = Key.of(type);
        if (node instanceof ScalarNode && type.isAnnotationPresent(OneForAll.class)) {
            Object value = scalar(keys.get(0), place, node);
            return value == null ? null : construct(type, forAll(keys, value, place));
        }
        Map<String, Node> entries = entries(keys, place, node);
        List<Object> values = new ArrayList<>(keys.size());
        for (Key key : keys) {
            values.add(value(key, place, entries.get(key.name())));
        }
        return construct(type, values);
    }

    private List<Object> forAll(List<Key> keys, Object value, Place place) {
        List<Object> values = new ArrayList<>(keys.size());
        for (Key key : keys) {
            values.add(key.type().equals(keys.get(0).type()) ? value : value(key, place, null));
        }
        return values;
    }

    private Map<String, Node> entries(List<Key> keys, Place place, Node node) {
        Map<String, Node> entries = new HashMap<>();
        if (node instanceof MappingNode mapping) {
            mapping.getValue().forEach(tuple -> addEntry(keys, place, tuple, entries));
        } else {
            wrongKind(place, node, "a section of \"key: value\" lines");
        }
        return entries;
    }

    private void addEntry(List<Key> keys, Place section, NodeTuple tuple, Map<String, Node> entries) {
        Optional<Mark> mark = tuple.getKeyNode().getStartMark();
        String name = ((ScalarNode) tuple.getKeyNode()).getValue();
        if (!isKnown(keys, name)) {
            List<String> known = keys.stream().map(Key::name).toList();
            String hint = replacement(keys, name)
                    .or(() -> ForeignWords.hint(name, known))
                    .orElseGet(() -> Nearest.hint(name, known));
            problems.addAt(Yaml.line(mark), section.path(), "unknown key " + ScalarType.quote(name) + hint);
        } else if (entries.put(name, tuple.getValueNode()) != null) {
            problems.addAt(Yaml.line(mark), section.key(name).path(), "the key is given twice: keep one");
        } else {
            found(section.key(name), mark);
        }
    }

    private static boolean isKnown(List<Key> keys, String name) {
        for (Key key : keys) {
            if (key.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private void found(Place place, Optional<Mark> mark) {
        if (mark.isPresent()) {
            problems.foundAt(place.path(), Yaml.line(mark));
        }
    }

    private static Optional<String> replacement(List<Key> keys, String name) {
        return keys.stream()
                .filter(key -> key.setting().replaces().equals(name))
                .map(key -> ", " + ScalarType.quote(key.name()) + " took its place")
                .findFirst();
    }

    private Object value(Key key, Place section, Node given) {
        Place place = section.key(key.name());
        String override = overrides.isEmpty() || place.isInList() ? null : overrides.get(place.path());
        Object value = null;
        if (override != null) {
            value = overridden(key, place, override);
        } else if (given != null) {
            value = given(key, place, given);
        } else if (key.isRequired()) {
            problems.add(section.path(), "the key \"" + key.name() + "\" is missing");
        }
        return value != null ? value : defaultValue(key, place);
    }

    private Object overridden(Key key, Place place, String override) {
        return key.isList()
                ? Stream.of(override.split(",", -1))
                        .map(item -> parse(key, place, item.strip()))
                        .toList()
                : parse(key, place, override);
    }

    /** Of a section outside lists the environment and flags may set single keys. */
    private Object defaultValue(Key key, Place place) {
        return key.isSection() && !key.isList() && !place.isInList()
                ? readDefault(key, place)
                : defaults.computeIfAbsent(key, same -> Optional.ofNullable(readDefault(key, place)))
                        .orElse(null);
    }

    private Object readDefault(Key key, Place place) {
        return key.defaultNode().map(node -> given(key, place, node)).orElseGet(() -> absent(key));
    }

    /** Stands for a required value, so that the rules can look at the rest; the configuration is refused all the same. */
    private static Object absent(Key key) {
        if (!key.isRequired()) {
            return null;
        }
        return key.isList() ? List.of() : "";
    }

    private Object given(Key key, Place place, Node node) {
        if (key.isMap()) {
            return map(key, place, node);
        }
        return key.isList() ? list(key, place, node) : single(key, place, node);
    }

    private Map<String, Object> map(Key key, Place place, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            wrongKind(place, node, "a section of \"name: value\" lines");
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String name = ((ScalarNode) tuple.getKeyNode()).getValue();
            Place item = place.key(name);
            found(item, tuple.getKeyNode().getStartMark());
            if (values.put(name, scalar(key, item, tuple.getValueNode())) != null) {
                problems.add(item.path(), "the key is given twice: keep one");
            }
        }
        return Collections.unmodifiableMap(values);
    }

    private List<Object> list(Key key, Place place, Node node) {
        if (node instanceof ScalarNode && key.setting().orSingle()) {
            return Collections.singletonList(scalar(key, place, node));
        }
        if (!(node instanceof SequenceNode sequence)) {
            wrongKind(
                    place, node, node instanceof ScalarNode one ? "a list: write [" + one.getValue() + "]" : "a list");
            return null;
        }
        List<Object> items = new ArrayList<>(sequence.getValue().size());
        for (Node one : sequence.getValue()) {
            Place item = place.item(items.size());
            found(item, one.getStartMark());
            items.add(single(key, item, one));
        }
        if (items.isEmpty() && key.isRequired()) {
            problems.add(place.path(), "the list must not be empty: leave the key out for its default");
        }
        return Collections.unmodifiableList(items);
    }

    private Object single(Key key, Place place, Node node) {
        return key.isSection() ? section(key.type(), place, node) : scalar(key, place, node);
    }

    private Object scalar(Key key, Place place, Node node) {
        if (!(node instanceof ScalarNode scalar) || node.getTag().equals(Tag.NULL)) {
            wrongKind(place, node, key.scalar().values());
            return null;
        }
        return parse(key, place, scalar.getValue());
    }

    private Object parse(Key key, Place place, String text) {
        try {
            return scalars.computeIfAbsent(key, Key::scalar).parse(text);
        } catch (IllegalArgumentException e) {
            problems.add(place.path(), e.getMessage());
            return null;
        }
    }

    private void wrongKind(Place place, Node node, String expected) {
        String found = node.getTag().equals(Tag.NULL) ? "there is no value" : "a " + word(node) + " is not allowed";
        problems.add(place.path(), found + ": it must be " + expected);
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
