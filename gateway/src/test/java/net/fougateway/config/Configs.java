package net.fougateway.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Short ways to load configurations in tests. */
final class Configs {

    static final Path EXAMPLE = Path.of("../config/gateway.example.yaml");

    private Configs() {}

    static GatewayConfig load(String yaml) throws ConfigException {
        return ConfigLoader.load("gateway.yaml", yaml, Map.of(), Map.of());
    }

    /** Lines that the user sees. */
    static List<String> errors(String yaml) {
        return errors(yaml, Map.of(), Map.of());
    }

    static List<String> errors(String yaml, Map<String, String> environment, Map<String, String> flags) {
        ConfigException exception = catchThrowableOfType(
                ConfigException.class, () -> ConfigLoader.load("gateway.yaml", yaml, environment, flags));
        return exception == null ? List.of() : exception.getMessage().lines().toList();
    }
}
