package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/recipes.md}, typed in as it stands. */
class RecipesIT {

    private static final Path PAGE = Path.of(System.getProperty("basedir", ".")).resolve("../docs/recipes.md");
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int FLOWS = 64;

    @Test
    void networkThatDropsProtocols() throws Exception {
        Requires.program("iptables", "iptables");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = hosts(lab);
            String recipe = block("A network that drops protocols 4, 41 and 47", "yaml", 0);
            lab.gateway(hosts.a(), recipe);
            lab.gateway(hosts.b(), otherSide(recipe));
            hosts.a().ok("sh", "-ec", block("A network that drops protocols 4, 41 and 47", "sh", 0));
            pingAndTransfer(lab, hosts);
            assertThat(hosts.a().ok("ip", "route").output()).contains("10.42.2.0/24 dev fou0");
        }
    }

    @Test
    void nodeOfKubeRouter() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("gw");
            KernelPeer node = kernelPeer(lab, host);
            lab.gateway(host, block("A node outside a kube-router cluster", "yaml", 0));
            node.run("set -e\nip addr add 10.42.2.1/24 dev lo\nip addr add fd00:42:2::1/48 dev lo\n"
                            + block("A node outside a kube-router cluster", "sh", 0))
                    .ok();
            host.ping("10.42.2.1", 56, 1400).ok();
            host.ping("fd00:42:2::1", 56, 1300).ok();
            node.ping("-I 10.42.2.1 10.10.10.1", 56, 1400).ok();
            node.ping("-I fd00:42:2::1 fd00:10::1", 56, 1300).ok();
        }
    }

    /** The kernel stands in for flannel: the same bytes from and to the same ports. */
    @Test
    void nodeOfFlannel() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("gw");
            KernelPeer node = kernelPeer(lab, host);
            lab.gateway(host, block("A node of flannel's udp backend", "yaml", 0));
            node.run("""
                            set -e
                            ip fou add port 8285 ipproto 4
                            ip link add flannel0 type ipip remote 192.0.2.1 local 192.0.2.2 ttl 64 \
                            encap fou encap-sport 8285 encap-dport 8285
                            ip addr add 10.42.2.0/16 dev flannel0
                            ip link set flannel0 up
                            """).ok();
            host.ping("10.42.2.0", 56, 1400).ok();
            node.ping("10.42.1.0", 56, 1400).ok();
        }
    }

    @Test
    void changingTheEncapsulation() throws Exception {
        String title = "Changing the encapsulation without a gap";
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = hosts(lab);
            GatewayProcess a = lab.gateway(hosts.a(), block(title, "yaml", 0));
            GatewayProcess b = lab.gateway(hosts.b(), otherSide(block(title, "yaml", 0)));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            AtomicBoolean enough = new AtomicBoolean();
            Future<?> traffic = Executors.newSingleThreadExecutor().submit(() -> transferUntil(enough, hosts));
            a.reconfigure(block(title, "yaml", 1), true);
            await().atMost(LIMIT).until(() -> a.log().contains("encapsulation: fou → gue"));
            TimeUnit.SECONDS.sleep(1);
            b.reconfigure(otherSide(block(title, "yaml", 1)), true);
            await().atMost(LIMIT).until(() -> b.log().contains("encapsulation: fou → gue"));
            TimeUnit.SECONDS.sleep(1);
            enough.set(true);
            traffic.get(1, TimeUnit.MINUTES);
            for (GatewayProcess gateway : List.of(a, b)) {
                Metrics metrics = gateway.assertSumsClose();
                assertThat(metrics.dropped(Metrics.UDP_TO_TUN))
                        .as("%s", metrics)
                        .isZero();
                assertThat(metrics.sum("fou_packets_dropped_total") - metrics.sum("fou_packets_dropped_total", TOO_BIG))
                        .as("%s", metrics)
                        .isZero();
            }
        }
    }

    private static final String TOO_BIG = "reason=\"pkt_too_big\"";

    @Test
    void severalPaths() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace a = lab.namespace("a");
            Namespace b = lab.namespace("b");
            for (int path = 1; path <= 2; path++) {
                String device = "path" + path;
                lab.link(a, device, b, device);
                a.address(device, "10.8." + path + ".1/24");
                b.address(device, "10.8." + path + ".2/24");
            }
            b.address("lo", "192.0.2.2/32");
            a.address("lo", "192.0.2.1/32");
            b.ok("ip", "route", "add", "192.0.2.1", "via", "10.8.1.1", "src", "192.0.2.2");
            a.ok(
                    "ip",
                    "route",
                    "add",
                    "192.0.2.2",
                    "src",
                    "192.0.2.1",
                    "nexthop",
                    "via",
                    "10.8.1.2",
                    "nexthop",
                    "via",
                    "10.8.2.2");
            b.sysctl("ipv4/conf/all/rp_filter", "2");
            a.sysctl("ipv4/conf/all/rp_filter", "2");
            a.ok("sh", "-ec", block("Several paths of equal cost", "sh", 0));
            String recipe = block("A network that drops protocols 4, 41 and 47", "yaml", 0);
            lab.gateway(a, recipe);
            lab.gateway(b, otherSide(recipe));
            lab.server(b, TwoHosts.SERVICE);
            PacketCapture first = PacketCapture.start(a, "path1");
            PacketCapture second = PacketCapture.start(a, "path2");
            assertThat(a.call(() -> new TrafficClient("10.10.10.2", TwoHosts.SERVICE).flows(FLOWS)))
                    .isZero();
            first.close();
            second.close();
            for (PacketCapture capture : List.of(first, second)) {
                assertThat(capture.udp().stream().filter(packet -> packet.port() == 5555))
                        .hasSizeGreaterThan(FLOWS / 8);
            }
        }
    }

    /** Two hosts with the addresses of the page. */
    private static TwoHosts hosts(Lab lab) throws Exception {
        TwoHosts hosts = TwoHosts.build(lab);
        hosts.a().address("eth0", "192.0.2.1/24", "2001:db8::1/64");
        hosts.b().address("eth0", "192.0.2.2/24", "2001:db8::2/64");
        return hosts;
    }

    private static KernelPeer kernelPeer(Lab lab, Namespace host) throws IOException {
        return KernelPeer.start(lab, host, "tap0", "192.0.2.1/24", "192.0.2.2/24", "2001:db8::1/64", "2001:db8::2/64");
    }

    private static void pingAndTransfer(Lab lab, TwoHosts hosts) throws Exception {
        lab.server(hosts.b(), TwoHosts.SERVICE);
        for (String target : List.of("10.10.10.2", "fd00:10::2")) {
            hosts.a().ping(target, 56, 1400).ok();
            hosts.a().call(() -> new TrafficClient(target, TwoHosts.SERVICE).transfer(2_000_000));
        }
    }

    private static Void transferUntil(AtomicBoolean enough, TwoHosts hosts) throws Exception {
        TrafficClient client = new TrafficClient("10.10.10.2", TwoHosts.SERVICE);
        while (!enough.get()) {
            hosts.a().call(() -> client.transfer(5_000_000));
        }
        return null;
    }

    /** The same for the machine at the other end. */
    private static String otherSide(String recipe) {
        return recipe.replace("10.10.10.1/24", "10.10.10.2/24")
                .replace("fd00:10::1/64", "fd00:10::2/64")
                .replace("192.0.2.2", "192.0.2.1")
                .replace("10.10.10.2/32", "10.10.10.1/32")
                .replace("10.42.2.0/24", "10.42.1.0/24")
                .replace("fd00:10::2/128", "fd00:10::1/128")
                .replace("fd00:42:2::/48", "fd00:42:1::/48");
    }

    /** A block of the page, counted from 0 for each language below its heading. */
    private static String block(String heading, String language, int index) throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("\n## " + heading + "\n");
        assertThat(start).as(heading).isPositive();
        int end = page.indexOf("\n## ", start + 1);
        String section = page.substring(start, end < 0 ? page.length() : end);
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(section)
                .results()
                .map(match -> match.group(1))
                .toList()
                .get(index);
    }
}
