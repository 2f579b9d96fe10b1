package net.fougateway.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/** A network namespace of its own for one test; skips the test, and says so, where the user may not make one. */
public final class TestNamespace implements AutoCloseable {

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name = "fou-it-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

    /** Makes the namespace, with loopback up. */
    public TestNamespace() throws IOException {
        boolean root = Files.isWritable(Path.of("/run")) && "root".equals(System.getProperty("user.name"));
        if (!root) {
            System.err.println("skipped: needs root to make network namespaces");
        }
        Assumptions.assumeTrue(root, "needs root to make network namespaces");
        run(List.of("ip", "netns", "add", name));
        ip("link set lo up");
    }

    /** Name under {@code /run/netns}. */
    public String name() {
        return name;
    }

    /** Runs {@code ip} with space-separated arguments inside; returns its output. */
    public String ip(String arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "-n", name));
        command.addAll(List.of(arguments.split(" ")));
        return run(command);
    }

    /** Runs {@code task} in a thread inside. */
    public <T> T call(Callable<T> task) throws Exception {
        return NetworkNamespace.call(name, task);
    }

    /** A netlink socket that acts inside. */
    public Netlink netlink() throws Exception {
        return call(Netlink::open);
    }

    /** Makes an underlay: eth0 with 192.0.2.1/24 and 2001:db8::1/64 and default routes through 192.0.2.254 and fe80::fe. */
    public void makeUnderlay() throws IOException {
        ip("link add eth0 type veth peer name eth1");
        ip("link set eth0 up");
        ip("link set eth1 up");
        ip("addr add 192.0.2.1/24 dev eth0");
        ip("addr add 2001:db8::1/64 dev eth0 nodad");
        ip("route add default via 192.0.2.254");
        ip("-6 route add default via fe80::fe dev eth0");
    }

    /** Makes a TUN device that no one reads. */
    public void makeTun(String device) throws IOException {
        ip("tuntap add dev " + device + " mode tun");
    }

    /** Removes the namespace with all in it. */
    @Override
    public void close() throws IOException {
        run(List.of("ip", "netns", "del", name));
    }

    private static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }
}
