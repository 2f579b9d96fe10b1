package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals, and changes of the configuration, at any moment from the first one on. */
class SignalsIT {

    private static final List<String> NOHUP = List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "nohup");
    /** In place of the JVM that it is given. */
    private static final List<String> LAUNCHER =
            List.of("sh", "-c", "for file; do :; done; exec ../fou-gateway run -c \"$file\"", "launcher");

    private static final String CONFIG = TwoHosts.config(Underlay.IPV4, 1);
    private static final String CHANGED = CONFIG.replace("10.10.10.2/32", "10.10.10.2/32, 10.99.0.0/16");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static String routes(Namespace host) throws Exception {
        return host.ok("ip", "route").output();
    }

    private static void awaitLauncher(GatewayProcess gateway) {
        Path status = Path.of("/proc", Long.toString(gateway.pid()), "status");
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> Files.readString(status).lines().anyMatch(line -> line.matches("SigIgn:.*[13579bdf]")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, 200, 500, 1000, 1600})
    void hangupsDuringTheStartLeadToAReload(int millis) throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            GatewayProcess gateway = lab.own(GatewayProcess.start(host, LAUNCHER, CONFIG));
            awaitLauncher(gateway);
            Thread.sleep(millis);

            gateway.reconfigure(CHANGED, true);
            gateway.reconfigure(CHANGED, true);

            await().atMost(LIMIT).until(() -> routes(host).contains("10.99.0.0/16"));
            gateway.awaitReady();
            assertThat(gateway.metrics().sum("fou_config_last_reload_successful"))
                    .isEqualTo(1);
        }
    }

    /** A configuration that the host refused is tried again on SIGHUP, and only then. */
    @Test
    void aHangupIsHeardThoughItWasIgnoredAtTheStart() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            GatewayProcess gateway =
                    lab.own(GatewayProcess.start(host, NOHUP, CONFIG)).awaitReady();
            host.ok("ip", "route", "add", "10.99.0.0/16", "dev", "eth0");
            gateway.reconfigure(CHANGED, false);
            await().atMost(LIMIT).until(() -> refused(gateway) == 1);

            gateway.reconfigure(CHANGED, true);

            await().atMost(LIMIT).until(() -> refused(gateway) == 2);
        }
    }

    private static long refused(GatewayProcess gateway) throws Exception {
        return gateway.metrics().sum("fou_config_reloads_total", "result=\"failure\"");
    }

    /** Without a signal. */
    @Test
    void whatChangedBetweenReadingAndWatchingIsTaken() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            GatewayProcess gateway = lab.own(GatewayProcess.start(host, CONFIG));
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> host.ok("ip", "link").output().contains("fou0"));

            gateway.reconfigure(CHANGED, false);

            await().atMost(LIMIT).until(() -> routes(host).contains("10.99.0.0/16"));
        }
    }

    /** The host route to the peer outlives the device, unless it is taken back. */
    @Test
    void terminatedDuringTheStartItLeavesNothing() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            String before = routes(host);
            String config = CONFIG.replace("10.10.10.2/32", "10.0.0.0/8");
            GatewayProcess gateway = lab.own(GatewayProcess.start(host, config));
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> !routes(host).equals(before));

            gateway.terminate();

            assertThat(routes(host)).isEqualTo(before);
            assertThat(host.ok("ip", "link").output()).doesNotContain("fou0");
        }
    }
}
