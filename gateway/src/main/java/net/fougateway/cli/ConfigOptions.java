package net.fougateway.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import net.fougateway.config.ConfigException;
import net.fougateway.config.ConfigFile;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.WebFiles;
import picocli.CommandLine.Option;

/** Where the configuration comes from: a file, the environment, flags. */
final class ConfigOptions {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration file (environment: FOU_CONFIG; default: /etc/fou-gateway/gateway.yaml).",
            defaultValue = "${env:FOU_CONFIG:-/etc/fou-gateway/gateway.yaml}")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override one setting, such as log.level=debug; wins over file and environment.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** Where the file is. */
    Path file() {
        return file;
    }

    /** The file as it is now. */
    ConfigFile read() {
        return ConfigFile.read(file);
    }

    GatewayConfig load() throws ConfigException {
        return load(read());
    }

    /** The files that the configuration names. */
    WebFiles webFiles(GatewayConfig config) {
        return WebFiles.read(config, file);
    }

    /** What is configured, when this is in the file. */
    GatewayConfig load(ConfigFile content) throws ConfigException {
        return ConfigLoader.load(content, System.getenv(), settings);
    }
}
