package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the gateway takes from the host: addresses, routes, reserved ports, counters of the kernel; also when they change. */
class HostFollowedIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static void links(TwoHosts hosts, int mtu) throws Exception {
        for (Namespace host : List.of(hosts.a(), hosts.b())) {
            host.ok("ip", "link", "set", "eth0", "mtu", "" + mtu);
        }
    }

    @ParameterizedTest
    @EnumSource
    void underlayMtuThatIsRaisedOrLowered(Underlay underlay) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, "mtu: 2000", "ttl: 64"));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(underlay, 2, "mtu: 2000", "ttl: 64"));
            for (int mtu : new int[] {2100, 1400, 9000}) {
                links(hosts, mtu);
                for (GatewayProcess gateway : List.of(a, b)) {
                    await().atMost(LIMIT).until(() -> gateway.metrics().sum("fou_path_mtu_bytes") == mtu);
                }
                hosts.a().ok("ip", "route", "flush", "cache");
                int inner = Math.min(underlay.innerMtu() - 1500 + mtu, 2000);
                hosts.a().ping(TwoHosts.INNER4 + 2, inner - 28).ok();
            }
        }
    }

    /** A route that has an MTU of its own. */
    @Test
    void mtuOfTheRoute() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().ok("ip", "route", "add", "10.77.0.2", "dev", "eth0", "mtu", "1400");
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            assertThat(a.metrics().sum("fou_path_mtu_bytes")).isEqualTo(1400);
            hosts.a().ok("ip", "route", "change", "10.77.0.2", "dev", "eth0", "mtu", "1450");
            await().atMost(LIMIT).until(() -> a.metrics().sum("fou_path_mtu_bytes") == 1450);
        }
    }

    /** Peers know the public address; the kernel would rather have sent from the temporary one. */
    @Test
    void temporaryAddressIsNoOuterSource() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().sysctl("ipv6/conf/eth0/use_tempaddr", "2");
            hosts.a().ok("ip", "address", "del", "fd77::1/64", "dev", "eth0");
            hosts.a().ok("ip", "address", "add", "fd77::1/64", "dev", "eth0", "nodad", "mngtmpaddr");
            await().atMost(LIMIT)
                    .until(() -> hosts.a()
                            .ok("ip", "-6", "route", "get", "fd77::2")
                            .output()
                            .matches("(?s).*src (?!fd77::1 ).*"));
            for (String sourcePort : new String[] {"auto", "40000", "5555"}) {
                String keys = "source_port: " + sourcePort;
                try (GatewayProcess a =
                                GatewayProcess.start(hosts.a(), TwoHosts.config(Underlay.IPV6, 1, "mtu: auto", keys));
                        GatewayProcess b =
                                GatewayProcess.start(hosts.b(), TwoHosts.config(Underlay.IPV6, 2, "mtu: auto", keys))) {
                    a.awaitReady();
                    b.awaitReady();
                    hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
                    assertThat(b.metrics().sum("fou_packets_dropped_total", "reason=\"unknown_peer\""))
                            .isZero();
                }
            }
        }
    }

    @Test
    void reservedPortsAreLeftAlone() throws Exception {
        Requires.program("ss", "iproute2");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().sysctl("ipv4/ip_local_reserved_ports", "40000-40019,40030");
            String config = "source_ports: {range: 40000-40099, sockets: 19}\n" + TwoHosts.config(Underlay.IPV4, 1);
            lab.gateway(hosts.a(), config);
            List<Integer> ports = hosts.a()
                    .ok("ss", "-Huan")
                    .output()
                    .lines()
                    .map(line -> line.trim().split("\\s+", -1)[3])
                    .map(local -> Integer.valueOf(local.substring(local.lastIndexOf(':') + 1)))
                    .filter(port -> port >= 40000 && port < 40100)
                    .toList();
            assertThat(ports).isNotEmpty().allMatch(port -> port > 40019 && port != 40030);
        }
    }

    @Test
    void tooFewPortsSaySo() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().sysctl("ipv4/ip_local_reserved_ports", "40000-40019");
            String config = "source_ports: {range: 40000-40039, sockets: 30}\n" + TwoHosts.config(Underlay.IPV4, 1);
            Command.Result result = GatewayProcess.attempt(hosts.a(), config, List.of(), "run");
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.output()).contains("not enough free UDP ports in 40000-40039", "ip_local_reserved_ports");
        }
    }

    @ParameterizedTest
    @EnumSource
    void wrongOuterChecksumsAreCounted(Underlay underlay) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1));
            boolean ipv4 = underlay == Underlay.IPV4;
            hosts.b().call(() -> {
                try (IcmpSocket sender = IcmpSocket.raw(InetAddress.getByName(underlay.address(1)), 17)) {
                    byte[] packet = PacketBuilder.ip(ipv4)
                            .from(underlay.address(2))
                            .to(underlay.address(1))
                            .udp(5555, 5555)
                            .payload(100)
                            .badChecksum()
                            .build();
                    for (int i = 0; i < 3; i++) {
                        sender.send(Arrays.copyOfRange(packet, ipv4 ? 20 : 40, packet.length));
                    }
                }
                return null;
            });
            String family = "family=\"" + (ipv4 ? "ipv4" : "ipv6") + '"';
            await().atMost(LIMIT).until(() -> a.metrics().sum("fou_udp_checksum_errors_total", family) == 3);
            assertThat(a.status()).contains("\"udpChecksumErrors\":{\"" + (ipv4 ? "ipv4\":3" : "ipv4\":0,\"ipv6\":3"));
        }
    }
}
