package net.fougateway.config;

import io.netty.util.NetUtil;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What differs between the configuration in force and a new one.
 *
 * @param changes what a running gateway takes over, one sentence each
 * @param needRestart what it cannot, likewise
 */
public record ConfigDiff(List<String> changes, List<String> needRestart) {

    private static final Key PEERS = Key.of(GatewayConfig.class).stream()
            .filter(key -> key.name().equals("peers"))
            .findFirst()
            .orElseThrow();

    /** Compares key by key; peers are the same when they have the same name. */
    public static ConfigDiff between(GatewayConfig before, GatewayConfig after) {
        ConfigDiff diff = new ConfigDiff(new ArrayList<>(), new ArrayList<>());
        for (Key key : Key.of(GatewayConfig.class)) {
            if (key.equals(PEERS)) {
                diff.comparePeers(before.peers(), after.peers());
            } else {
                diff.compare(key, "", before, after, false);
            }
        }
        return diff;
    }

    /** {@code after} as a running gateway takes it over: with the values of {@code before} for what only a restart can change. */
    public static GatewayConfig live(GatewayConfig before, GatewayConfig after) {
        return (GatewayConfig) live(GatewayConfig.class, before, after);
    }

    private static Object live(Class<?> section, Object before, Object after) {
        List<Object> values = new ArrayList<>();
        for (Key key : Key.of(section)) {
            Object was = value(key.component(), before);
            Object is = value(key.component(), after);
            if (key.setting().live()) {
                values.add(is);
            } else {
                values.add(key.isSection() && !key.isList() ? live(key.type(), was, is) : was);
            }
        }
        return SettingReader.construct(section, values);
    }

    /** True when the two are the same. */
    public boolean isEmpty() {
        return changes.isEmpty() && needRestart.isEmpty();
    }

    private void comparePeers(List<GatewayConfig.Peer> before, List<GatewayConfig.Peer> after) {
        Map<String, GatewayConfig.Peer> old = new LinkedHashMap<>();
        before.forEach(peer -> old.put(peer.name(), peer));
        for (GatewayConfig.Peer peer : after) {
            GatewayConfig.Peer was = old.remove(peer.name());
            String path = "peers[" + peer.name() + "]";
            if (was == null) {
                changes.add(path + ": added");
            } else {
                compareSections(
                        GatewayConfig.Peer.class,
                        path,
                        was,
                        peer,
                        PEERS.setting().live());
            }
        }
        old.keySet().forEach(name -> changes.add("peers[" + name + "]: removed"));
    }

    private void compareSections(Class<?> section, String path, Object before, Object after, boolean live) {
        Key.of(section).forEach(key -> compare(key, path, before, after, live));
    }

    private void compare(Key key, String sectionPath, Object before, Object after, boolean sectionIsLive) {
        Object was = value(key.component(), before);
        Object is = value(key.component(), after);
        String path = Key.join(sectionPath, key.name());
        boolean live = sectionIsLive || key.setting().live();
        if (key.isSection() && !key.isList()) {
            compareSections(key.type(), path, was, is, live);
        } else if (!Objects.equals(was, is)) {
            (live ? changes : needRestart).add("%s: %s → %s".formatted(path, text(key, was), text(key, is)));
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
        if (key.setting().orSingle()) {
            return ((List<?>) value).stream().map(ConfigDiff::item).collect(Collectors.joining(", "));
        }
        return value instanceof Enum ? value.toString().toLowerCase(Locale.ROOT) : value.toString();
    }

    private static String item(Object item) {
        if (item instanceof InetSocketAddress inet) {
            return NetUtil.toSocketAddressString(inet);
        }
        return item instanceof UnixDomainSocketAddress unix ? "unix:" + unix : item.toString();
    }

    private static Object value(RecordComponent component, Object section) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
