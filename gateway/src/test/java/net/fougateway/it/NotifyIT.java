package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.fougateway.linux.NotifyReceiver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd hears from a gateway as its own process. */
class NotifyIT {

    private static final String CONFIG = "device: {address: [10.10.10.1/24]}\n";
    private static final Duration WATCHDOG = Duration.ofSeconds(2);
    /** The gateway speaks at half of the watchdog's time. */
    private static final Duration THREE_BEATS = Duration.ofMillis(3500);

    @TempDir
    private Path directory;

    private NotifyReceiver listen(Lab lab) {
        return lab.own(new NotifyReceiver(directory.resolve("notify").toString()));
    }

    private GatewayProcess start(Lab lab) throws Exception {
        List<String> systemd = List.of(
                "env", "NOTIFY_SOCKET=" + directory.resolve("notify"), "WATCHDOG_USEC=" + WATCHDOG.toNanos() / 1000);
        return lab.own(GatewayProcess.start(TwoHosts.build(lab).a(), systemd, CONFIG));
    }

    @Test
    void everyStageOfItsLife() throws Exception {
        try (Lab lab = Lab.create()) {
            NotifyReceiver systemd = listen(lab);
            GatewayProcess gateway = start(lab);
            assertThat(systemd.next()).startsWith("STATUS=0 peers, received 0 packets/s");
            assertThat(systemd.next()).isEqualTo("READY=1");
            assertThat(gateway.ready()).isTrue();
            for (int beat = 0; beat < 3; beat++) {
                systemd.next("WATCHDOG=1");
            }

            gateway.reconfigure(CONFIG + "peers: [{name: b, remote: 10.77.0.2, allowed_ips: [10.42.2.0/24]}]\n", true);
            assertThat(systemd.next("RELOADING=1\n")).contains("MONOTONIC_USEC=");
            systemd.next("STATUS=1 peer,");
            systemd.next("READY=1");

            gateway.reconfigure(CONFIG + "nonsense: 1\n", true);
            systemd.next("STATUS=NEW CONFIGURATION REFUSED");
            systemd.next("READY=1");

            gateway.terminate();
            systemd.next("STOPPING=1");
        }
    }

    @Test
    void anEventLoopThatHangsIsNotTakenAsAlive() throws Exception {
        try (Lab lab = Lab.create()) {
            NotifyReceiver systemd = listen(lab);
            GatewayProcess gateway = start(lab);
            systemd.next("WATCHDOG=1");
            try (FrozenThread frozen = FrozenThread.of(gateway.pid(), "worker-")) {
                systemd.next("STATUS=NOT READY: an event loop does not answer");
                assertThat(systemd.during(THREE_BEATS))
                        .as("while %s is frozen", frozen)
                        .isNotEmpty()
                        .doesNotContain("WATCHDOG=1");
            }
            systemd.next("WATCHDOG=1");
            assertThat(gateway.ready()).isTrue();
        }
    }
}
