package net.fougateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands around the process while a machine boots: the launchers and the systemd unit. */
class BootFilesTest {

    /** The JVM dies of a SIGHUP before it can hear it, and the shell before that; {@code SignalsIT} shows that an ignored one is heard. */
    @ParameterizedTest
    @ValueSource(strings = {"../fou-gateway", "../deploy/fou-gateway"})
    void launchersIgnoreHangupsBeforeAnythingElse(String launcher) throws IOException {
        assertThat(Files.readString(Path.of(launcher)).lines().filter(line -> !line.startsWith("#")))
                .startsWith("set -euf", "if [ \"${1:-}\" = run ]; then", "    trap '' HUP", "fi");
    }

    @Test
    void theUnitNeverGivesUpButOnABadConfiguration() throws IOException {
        String unit = Files.readString(Path.of("../deploy/systemd/fou-gateway.service"));
        String service = unit.substring(unit.indexOf("[Service]"));

        assertThat(unit.substring(0, unit.indexOf("[Service]"))).contains("\nStartLimitIntervalSec=0\n");
        assertThat(service).contains("\nRestart=on-failure\n", "\nRestartPreventExitStatus=78\n");
        assertThat(service).containsPattern("\nRestartSec=[1-9]\\d*\n");
    }
}
