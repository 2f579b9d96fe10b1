package net.fougateway.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** What a machine must offer for a test; where it does not, the test is skipped and the reason printed. */
final class Requires {

    private static final Path TUN = Path.of("/dev/net/tun");

    private Requires() {}

    /** Root, a TUN device node and network namespaces. */
    static void networkLab() throws IOException {
        need(Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")), "root");
        need(Files.exists(TUN), "/dev/net/tun: mknod it, or give the container --device /dev/net/tun");
        program("ip", "iproute2");
        String probe = "fou-probe" + ProcessHandle.current().pid();
        need(succeeds("ip", "netns", "add", probe), "network namespaces: ip netns add failed");
        Command.ok("ip", "netns", "del", probe);
    }

    /** A program on the PATH. */
    static void program(String name, String debianPackage) throws IOException {
        need(succeeds("sh", "-c", "command -v " + name), name + ": apt-get install " + debianPackage);
    }

    /** Skips the test unless {@code met}; {@code what} says what is missing and how to get it. */
    static void need(boolean met, String what) {
        if (!met) {
            String reason = "SKIPPED: needs " + what;
            System.out.println(reason);
            Assumptions.abort(reason);
        }
    }

    private static boolean succeeds(String... command) throws IOException {
        return Command.run(Duration.ofSeconds(10), List.of(command)).exit() == 0;
    }
}
