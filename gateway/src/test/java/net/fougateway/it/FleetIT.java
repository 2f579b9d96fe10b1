package net.fougateway.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dozen machines with BIRD, three of them with gateways: what dies is forgotten everywhere, and the others lose nothing. */
class FleetIT {

    private static final Path RUN = Path.of(System.getProperty("basedir", "."))
            .resolve("../interop/fleet/run")
            .toAbsolutePath()
            .normalize();
    /** Slower than in earnest: a busy machine must not look dead. */
    private static final String BFD_MILLIS = "400";

    @TempDir
    private Path results;

    @Test
    void nobodyElseNoticesADeath() throws Exception {
        Requires.networkLab();
        Requires.program("bird", "bird2");
        Requires.need(Files.exists(Path.of("/usr/bin/python3")), "/usr/bin/python3: apt-get install python3");
        String gateway =
                GatewayProcess.command().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Command.run(
                        Duration.ofMinutes(5),
                        List.of(
                                "timeout",
                                "240",
                                RUN.toString(),
                                "--quick",
                                "--skip-setup",
                                "--bfd",
                                BFD_MILLIS,
                                "--gateway",
                                gateway,
                                "--out",
                                results.toString()))
                .ok();
    }
}
