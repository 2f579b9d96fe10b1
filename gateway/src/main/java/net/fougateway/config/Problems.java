package net.fougateway.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects mistakes, and knows where each key got its value. */
final class Problems {

    private final Map<String, Integer> lines = new HashMap<>();
    private final Map<String, String> overriders = new HashMap<>();
    private final List<ConfigProblem> list = new ArrayList<>();

    /** The key at {@code path} is in that line of the file. */
    void foundAt(String path, int line) {
        lines.put(path, line);
    }

    /** The value at {@code path} comes from an environment variable or flag. */
    void overridden(String path, String variableOrFlag) {
        overriders.put(path, variableOrFlag);
    }

    /** The value at {@code path} is wrong. */
    void add(String path, String message) {
        String overrider = overriders.get(path);
        list.add(
                overrider == null
                        ? new ConfigProblem(lineOf(path), path, message)
                        : new ConfigProblem(0, overrider, message));
    }

    /** That line is wrong. */
    void addAt(int line, String path, String message) {
        list.add(new ConfigProblem(line, path, message));
    }

    boolean isEmpty() {
        return list.isEmpty();
    }

    /** True when the setting, or something in the section, at {@code path} is wrong. */
    boolean isWithin(String path) {
        return list.stream()
                .anyMatch(
                        problem -> problem.path().equals(path) || problem.path().startsWith(path + "."));
    }

    List<ConfigProblem> inOrder() {
        return list.stream()
                .sorted(Comparator.comparingInt(ConfigProblem::line))
                .toList();
    }

    private int lineOf(String path) {
        Integer line = lines.get(path);
        if (line != null) {
            return line;
        }
        return path.isEmpty() ? 1 : lineOf(parent(path));
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }
}
