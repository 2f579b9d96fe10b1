package net.fougateway.it;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A network of namespaces for one test, and whatever runs in it. Closing it removes everything, also after a failure. */
final class Lab implements Closeable {

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final String prefix = "fou" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
    private final Deque<Closeable> owned = new ArrayDeque<>();
    private final Thread hook = new Thread(this::closeQuietly, "remove " + prefix);

    private Lab() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** An empty lab; skips the test where the machine cannot have one. */
    static Lab create() throws IOException {
        Requires.networkLab();
        return new Lab();
    }

    /** Name of the lab, unique on this machine. */
    String prefix() {
        return prefix;
    }

    /** A new namespace with loopback up. */
    Namespace namespace(String name) throws IOException {
        Namespace namespace = new Namespace(prefix + "-" + name);
        Command.ok("ip", "netns", "add", namespace.name());
        own(() -> remove(namespace));
        namespace.up("lo");
        return namespace;
    }

    /** A cable: device {@code fromDevice} in {@code from}, device {@code toDevice} in {@code to}. */
    void link(Namespace from, String fromDevice, Namespace to, String toDevice) throws IOException {
        from.ok("ip", "link", "add", fromDevice, "type", "veth", "peer", "name", toDevice, "netns", to.name());
    }

    /** A gateway in {@code namespace} that is ready; the lab stops it, and fails if its log is not clean. */
    GatewayProcess gateway(Namespace namespace, String config) throws Exception {
        return own(GatewayProcess.start(namespace, config)).awaitReady();
    }

    /** A traffic server in {@code namespace} on {@code port}. */
    TrafficServer server(Namespace namespace, int port) throws Exception {
        return own(namespace.call(() -> new TrafficServer(port)));
    }

    /** Closes {@code thing} before all that the lab had before it. */
    <T extends Closeable> T own(T thing) {
        owned.push(thing);
        return thing;
    }

    @Override
    public void close() throws IOException {
        try {
            closeOwned();
        } finally {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private synchronized void closeOwned() throws IOException {
        if (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } finally {
                closeOwned();
            }
        }
    }

    private void closeQuietly() {
        try {
            closeOwned();
        } catch (IOException | AssertionError e) {
            System.err.println("while removing " + prefix + ": " + e);
        }
    }

    private static void remove(Namespace namespace) throws IOException {
        for (String pid : Command.ok("ip", "netns", "pids", namespace.name())
                .output()
                .lines()
                .toList()) {
            Command.run(Duration.ofSeconds(5), List.of("kill", "-KILL", pid));
        }
        Command.ok("ip", "netns", "del", namespace.name());
    }
}
