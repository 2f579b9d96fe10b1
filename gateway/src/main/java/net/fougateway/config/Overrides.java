package net.fougateway.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Values from environment variables and flags. */
final class Overrides {

    private static final String PREFIX = "FOU_";
    private static final Set<String> OF_THE_LAUNCHER = Set.of("FOU_HOME", "FOU_JAVA_OPTS", "FOU_CONFIG");

    private final Map<String, String> values = new HashMap<>();
    private final Problems problems;

    private Overrides(Problems problems) {
        this.problems = problems;
    }

    /** Values by path; flags go before the environment. */
    static Map<String, String> of(Map<String, String> environment, Map<String, String> flags, Problems problems) {
        Overrides overrides = new Overrides(problems);
        overrides.readEnvironment(new TreeMap<>(environment));
        overrides.readFlags(new TreeMap<>(flags));
        return overrides.values;
    }

    /** The environment variable for a path, for example {@code FOU_ADMIN_LISTEN}. */
    static String variable(String path) {
        return PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private void readEnvironment(Map<String, String> environment) {
        Map<String, Key.Row> rows = new HashMap<>();
        outsideLists().forEach(row -> rows.put(variable(row.path()), row));
        environment.forEach((name, value) -> {
            Key.Row row = rows.get(name);
            if (row != null) {
                override(row, name, value);
            } else if (name.startsWith(PREFIX) && !OF_THE_LAUNCHER.contains(name)) {
                refuseTypo(name, rows.keySet());
            }
        });
    }

    /** Others may use the prefix too: Kubernetes makes {@code FOU_GATEWAY_SERVICE_HOST} for a service of our name. */
    private void refuseTypo(String name, Set<String> known) {
        Nearest.to(name, known)
                .ifPresent(near -> problems.addAt(0, name, "unknown variable, did you mean \"" + near + "\"?"));
    }

    private void readFlags(Map<String, String> flags) {
        List<String> known = outsideLists().stream().map(Key.Row::path).toList();
        flags.forEach((path, value) -> {
            int index = known.indexOf(path);
            if (index >= 0) {
                override(outsideLists().get(index), "--set " + path, value);
            } else {
                problems.addAt(0, "--set " + path, "unknown key" + Nearest.hint(path, known));
            }
        });
    }

    private void override(Key.Row row, String variableOrFlag, String value) {
        if (row.isOverridable()) {
            values.put(row.path(), value);
            problems.overridden(row.path(), variableOrFlag);
        } else {
            problems.addAt(0, variableOrFlag, row.path() + " is not a single value: write it in the file");
        }
    }

    private static List<Key.Row> outsideLists() {
        return Key.table().stream().filter(row -> !row.path().contains("[]")).toList();
    }
}
