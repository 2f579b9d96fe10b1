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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/routing.md}: the files of its section on BIRD, as they stand, on three machines behind a router. */
class RoutingIT {

    private static final Path PAGE = Path.of(System.getProperty("basedir", ".")).resolve("../docs/routing.md");
    private static final int NODES = 3;

    @TempDir
    private Path folder;

    private final List<Namespace> nodes = new ArrayList<>();
    private final List<GatewayProcess> gateways = new ArrayList<>();

    @Test
    void birdSaysWhereTheMachinesAre() throws Exception {
        Requires.program("bird", "bird2");
        Requires.program("ping", "iputils-ping");
        String page = Files.readString(PAGE);
        String section = page.substring(page.indexOf("\n## With BIRD\n"));
        try (Lab lab = Lab.create()) {
            Namespace router = lab.namespace("router");
            router.forward();
            for (int number = 1; number <= NODES; number++) {
                addNode(lab, router, number, section);
            }
            for (int from = 1; from <= NODES; from++) {
                int to = from % NODES + 1;
                awaitPing(from, "10.42." + from + ".1", "10.42." + to + ".1");
                awaitPing(from, "fd00:42:" + from + "::1", "fd00:42:" + to + "::1");
                nodes.get(from - 1).ping("10.10.10." + to, 56).ok();
                gateways.get(from - 1).assertSumsClose();
            }
            assertThat(gateways.get(0).run("routes").output()).contains("bird via 172.16.2.10");
            router.ok("ip", "link", "set", "to3", "down");
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> !gateways.get(0).document("/routes").contains("10.42.3.0/24"));
            awaitPing(1, "10.42.1.1", "10.42.2.1");
        }
    }

    private void addNode(Lab lab, Namespace router, int number, String section) throws Exception {
        Namespace node = lab.namespace("node" + number);
        lab.link(router, "to" + number, node, "eth0");
        router.address("to" + number, "172.16." + number + ".1/24");
        node.address("eth0", "172.16." + number + ".10/24");
        node.ok("ip", "route", "add", "default", "via", "172.16." + number + ".1");
        node.bridge("br0");
        node.address("br0", "10.42." + number + ".1/24", "fd00:42:" + number + "::1/64");
        node.forward();
        nodes.add(node);
        gateways.add(lab.gateway(
                node,
                block(section, "yaml")
                        .replace("10.10.10.1/", "10.10.10." + number + "/")
                        .replace("::1/", "::" + number + "/")));
        startBird(lab, node, number, block(section, ""));
    }

    private void startBird(Lab lab, Namespace node, int number, String ofNode1) throws IOException {
        String config =
                ofNode1.replace("172.16.1.10", "172.16." + number + ".10").replaceFirst("(?s)protocol bgp n2 .*", "");
        StringBuilder all = new StringBuilder(config);
        for (int other = 1; other <= NODES; other++) {
            if (other != number) {
                all.append("protocol bgp n%d from node { neighbor 172.16.%d.10 as 64512; }%n".formatted(other, other));
            }
        }
        Path file = Files.writeString(folder.resolve("bird" + number + ".conf"), all);
        Process bird = Command.start(
                node.wrap(List.of("bird", "-f", "-c", file.toString(), "-s", file + ".sock")),
                folder.resolve("bird" + number + ".log").toFile());
        lab.own((Closeable) bird::destroyForcibly);
    }

    private void awaitPing(int from, String source, String target) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> nodes.get(from - 1)
                                .run(Duration.ofSeconds(5), "ping", "-n", "-c", "1", "-W", "1", "-I", source, target)
                                .exit()
                        == 0);
    }

    private static String block(String section, String language) {
        return Pattern.compile("(?ms)^```(\\w*)\n(.*?)^```$")
                .matcher(section)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .findFirst()
                .orElseThrow();
    }
}
