package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import net.fougateway.Gateway;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.WebAccess;
import net.fougateway.linux.Descriptors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A start that fails leaves neither a descriptor nor anything on the host, at whichever step it fails: the process is given one descriptor
 * more at each try, so that every step that opens one is once the one that cannot.
 */
class StartStepsIT {

    private static final String CONFIG = """
            workers: 2
            device: {name: fou0, address: [10.10.10.1/24, "fd00:10::1/64"]}
            source_ports: {sockets: 4}
            peers: [{name: other, remote: 10.77.0.2, allowed_ips: [10.42.0.0/16, "fd00:42::/64"]}]
            """;

    private static final long ENOUGH = 4096;
    private static final int TRIES = 70;

    @AfterEach
    void liftLimit() {
        Descriptors.liftLimit();
    }

    @Test
    void noStepThatFailsLeavesADescriptorADeviceOrARoute() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayConfig config = ConfigLoader.load("test", CONFIG, Map.of(), Map.of());
            hosts.a().call(() -> tryWith(config, ENOUGH));
            String links = hosts.a().ok("ip", "-br", "link").output();
            String routes = hosts.a().ok("ip", "route").output();
            long before = Descriptors.open();
            long lowest = Descriptors.highest() - 10;
            int failures = 0;
            for (int i = 0; i < TRIES; i++) {
                long descriptors = lowest + i;
                failures += hosts.a().call(() -> tryWith(config, descriptors)) ? 0 : 1;
                await().alias("descriptors after try " + i)
                        .pollDelay(Duration.ZERO)
                        .until(() -> Descriptors.open() <= before);
            }
            assertThat(hosts.a().ok("ip", "-br", "link").output()).isEqualTo(links);
            assertThat(hosts.a().ok("ip", "route").output()).isEqualTo(routes);
            assertThat(failures).isBetween(10, TRIES - 1);
        }
    }

    private static boolean tryWith(GatewayConfig config, long descriptors) {
        Descriptors.limitTo(descriptors);
        try (Gateway gateway = Gateway.start(config, WebAccess.OPEN, false)) {
            return gateway.loopsRunning();
        } catch (Exception | Error tooFew) {
            return false;
        } finally {
            Descriptors.liftLimit();
        }
    }
}
