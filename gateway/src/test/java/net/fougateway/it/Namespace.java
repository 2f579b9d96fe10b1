package net.fougateway.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A network namespace that a {@link Lab} made. */
final class Namespace {

    private static final long CALL_SECONDS = 300;

    private final String name;

    Namespace(String name) {
        this.name = name;
    }

    /** The name as {@code ip netns} knows it. */
    String name() {
        return name;
    }

    /** {@code command}, so that it runs in here. */
    List<String> wrap(List<String> command) {
        List<String> wrapped = new ArrayList<>(List.of("ip", "netns", "exec", name));
        wrapped.addAll(command);
        return wrapped;
    }

    /** Runs a program in here; the caller judges how it ended. */
    Command.Result run(Duration limit, String... command) throws IOException {
        return Command.run(limit, wrap(List.of(command)));
    }

    /** Runs a program in here that must succeed within a minute. */
    Command.Result ok(String... command) throws IOException {
        return Command.ok(wrap(List.of(command)).toArray(String[]::new));
    }

    /** Gives a device addresses, usable at once, and brings it up. */
    void address(String device, String... addresses) throws IOException {
        for (String address : addresses) {
            if (address.contains(":")) {
                ok("ip", "address", "add", address, "dev", device, "nodad");
            } else {
                ok("ip", "address", "add", address, "dev", device);
            }
        }
        up(device);
    }

    /** Brings a device up. */
    void up(String device) throws IOException {
        ok("ip", "link", "set", device, "up");
    }

    /** Makes a bridge, brings it up, and makes {@code ports} its ports. */
    void bridge(String bridge, String... ports) throws IOException {
        ok("ip", "link", "add", bridge, "type", "bridge");
        up(bridge);
        for (String port : ports) {
            ok("ip", "link", "set", port, "master", bridge, "up");
        }
    }

    /** Makes a router of it, for both families. */
    void forward() throws Exception {
        sysctl("ipv4/ip_forward", "1");
        sysctl("ipv6/conf/all/forwarding", "1");
    }

    /** Writes a setting below {@code /proc/sys/net}. */
    void sysctl(String path, String value) throws Exception {
        call(() -> Files.writeString(Path.of("/proc/sys/net", path), value));
    }

    /** One echo request of each size, never fragmented, up to the first failure; the caller judges the result. */
    Command.Result ping(String target, int... sizes) throws IOException {
        return run(Duration.ofSeconds(30), "sh", "-c", pingScript(target, sizes));
    }

    /** What {@link #ping} runs. Each size has a second try, because the link of an emulated machine loses a packet now and then. */
    static String pingScript(String target, int... sizes) {
        String list = Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining(" "));
        return "for size in %s; do for try in 1 2; do ping -n -c 1 -W 2 -M do -s $size %s && break; done || exit 1; done"
                .formatted(list, target);
    }

    /** Runs {@code work} on a thread of its own in here: sockets that it opens belong to this namespace. */
    <T> T call(Callable<T> work) throws Exception {
        return start(work).get(CALL_SECONDS, TimeUnit.SECONDS);
    }

    /** As {@link #call}, without waiting; threads that {@code work} starts are in here too. */
    <T> Future<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter();
            return work.call();
        });
        Thread thread = new Thread(task, "in " + name);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private void enter() {
        int fd = LibC.open("/run/netns/" + name, LibC.O_RDONLY);
        try {
            LibC.setns(fd, LibC.CLONE_NEWNET);
        } finally {
            LibC.close(fd);
        }
    }
}
