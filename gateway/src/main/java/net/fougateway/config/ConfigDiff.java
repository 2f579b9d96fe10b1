package net.fougateway.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What differs between the configuration in force and a new one.
 *
 * @param changes what a running gateway takes over, one sentence each
 * @param needRestart what it cannot, likewise
 */
public record ConfigDiff(List<String> changes, List<String> needRestart) {

    private static final Set<String> LIVE = Set.of("peers", "source_check", "log");

    /** Compares key by key; peers are the same when they have the same name. */
    public static ConfigDiff between(GatewayConfig before, GatewayConfig after) {
        List<String> changes = new ArrayList<>();
        List<String> needRestart = new ArrayList<>();
        for (Key key : Key.of(GatewayConfig.class)) {
            List<String> target = LIVE.contains(key.name()) ? changes : needRestart;
            if (key.name().equals("peers")) {
                comparePeers(before.peers(), after.peers(), target);
            } else {
                compare(key, "", before, after, target);
            }
        }
        return new ConfigDiff(List.copyOf(changes), List.copyOf(needRestart));
    }

    /** True when the two are the same. */
    public boolean isEmpty() {
        return changes.isEmpty() && needRestart.isEmpty();
    }

    private static void comparePeers(
            List<GatewayConfig.Peer> before, List<GatewayConfig.Peer> after, List<String> target) {
        Map<String, GatewayConfig.Peer> old = new LinkedHashMap<>();
        before.forEach(peer -> old.put(peer.name(), peer));
        for (GatewayConfig.Peer peer : after) {
            GatewayConfig.Peer was = old.remove(peer.name());
            String path = "peers[" + peer.name() + "]";
            if (was == null) {
                target.add(path + ": added");
            } else {
                compareSections(GatewayConfig.Peer.class, path, was, peer, target);
            }
        }
        old.keySet().forEach(name -> target.add("peers[" + name + "]: removed"));
    }

    private static void compareSections(
            Class<?> section, String path, Object before, Object after, List<String> target) {
        Key.of(section).forEach(key -> compare(key, path, before, after, target));
    }

    private static void compare(Key key, String sectionPath, Object before, Object after, List<String> target) {
        Object was = value(key.component(), before);
        Object is = value(key.component(), after);
        String path = Key.join(sectionPath, key.name());
        if (key.isSection() && !key.isList()) {
            compareSections(key.type(), path, was, is, target);
        } else if (!Objects.equals(was, is)) {
            target.add("%s: %s → %s".formatted(path, text(key, was), text(key, is)));
        }
    }

    /** As it is written in the file. */
    private static String text(Key key, Object value) {
        Range range = key.component().getAnnotation(Range.class);
        if (range != null && !range.word().isEmpty() && value.equals(range.wordValue())) {
            return range.word();
        }
        if (value == null) {
            return "none";
        }
        return value instanceof Enum ? value.toString().toLowerCase(Locale.ROOT) : value.toString();
    }

    private static Object value(RecordComponent component, Object section) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
