package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.ebpf.FouPrograms;
import net.fougateway.ebpf.Verdict;
import net.fougateway.it.HostPrograms.Engine;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Traffic of hosts whose gateways have the programs of the kernel beside them. */
class ProgramsIT {

    private static final long BYTES = 10_000_000;
    private static final int PORTS = 64;
    private static final int FLOWS = 500;
    private static final int PINGS = 400;
    private static final int UDP_HEADER = 20;
    private static final int OUTER_BYTES = 28;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void sourcePortsFollowTheFlowHashOfUserSpace() throws Exception {
        String config = """
                device: {name: fou0, address: [], mtu: 1400}
                workers: 1
                routes: {install: false}
                listen: [{port: 5555}]
                peers: [{name: k2, remote: 10.77.0.2, allowed_ips: [10.1.0.0/16, "fd00:1::/32"]}]
                """;
        try (ProgramsLab lab = new ProgramsLab(Lab.create(), config, Engine.TC, PORTS);
                PacketSocket four = lab.host().call(() -> PacketSocket.writer("fou0", PacketSocket.ETH_P_IP));
                PacketSocket six = lab.host().call(() -> PacketSocket.writer("fou0", PacketSocket.ETH_P_IPV6));
                PacketSocket wire = lab.tester().call(() -> PacketSocket.reader("eth0"))) {
            FlowHash hash = new FlowHash(HostPrograms.FLOW_KEY);
            for (int i = 0; i < FLOWS; i++) {
                boolean ipv4 = i % 2 == 0;
                (ipv4 ? four : six).send(flow(ipv4, i));
                byte[] outer = awaitDatagram(wire);
                InnerPacket inner = new InnerPacket();
                assertThat(inner.parse(ByteBuffer.wrap(outer), OUTER_BYTES, outer.length - OUTER_BYTES))
                        .isNull();
                int port = HostPrograms.FIRST_PORT + FlowHash.bucket(hash.of(inner), PORTS);
                assertThat(Naive.u16(outer, UDP_HEADER)).as("flow %d", i).isEqualTo(port);
            }
            assertThat(lab.programs().programs().count(Verdict.OUT_TAKEN).packets())
                    .isEqualTo(FLOWS);
        }
    }

    private static byte[] flow(boolean ipv4, int i) {
        PacketBuilder packet = PacketBuilder.ip(ipv4)
                .from(ipv4 ? "10.200.0." + i % 250 : "fd00:200::" + i)
                .to(ipv4 ? "10.1.0." + i % 200 : "fd00:1::" + i);
        return switch (i % 3) {
            case 0 -> packet.tcp(1000 + i, 80).build();
            case 1 -> packet.udp(1000 + i, 53).payload(i).build();
            default -> OddPackets.withIcmpChecksum(packet.echo(i, 1).build(), ipv4);
        };
    }

    private static byte[] awaitDatagram(PacketSocket wire) {
        byte[][] found = new byte[1][];
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(1)).until(() -> {
            found[0] = wire.poll();
            return found[0].length > OUTER_BYTES && found[0][0] == 0x45 && Naive.u16(found[0], UDP_HEADER + 2) == 5555;
        });
        return found[0];
    }

    @ParameterizedTest
    @CsvSource({"IPV4, TC, true", "IPV6, TC, true", "IPV6, TC_AND_XDP, false"})
    void carriesTcp(Underlay underlay, Engine engine, boolean checksum) throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, underlay, engine, "checksum: " + checksum);
            for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
                TrafficClient client = new TrafficClient(prefix + 2, TwoHosts.SERVICE);
                pair.hosts.a().call(() -> client.transfer(BYTES));
            }
            assertCarriedByPrograms(pair.a, pair.b);
            assertCarriedByPrograms(pair.b, pair.a);
        }
    }

    /** Twice the bytes went each way, nearly all by the programs, and what one end counts out the other counts in. */
    private static void assertCarriedByPrograms(HostPrograms from, HostPrograms to) throws Exception {
        FouPrograms.Count out = from.programs().out(0);
        FouPrograms.Count in = to.programs().in(0);
        System.out.printf(
                "ProgramsIT: %s: %s, out %s; other end in %s, %s%n", from, from.verdicts(), out, in, to.verdicts());
        assertThat(out.bytes()).isGreaterThan(2 * BYTES * 8 / 10);
        assertThat(in.packets()).as("but for those in flight").isCloseTo(out.packets(), withinPercentage(1));
        long odd = from.programs().count(Verdict.OUT_REFUSED).packets()
                + to.programs().count(Verdict.IN_REFUSED).packets();
        assertThat(odd + from.programs().count(Verdict.OUT_LOST).packets()).isZero();
    }

    /** Receivers that strip them by tc lose them, when they cross a virtual link whole. */
    @Test
    void udpSuperPacketsGoThroughUserSpace() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String first = TwoHosts.config(Underlay.IPV4, 1, "mtu: auto", "in_kernel: true");
            String second = TwoHosts.config(Underlay.IPV4, 2, "mtu: auto", "in_kernel: true");
            HostPrograms a = withPrograms(lab, hosts.a(), first, Engine.TC, 1);
            withPrograms(lab, hosts.b(), second, Engine.TC, 2);
            for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
                UdpSegmentationIT.exchange(hosts, prefix, false);
            }
            assertThat(a.programs().count(Verdict.OUT_SEGMENTED).packets()).isEqualTo(2L * UdpSegmentationIT.TOTAL);
        }
    }

    /** Over a card that cuts nothing and sums nothing, so that the receiver's kernel looks at every outer checksum. */
    @ParameterizedTest
    @EnumSource(Underlay.class)
    void userSpaceReceivesWhatProgramsSend(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().ok("ethtool", "-K", "eth0", "tx", "off", "tso", "off");
            HostPrograms programs = withPrograms(lab, hosts.a(), TwoHosts.config(underlay, 1), Engine.TC, 1);
            lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
                TrafficClient client = new TrafficClient(prefix + 2, TwoHosts.SERVICE);
                hosts.a().call(() -> client.transfer(BYTES));
            }
            System.out.println("ProgramsIT: towards user space " + programs.verdicts());
            assertThat(programs.programs().out(0).bytes()).isGreaterThan(2 * BYTES * 8 / 10);
            assertThat(hosts.b()
                            .ok("nstat", "-as", "UdpInCsumErrors", "Udp6InCsumErrors")
                            .output())
                    .doesNotContain("CsumErrors");
        }
    }

    @Test
    void losesNothingWhileItsContentsChange() throws Exception {
        try (Lab lab = Lab.create()) {
            Pair pair = Pair.start(lab, Underlay.IPV4, Engine.TC, "checksum: true");
            Future<Command.Result> pings = pair.hosts.a().start(() -> ping(pair.hosts.a()));
            int rounds = 0;
            while (!pings.isDone()) {
                pair.a.use(rounds % 2 == 0 ? 1400 : 1500, rounds % 3 == 0);
                rounds++;
            }
            Pings.assertNoneLost(pings.get(), PINGS);
            assertThat(rounds).isGreaterThan(10);
        }
    }

    @Test
    void losesNothingWhenItIsKilled() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            List<Process> killed = new ArrayList<>();
            lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            Future<Command.Result> pings = hosts.a().start(() -> ping(hosts.a()));
            while (!pings.isDone()) {
                killed.add(attachAndKill(hosts.a(), 1));
            }
            Pings.assertNoneLost(pings.get(), PINGS);
            assertThat(killed).isNotEmpty();
        }
    }

    private static Command.Result ping(Namespace from) throws Exception {
        return Pings.send(from, TwoHosts.INNER4 + 2, "0.005", PINGS);
    }

    private static Process attachAndKill(Namespace namespace, int host) throws Exception {
        Path config = Files.createTempFile("programs", ".yaml");
        Path log = Files.createTempFile("programs", ".log");
        try {
            Files.writeString(config, TwoHosts.config(Underlay.IPV4, host));
            List<String> command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    HostPrograms.class.getName(),
                    namespace.name(),
                    config.toString(),
                    Underlay.IPV4.address(host));
            Process process = Command.start(command, new File(log.toString()));
            await().atMost(LIMIT)
                    .until(() -> !process.isAlive() || Files.readString(log).contains("attached"));
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            Thread.sleep(200);
            Command.waitFor(process.destroyForcibly(), LIMIT);
            return process;
        } finally {
            Files.delete(config);
            Files.delete(log);
        }
    }

    /** Starts a gateway on host 1 or 2, and programs beside it. */
    private static HostPrograms withPrograms(Lab lab, Namespace namespace, String config, Engine engine, int host)
            throws Exception {
        lab.gateway(namespace, config);
        List<String> locals = List.of(Underlay.IPV4.address(host), Underlay.IPV6.address(host));
        return lab.own(HostPrograms.attach(namespace, config, engine, locals, PORTS));
    }

    /** Two gateways with programs beside them, and a traffic server behind the second. */
    private record Pair(TwoHosts hosts, HostPrograms a, HostPrograms b) {

        static Pair start(Lab lab, Underlay underlay, Engine engine, String peerKeys) throws Exception {
            TwoHosts hosts = TwoHosts.build(lab);
            String first = TwoHosts.config(underlay, 1, "mtu: auto", peerKeys);
            String second = TwoHosts.config(underlay, 2, "mtu: auto", peerKeys);
            HostPrograms a = withPrograms(lab, hosts.a(), first, engine, 1);
            HostPrograms b = withPrograms(lab, hosts.b(), second, engine, 2);
            lab.server(hosts.b(), TwoHosts.SERVICE);
            return new Pair(hosts, a, b);
        }
    }
}
