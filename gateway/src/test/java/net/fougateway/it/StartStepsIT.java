package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import net.fougateway.Gateway;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.WebAccess;
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

    private static final int RLIMIT_NOFILE = 7;
    private static final int TRIES = 70;
    private static final long[] LIMIT = new long[2];

    private static final class Limits {
        static {
            Native.register(Limits.class, "c");
        }

        private Limits() {}

        static native int getrlimit(int resource, long[] limit);

        static native int setrlimit(int resource, long[] limit);
    }

    static {
        Limits.getrlimit(RLIMIT_NOFILE, LIMIT);
    }

    @AfterEach
    void liftLimit() {
        Limits.setrlimit(RLIMIT_NOFILE, LIMIT);
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    private static long highestDescriptor() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .mapToLong(path -> Long.parseLong(path.getFileName().toString()))
                    .max()
                    .orElseThrow();
        }
    }

    @Test
    void noStepThatFailsLeavesADescriptorADeviceOrARoute() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayConfig config = ConfigLoader.load("test", CONFIG, Map.of(), Map.of());
            hosts.a().call(() -> tryWith(config, LIMIT[0]));
            String links = hosts.a().ok("ip", "-br", "link").output();
            String routes = hosts.a().ok("ip", "route").output();
            long before = openDescriptors();
            long lowest = highestDescriptor() - 10;
            int failures = 0;
            for (int i = 0; i < TRIES; i++) {
                long descriptors = lowest + i;
                failures += hosts.a().call(() -> tryWith(config, descriptors)) ? 0 : 1;
                assertThat(openDescriptors()).as("descriptors after try %d", i).isLessThanOrEqualTo(before);
            }
            assertThat(hosts.a().ok("ip", "-br", "link").output()).isEqualTo(links);
            assertThat(hosts.a().ok("ip", "route").output()).isEqualTo(routes);
            assertThat(failures).isBetween(10, TRIES - 1);
        }
    }

    private static boolean tryWith(GatewayConfig config, long descriptors) {
        Limits.setrlimit(RLIMIT_NOFILE, new long[] {descriptors, LIMIT[1]});
        try (Gateway gateway = Gateway.start(config, WebAccess.OPEN)) {
            return gateway.loopsRunning();
        } catch (Exception | Error tooFew) {
            return false;
        } finally {
            Limits.setrlimit(RLIMIT_NOFILE, LIMIT);
        }
    }
}
