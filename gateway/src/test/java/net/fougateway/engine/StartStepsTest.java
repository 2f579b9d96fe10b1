package net.fougateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import net.fougateway.linux.Descriptors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A start that fails leaves no descriptor, at whichever step it fails: the process is given one descriptor more at each try, so that every
 * step that opens one is once the one that cannot.
 */
class StartStepsTest {

    private static final String CONFIG = """
            workers: 1
            source_ports: {sockets: 8}
            listen: [{port: %d, local: 127.0.0.1}, {port: %d, local: "::1"}]
            peers:
              - {name: a, remote: 127.0.0.1, allowed_ips: [10.1.0.0/16]}
              - {name: b, remote: "::1", allowed_ips: [10.2.0.0/16]}
              - {name: c, remote: 127.0.0.2, source_port: %d, allowed_ips: [10.3.0.0/16]}
            """;

    private static final int MOST_STEPS = 200;

    @AfterEach
    void liftLimit() {
        Descriptors.liftLimit();
    }

    private static int freePort() throws IOException {
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    @Test
    void noStepThatFailsLeavesADescriptor() throws Exception {
        String yaml = CONFIG.formatted(freePort(), freePort(), freePort());
        new StandInGateway(yaml).close();
        int failures = 0;
        long before = Descriptors.open();
        for (int step = 0; step < MOST_STEPS; step++) {
            boolean started = tryWith(before + step, yaml);
            failures += started ? 0 : 1;
            // Other tests of the same process open and close some at times.
            await().alias("descriptors after step " + step)
                    .pollDelay(Duration.ZERO)
                    .until(() -> Descriptors.open() <= before);
        }
        assertThat(failures).isBetween(20, MOST_STEPS - 1);
    }

    private static boolean tryWith(long descriptors, String yaml) {
        Descriptors.limitTo(descriptors);
        try (StandInGateway gateway = new StandInGateway(yaml)) {
            return gateway.engine().isRunning();
        } catch (Exception | Error tooFew) {
            return false;
        } finally {
            Descriptors.liftLimit();
        }
    }
}
