package net.fougateway.it;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A Linux kernel with FOU as a guest on a namespace; see {@code interop/kernel-peer/README.md}. */
final class KernelPeer implements Closeable {

    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final Path SCRIPT = Path.of(System.getProperty("basedir", "."))
            .resolve("../interop/kernel-peer/kernel-peer")
            .toAbsolutePath()
            .normalize();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String name = "it" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();

    private KernelPeer() {}

    /**
     * Boots a guest on {@code namespace}; the lab stops it. Skips the test where the guest's kernel is not built.
     *
     * @param device the namespace's end of the link; the guest's is {@code eth0}
     * @param addresses of the two ends, alternating: namespace, guest, namespace, guest
     */
    static KernelPeer start(Lab lab, Namespace namespace, String device, String... addresses) throws IOException {
        KernelPeer peer = lab.own(new KernelPeer());
        List<String> arguments = new ArrayList<>(List.of("--netns", namespace.name(), "--nic", device));
        for (int i = 0; i < addresses.length; i += 2) {
            arguments.addAll(List.of("--host-addr", addresses[i], "--guest-addr", addresses[i + 1]));
        }
        Command.Result result = peer.control("start", arguments);
        Requires.need(!result.output().contains("not built yet"), "the kernel peer: run " + SCRIPT + " build");
        result.ok();
        return peer;
    }

    /** Runs a bash script in the guest; the caller judges how it ended. */
    Command.Result run(String script) throws IOException {
        return control("exec", List.of("--timeout", Long.toString(LIMIT.toSeconds() / 2), script));
    }

    /** As {@link Namespace#ping}. */
    Command.Result ping(String target, int... sizes) throws IOException {
        return run(Namespace.pingScript(target, sizes));
    }

    /** Starts a {@link TrafficServer} in the guest. */
    void server(int port) throws IOException {
        copyClasses(share().resolve("classes"));
        run("setsid %s -Xmx64m -XX:TieredStopAtLevel=1 -cp /run/kp/classes %s %d >/run/kp/server.log 2>&1 &"
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                TrafficServer.class.getName(),
                                port))
                .ok();
    }

    /** A directory that is {@code /run/kp} in the guest. */
    Path share() throws IOException {
        return Path.of(control("share", List.of()).ok().output().strip());
    }

    @Override
    public void close() throws IOException {
        control("stop", List.of()).ok();
    }

    /** The guest sees the host's files except those below /tmp, where the build may be. */
    private static void copyClasses(Path target) throws IOException {
        String path = TrafficServer.class.getName().replace('.', '/');
        for (String suffix : List.of("", "$Work")) {
            String file = path + suffix + ".class";
            Path copy = target.resolve(file);
            Files.createDirectories(copy.getParent());
            try (InputStream in = TrafficServer.class.getResourceAsStream("/" + file)) {
                Files.copy(in, copy);
            }
        }
    }

    private Command.Result control(String verb, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString(), verb, name));
        command.addAll(arguments);
        return Command.run(LIMIT, command);
    }
}
