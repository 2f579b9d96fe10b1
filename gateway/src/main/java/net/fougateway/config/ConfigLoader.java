package net.fougateway.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the configuration: the file, over it the environment, over both the flags. */
public final class ConfigLoader {

    private ConfigLoader() {}

    /**
     * Reads a file.
     *
     * @param environment variables such as {@code FOU_ADMIN_LISTEN}; others are ignored
     * @param flags values by path, for example {@code admin.listen}
     * @throws ConfigException with all mistakes at once, also when the file cannot be read
     */
    public static GatewayConfig load(Path file, Map<String, String> environment, Map<String, String> flags)
            throws ConfigException {
        return load(ConfigFile.read(file), environment, flags);
    }

    /** As {@link #load(Path, Map, Map)}, with what was read before. */
    public static GatewayConfig load(ConfigFile file, Map<String, String> environment, Map<String, String> flags)
            throws ConfigException {
        return load(file.path().toString(), file.text(), environment, flags);
    }

    /**
     * Reads text.
     *
     * @param fileName for messages
     * @param text YAML
     * @param environment variables such as {@code FOU_ADMIN_LISTEN}; others are ignored
     * @param flags values by path, for example {@code admin.listen}
     * @throws ConfigException with all mistakes at once
     */
    public static GatewayConfig load(
            String fileName, String text, Map<String, String> environment, Map<String, String> flags)
            throws ConfigException {
        Problems problems = new Problems();
        return read(Yaml.withoutLines(text, problems), environment, flags, problems)
                .orElseThrow(() -> new ConfigException(fileName, problems(text, environment, flags)));
    }

    private static Optional<GatewayConfig> read(
            Optional<Node> root, Map<String, String> environment, Map<String, String> flags, Problems problems) {
        Map<String, String> overrides = Overrides.of(environment, flags, problems);
        Optional<GatewayConfig> config =
                root.map(node -> new SettingReader(overrides, problems).read(GatewayConfig.class, node));
        config.ifPresent(read -> new ConfigRules(read, problems).check());
        return config.filter(read -> problems.isEmpty());
    }

    /** Reads once more, for the lines. */
    private static List<ConfigProblem> problems(
            String text, Map<String, String> environment, Map<String, String> flags) {
        Problems problems = new Problems();
        read(Yaml.ofFile(text, problems), environment, flags, problems);
        return withHints(problems, text);
    }

    private static List<ConfigProblem> withHints(Problems problems, String text) {
        List<String> lines = text.lines().toList();
        return problems.inOrder().stream()
                .map(problem -> UnquotedIpv6.hint(lines, problem)
                        .map(hint -> new ConfigProblem(problem.line(), problem.path(), problem.message() + "; " + hint))
                        .orElse(problem))
                .toList();
    }
}
