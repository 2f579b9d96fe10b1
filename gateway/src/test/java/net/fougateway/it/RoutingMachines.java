package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The three machines of {@code docs/routing.md} behind a router: 172.16.N.10 outside, 10.42.N.0/24 and fd00:42:N::/64 on a bridge inside,
 * 10.10.10.N and fd00:10::N on the device of a gateway. Files on the page are those of machine 1.
 */
final class RoutingMachines {

    static final int COUNT = 3;
    /** A network that machines 2 and 3 both have. */
    static final String SHARED = "10.99.0.0/24";

    private static final Path PAGE = Path.of(System.getProperty("basedir", ".")).resolve("../docs/routing.md");
    private static final Pattern NUMBERED =
            Pattern.compile("(172\\.16\\.|10\\.10\\.10\\.|10\\.42\\.|fd00:42:|fd00:10::)(\\d+)");

    private final Lab lab;
    private final Namespace router;
    private final Path folder;
    private final List<Namespace> machines = new ArrayList<>();
    private final List<GatewayProcess> gateways = new ArrayList<>();

    RoutingMachines(Lab lab, Path folder) throws Exception {
        this.lab = lab;
        this.folder = folder;
        this.router = lab.namespace("router");
        router.forward();
        for (int number = 1; number <= COUNT; number++) {
            add(number);
        }
    }

    private void add(int number) throws Exception {
        Namespace machine = lab.namespace("machine" + number);
        lab.link(router, "to" + number, machine, "eth0");
        router.address("to" + number, "172.16." + number + ".1/24");
        machine.address("eth0", "172.16." + number + ".10/24");
        machine.ok("ip", "route", "add", "default", "via", "172.16." + number + ".1");
        machine.bridge("br0");
        machine.address("br0", "10.42." + number + ".1/24", "fd00:42:" + number + "::1/64");
        if (number > 1) {
            machine.address("br0", SHARED.replace("0/", "1/"));
        }
        machine.forward();
        machines.add(machine);
        gateways.add(lab.gateway(machine, file("With BIRD", "yaml", number)));
    }

    /** A file of the page as a machine has it: where the one of machine 1 says 1, that of N says N, and 1 where it says N. */
    static String file(String section, String language, int number) throws IOException {
        String ofMachine1 = block(section, language);
        return NUMBERED.matcher(ofMachine1)
                .replaceAll(match -> match.group(1) + swapped(Integer.parseInt(match.group(2)), number));
    }

    private static int swapped(int found, int number) {
        if (found == 1) {
            return number;
        }
        return found == number ? 1 : found;
    }

    /** The first block of a section in a language, which is empty for those without one. */
    static String block(String section, String language) throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("\n## " + section + "\n");
        int end = page.indexOf("\n## ", start + 1);
        return Pattern.compile("(?ms)^```(\\w*)\n(.*?)^```$")
                .matcher(page.substring(start, end < 0 ? page.length() : end))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .findFirst()
                .orElseThrow();
    }

    Namespace machine(int number) {
        return machines.get(number - 1);
    }

    GatewayProcess gateway(int number) {
        return gateways.get(number - 1);
    }

    /** Starts BIRD with this configuration. */
    void bird(int number, String config) throws IOException {
        Path file = Files.writeString(folder.resolve("bird" + number + ".conf"), config);
        start(machine(number), "bird", "-f", "-c", file.toString(), "-s", file + ".sock");
    }

    /** Starts zebra, bgpd and their like by hand, in a directory of their own, and has them read this configuration. */
    void frr(int number, String config) throws IOException {
        Path own = Files.createDirectory(folder.resolve("frr" + number));
        Path file = Files.writeString(own.resolve("frr.conf"), config);
        Path empty = Files.writeString(own.resolve("empty.conf"), "");
        Command.ok("chmod", "755", folder.toString());
        Command.ok("chown", "-R", "frr:frr", own.toString());
        for (String daemon : Frr.DAEMONS) {
            start(machine(number), Frr.command(daemon, own, empty));
            await().atMost(Duration.ofSeconds(10)).until(() -> Files.exists(own.resolve(daemon + ".vty")));
        }
        machine(number).ok("vtysh", "--vty_socket", own.toString(), "-f", file.toString());
    }

    private void start(Namespace machine, String... command) throws IOException {
        Process process = Command.start(
                machine.wrap(List.of(command)), folder.resolve("daemons.log").toFile());
        lab.own((Closeable) process::destroyForcibly);
    }

    /** The link to a machine goes down at the router; the machine does not see that. */
    void cut(int number) throws IOException {
        router.ok("ip", "link", "set", "to" + number, "down");
    }

    /** Waits until an address answers. */
    void awaitPing(int from, String source, String target) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> machine(from)
                                .run(Duration.ofSeconds(5), "ping", "-n", "-c", "1", "-W", "1", "-I", source, target)
                                .exit()
                        == 0);
    }

    /** Waits until each machine reaches the next one's networks and its inner address. */
    void awaitAll() throws Exception {
        for (int from = 1; from <= COUNT; from++) {
            int to = from % COUNT + 1;
            awaitPing(from, "10.42." + from + ".1", "10.42." + to + ".1");
            awaitPing(from, "fd00:42:" + from + "::1", "fd00:42:" + to + "::1");
            machine(from).ping("10.10.10." + to, 56).ok();
            gateway(from).assertSumsClose();
        }
    }

    /** Waits until a gateway has this for a prefix in its table. */
    void awaitRoutes(int number, Pattern expected) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(gateway(number).document("/routes")).containsPattern(expected));
    }

    /** Waits until a gateway has no route to a prefix. */
    void awaitNoRoute(int number, String prefix) {
        await().atMost(Duration.ofSeconds(15))
                .until(() -> !gateway(number).document("/routes").contains("\"" + prefix + "\""));
    }
}
