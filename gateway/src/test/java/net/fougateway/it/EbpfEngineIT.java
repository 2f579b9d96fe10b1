package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import net.fougateway.bpf.BpfFeatures;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Gateways with {@code device.offload.ebpf}: what programs in the kernel carry, and what becomes of it when things change. */
class EbpfEngineIT {

    private static final long BYTES = 10_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    static final String BOTH = "mtu: auto, offload: {ebpf: both}";
    static final String IN_KERNEL = "in_kernel: true";
    private static final String TAKEN = "verdict=\"taken\"";

    @TempDir
    private Path directory;

    @BeforeAll
    static void needPrograms() {
        String missing = BpfFeatures.missingPermission().orElse("");
        Requires.need(missing.isEmpty(), "BPF programs: " + missing);
    }

    /** Two gateways that both carry by programs. */
    private record Pair(Lab lab, TwoHosts hosts, Underlay underlay, GatewayProcess a, GatewayProcess b) {

        static Pair start(Lab lab, Underlay underlay, String device, String peer) throws Exception {
            return start(lab, TwoHosts.build(lab), underlay, device, peer);
        }

        static Pair start(Lab lab, TwoHosts hosts, Underlay underlay, String device, String peer) throws Exception {
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, device, peer));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2, device, peer));
            return new Pair(lab, hosts, underlay, a, b);
        }

        Namespace client() {
            return hosts.a();
        }

        Future<Command.Result> pings(int count) {
            return client().start(() -> Pings.send(client(), TwoHosts.INNER4 + 2, "0.005", count));
        }

        void transfer() throws Exception {
            for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
                TrafficClient client = new TrafficClient(prefix + 2, TwoHosts.SERVICE);
                client().call(() -> client.transfer(BYTES));
            }
        }
    }

    static long taken(GatewayProcess gateway, String direction) throws Exception {
        return gateway.metrics().sum("fou_ebpf_packets_total", TAKEN, "direction=\"" + direction + "\"");
    }

    /** By tcx alone on a link as it is, behind XDP on one that joins what it receives. */
    @ParameterizedTest
    @CsvSource({"IPV4, false", "IPV6, false", "IPV4, true", "IPV6, true"})
    void carriesAndTheBooksBalance(Underlay underlay, boolean joins) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                host.ok("ethtool", "-K", "eth0", "gro", joins ? "on" : "off");
            }
            Pair pair = Pair.start(lab, hosts, underlay, BOTH, IN_KERNEL);
            lab.server(pair.hosts.b(), TwoHosts.SERVICE);
            pair.transfer();
            for (GatewayProcess gateway : List.of(pair.a, pair.b)) {
                Metrics metrics = gateway.assertSumsClose();
                assertThat(metrics.sum("fou_ebpf_programs", "place=\"xdp\""))
                        .as(gateway.log())
                        .isEqualTo(joins ? 1 : 0);
                assertBalanced(metrics);
            }
            assertThat(pair.a.status()).contains("\"ebpf_send\",\"active\":true", "\"ebpf_receive\",\"active\":true");
        }
    }

    /** Seen = taken + handed on; what a peer has is what was taken; nearly all was; and user space got the rest. */
    private static void assertBalanced(Metrics metrics) {
        for (String direction : List.of(Metrics.UDP_TO_TUN, Metrics.TUN_TO_UDP)) {
            String label = "direction=\"" + direction + "\"";
            long taken = metrics.sum("fou_ebpf_packets_total", TAKEN, label);
            assertThat(metrics.sum("fou_ebpf_peer_packets_total", label)).isEqualTo(taken);
            assertThat(metrics.sum("fou_ebpf_peer_bytes_total", label)).isGreaterThan(2 * BYTES * 8 / 10);
            assertThat(metrics.received(direction))
                    .as("workers got what was not taken, of %s", metrics)
                    .isEqualTo(taken + metrics.batchPackets(direction));
            assertThat(metrics.sum("fou_ebpf_packets_total", "verdict=\"refused\"", label)
                            + metrics.sum("fou_ebpf_packets_total", "verdict=\"lost\"", label))
                    .isZero();
        }
    }

    /** The card joins nothing and finishes checksums, the other end is user space. */
    @ParameterizedTest
    @EnumSource(Underlay.class)
    void userSpaceAtTheOtherEndIsSparedOnVirtualLinks(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, BOTH, "ttl: 64"));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            new Pair(lab, hosts, underlay, a, b).transfer();
            assertThat(a.status()).contains("eBPF does not send to peer other: the link to it is virtual");
            assertThat(taken(a, Metrics.TUN_TO_UDP)).isZero();
            assertThat(a.metrics().sum("fou_ebpf_packets_total", "direction=\"udp_to_tun\""))
                    .isPositive();
            a.assertSumsClose();
        }
    }

    @Test
    void receivesOnlyWhereThatIsAsked() throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, Underlay.IPV4, "mtu: auto, offload: {ebpf: receive}", IN_KERNEL);
            pair.client().ping(TwoHosts.INNER4 + 2, 500).ok();
            assertThat(taken(pair.a, Metrics.UDP_TO_TUN)).isPositive();
            assertThat(pair.a.metrics().sum("fou_ebpf_packets_total", "direction=\"tun_to_udp\""))
                    .isZero();
            assertThat(pair.a.run("status").ok().output())
                    .containsPattern("CARRIED BY EBPF +OF RECEIVED +OF SENT\\nother +\\d+\\.\\d % +0\\.0 %");
        }
    }

    @Test
    void userSpaceGoesOnWhenItIsKilledAndTheNextTakesOver() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String persist = BOTH + ", persist: true";
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1, persist, IN_KERNEL));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2, BOTH, IN_KERNEL));
            hosts.a().ping(TwoHosts.INNER4 + 2, 500).ok();
            a.kill();
            GatewayProcess next = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1, persist, IN_KERNEL));
            hosts.a().ping(TwoHosts.INNER4 + 2, 500).ok();
            assertThat(taken(next, Metrics.TUN_TO_UDP)).isPositive();
            next.assertSumsClose();
        }
    }

    /** Peers come, go and change while packets of another flow; what those had that are gone stays in the sums. */
    @Test
    void losesNothingWhileItIsReconfigured() throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, Underlay.IPV4, BOTH, IN_KERNEL);
            String config = TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL);
            String more = config + """
                      - {name: third, remote: 10.77.0.3, in_kernel: true, ttl: 9, allowed_ips: [10.99.0.0/16]}
                    """;
            int count = 600;
            Future<Command.Result> pings = pair.pings(count);
            for (int round = 0; !pings.isDone(); round++) {
                pair.a.reconfigure(round % 2 == 0 ? more : config, true);
                Thread.sleep(150);
            }
            Pings.assertNoneLost(pings.get(), count);
            pair.a.reconfigure(config.replace("name: other", "name: renamed"), true);
            await().atMost(LIMIT).until(() -> pair.a.status().contains("\"renamed\""));
            Thread.sleep(300);
            Metrics metrics = pair.a.assertSumsClose();
            assertThat(metrics.sum("fou_packets_total", "peer=\"(removed)\"")).isGreaterThan(1000);
            pair.client().ping(TwoHosts.INNER4 + 2, 500).ok();
        }
    }

    @ParameterizedTest
    @EnumSource(Underlay.class)
    void tooLongPacketsAreAnsweredAndTheMtuOfTheRouteIsFollowed(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, underlay, BOTH, IN_KERNEL);
            String remote = underlay.address(2) + (underlay == Underlay.IPV4 ? "/32" : "/128");
            pair.client().ok("ip", "route", "add", remote, "dev", "eth0", "mtu", "1400");
            String tooBig = "mtu = " + (1400 - (1500 - underlay.innerMtu()));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(pair.client()
                                    .run(LIMIT, "ping", "-c1", "-W1", "-M", "do", "-s", "1400", TwoHosts.INNER4 + 2)
                                    .output())
                            .contains(tooBig));
            assertThat(pair.a.metrics().sum("fou_ebpf_packets_total", "verdict=\"too_big\""))
                    .isPositive();
            pair.client().ok("ip", "route", "del", remote, "dev", "eth0", "mtu", "1400");
            await().atMost(LIMIT).until(() -> {
                pair.client().ok("ip", "route", "flush", "cache");
                return pair.client()
                                .run(LIMIT, "ping", "-c1", "-W1", "-M", "do", "-s", "1400", TwoHosts.INNER4 + 2)
                                .exit()
                        == 0;
            });
        }
    }

    /** The device of the underlay goes and comes back with another number, and the address of this host changes. */
    @ParameterizedTest
    @EnumSource(Underlay.class)
    void followsTheUnderlay(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, underlay, BOTH, IN_KERNEL);
            pair.client().ping(TwoHosts.INNER4 + 2, 500).ok();
            pair.client().ok("ip", "link", "del", "eth0");
            lab.link(pair.hosts.a(), "eth0", pair.hosts.b(), "eth0");
            pair.client().address("eth0", "10.77.0.1/24", "fd77::1/64");
            pair.hosts.b().address("eth0", "10.77.0.2/24", "fd77::2/64");
            await().atMost(LIMIT)
                    .until(() -> pair.client()
                                    .run(LIMIT, "ping", "-c1", "-W1", TwoHosts.INNER6 + 2)
                                    .exit()
                            == 0);
            long before = taken(pair.a, Metrics.UDP_TO_TUN);
            await().atMost(LIMIT).until(() -> {
                pair.client().ping(TwoHosts.INNER4 + 2, 500).ok();
                return taken(pair.a, Metrics.UDP_TO_TUN) > before;
            });
        }
    }

    /** A default route in the tunnel: outer packets have a mark that leads them past it. */
    @Test
    void defaultRoutesInTheTunnelAreCarriedToo() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String config = TwoHosts.config(Underlay.IPV4, 1, BOTH, IN_KERNEL)
                    .replaceFirst("allowed_ips: \\[[^]]*]", "allowed_ips: [0.0.0.0/0, \"::/0\"]");
            GatewayProcess a = lab.gateway(hosts.a(), config);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2, BOTH, IN_KERNEL));
            hosts.a().ping(TwoHosts.INNER4 + 2, 500, 500, 500).ok();
            hosts.a().ping(TwoHosts.INNER6 + 2, 500, 500, 500).ok();
            assertThat(taken(a, Metrics.TUN_TO_UDP)).isGreaterThanOrEqualTo(6);
            assertThat(taken(a, Metrics.UDP_TO_TUN)).isGreaterThanOrEqualTo(6);
        }
    }

    /** Members of a fleet are carried by programs; a route with several next hops is user space's. */
    @Test
    void followedRoutesAreCarried() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), """
                    device: {name: fou0, address: [10.10.10.1/32], mtu: auto, offload: {ebpf: both}}
                    routes: {from_kernel: main}
                    peers:
                      - {name: fleet, type: next_hop, remote: 10.77.0.0/24, in_kernel: true}
                    """);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2, BOTH, IN_KERNEL));
            hosts.a().ok("ip", "route", "add", "10.10.10.2/32", "via", "10.77.0.2", "dev", "fou0", "onlink");
            await().atMost(LIMIT).until(() -> {
                hosts.a().run(LIMIT, "ping", "-c1", "-W1", TwoHosts.INNER4 + 2);
                return taken(a, Metrics.TUN_TO_UDP) > 0 && taken(a, Metrics.UDP_TO_TUN) > 0;
            });
            String[] two =
                    "ip route replace 10.10.10.2/32 nexthop via 10.77.0.2 dev fou0 onlink nexthop via 10.77.0.3 dev fou0 onlink"
                            .split(" ", -1);
            hosts.a().ok(two);
            await().atMost(LIMIT).until(() -> a.document("/routes").contains("10.77.0.3"));
            await().atMost(LIMIT).until(() -> {
                long before = taken(a, Metrics.TUN_TO_UDP);
                hosts.a().run(LIMIT, "ping", "-c1", "-W1", TwoHosts.INNER4 + 2);
                return taken(a, Metrics.TUN_TO_UDP) == before;
            });
            a.assertSumsClose();
        }
    }

    @Test
    void captureSeesWhatProgramsTake() throws Exception {
        Requires.program("tshark", "tshark");
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, Underlay.IPV4, BOTH, IN_KERNEL);
            Path file = directory.resolve("taken.pcapng");
            Process capture = Command.start(
                    pair.client().wrap(GatewayProcess.command("capture", "-w", file.toString())),
                    directory.resolve("capture.log").toFile());
            await().atMost(LIMIT).ignoreExceptions().until(() -> Files.size(file) > 0);
            Thread.sleep(200);
            pair.client().ping(TwoHosts.INNER6 + 2, 500, 1200).ok();
            await().atMost(LIMIT).ignoreExceptions().until(() -> echoes(file).size() == 4);
            capture.destroy();
            assertThat(Command.waitFor(capture, LIMIT)).isTrue();
            assertThat(echoes(file))
                    .containsExactly("tun\t128\t548", "tun\t129\t548", "tun\t128\t1248", "tun\t129\t1248");
            assertThat(taken(pair.a, Metrics.TUN_TO_UDP)).isGreaterThanOrEqualTo(2);
        }
    }

    private static List<String> echoes(Path file) throws IOException {
        String[] fields = {"-T", "fields", "-e", "frame.interface_name", "-e", "icmpv6.type", "-e", "ipv6.plen"};
        String[] command = {"tshark", "-r", file.toString(), "-Y", "icmpv6.type==128||icmpv6.type==129"};
        return Command.run(
                        LIMIT,
                        java.util.stream.Stream.of(command, fields)
                                .flatMap(java.util.Arrays::stream)
                                .toList())
                .output()
                .lines()
                .filter(line -> line.startsWith("tun"))
                .map(line -> {
                    String[] parts = line.split("\t", -1);
                    return parts[0] + "\t" + parts[1] + "\t" + (Integer.parseInt(parts[2]) + 40);
                })
                .toList();
    }
}
