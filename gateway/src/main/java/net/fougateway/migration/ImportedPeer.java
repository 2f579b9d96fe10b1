package net.fougateway.migration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.fougateway.route.Prefix;

/** An entry of {@code peers}, for one tunnel device or for an {@code ipip} and a {@code sit} that differ in the port alone. */
final class ImportedPeer {

    private static final Map<String, String> PROTOCOLS = Map.of("ipip", "4", "sit", "41");

    private final String name;
    private final Map<String, String> keys;
    private final Map<String, Integer> portByKind = new LinkedHashMap<>();
    private final List<Prefix> prefixes = new ArrayList<>();

    ImportedPeer(String name, Map<String, String> keys) {
        this.name = name.replaceAll("[^A-Za-z0-9._-]", "_");
        this.keys = keys;
    }

    /** True when a device of another kind goes to the same machine in the same way. */
    boolean takes(TunnelDevice device, Map<String, String> others) {
        return keys.equals(others)
                && PROTOCOLS.keySet().containsAll(portByKind.keySet())
                && PROTOCOLS.containsKey(device.kind())
                && !portByKind.containsKey(device.kind());
    }

    void add(TunnelDevice device, List<Prefix> behind) {
        portByKind.put(device.kind(), device.encap().number("dport"));
        behind.stream().filter(prefix -> !prefixes.contains(prefix)).forEach(prefixes::add);
    }

    boolean isNextHop() {
        return Migration.NEXT_HOP.equals(keys.get("type"));
    }

    List<Prefix> prefixes() {
        return prefixes;
    }

    /** Its lines in the list. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("  - name: " + YamlText.scalar(name));
        keys.forEach((key, value) -> lines.add("    " + key + ": " + value));
        lines.add("    port: " + port());
        lines.add("    " + (isNextHop() ? "remote" : "allowed_ips") + ": " + YamlText.list(prefixes));
        return lines;
    }

    private String port() {
        return portByKind.values().stream().distinct().count() == 1
                ? portByKind.values().iterator().next().toString()
                : PROTOCOLS.keySet().stream()
                        .sorted()
                        .map(kind -> PROTOCOLS.get(kind) + ": " + portByKind.get(kind))
                        .collect(Collectors.joining(", ", "{", "}"));
    }
}
