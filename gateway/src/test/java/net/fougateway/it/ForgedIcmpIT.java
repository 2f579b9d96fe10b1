package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors about datagrams that the gateway did not send change nothing: neither here nor in what the kernel lets pass. */
class ForgedIcmpIT {

    private static final int LISTEN = 5555;

    private static byte[] quote(Underlay underlay, String source, byte[] inner) {
        return PacketBuilder.ip(underlay == Underlay.IPV4)
                .from(source)
                .to(underlay.address(2))
                .udp(LISTEN, LISTEN)
                .payload(inner)
                .build();
    }

    private static byte[] inner(String to) {
        return PacketBuilder.ipv4().from("10.10.10.1").to(to).payload(1400).build();
    }

    @ParameterizedTest
    @CsvSource({"IPV4, 5555", "IPV4, auto", "IPV6, 5555", "IPV6, auto"})
    void pathMtuStaysAndNobodyIsTold(Underlay underlay, String sourcePort) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String keys = "source_port: " + sourcePort;
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1, "mtu: auto", keys));
            lab.gateway(hosts.b(), TwoHosts.config(underlay, 2, "mtu: auto", keys));
            int headerBytes = underlay == Underlay.IPV4 ? 28 : 48;
            byte[] whole = quote(underlay, underlay.address(1), inner("10.10.10.2"));
            byte[] foreign = quote(underlay, underlay.address(99), inner("10.10.10.2"));
            byte[] elsewhere = quote(underlay, underlay.address(1), inner("10.99.0.1"));
            hosts.b().call(() -> {
                try (IcmpSocket router = new IcmpSocket(InetAddress.getByName(underlay.address(1)))) {
                    router.tooBig(552, Arrays.copyOf(whole, headerBytes));
                    router.tooBig(552, foreign);
                    router.tooBig(552, elsewhere);
                    router.unreachable(foreign);
                    router.unreachable(elsewhere);
                }
                return null;
            });
            await().atMost(Duration.ofSeconds(20)).until(() -> a.metrics().sum("fou_icmp_errors_ignored_total") == 5);
            hosts.a().ping(TwoHosts.INNER4 + 2, underlay.innerMtu() - 28).ok();
            Metrics metrics = a.assertSumsClose();
            assertThat(metrics.sum("fou_path_mtu_bytes")).isEqualTo(1500);
            assertThat(metrics.sum("fou_icmp_errors_sent_total")).isZero();
            assertThat(metrics.dropped(Metrics.TUN_TO_UDP)).isZero();
        }
    }

    /** The kernel believes everybody; what it learned that way is not asked for. */
    @ParameterizedTest
    @CsvSource({"IPV4", "IPV6"})
    void whatTheKernelBelievesDoesNotCount(Underlay underlay) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(underlay, 1));
            lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            hosts.a().call(() -> {
                try (DatagramSocket victim = new DatagramSocket(41000)) {
                    assertThat(victim.isBound()).isTrue();
                    hosts.b().call(() -> {
                        try (IcmpSocket router = new IcmpSocket(InetAddress.getByName(underlay.address(1)))) {
                            router.tooBig(
                                    1280,
                                    PacketBuilder.ip(underlay == Underlay.IPV4)
                                            .from(underlay.address(1))
                                            .to(underlay.address(2))
                                            .udp(41000, 9)
                                            .payload(100)
                                            .build());
                        }
                        return null;
                    });
                    await().atMost(Duration.ofSeconds(10))
                            .until(() -> hosts.a()
                                    .ok("ip", "route", "get", underlay.address(2))
                                    .output()
                                    .contains("mtu 1280"));
                }
                return null;
            });
            hosts.a().ping(TwoHosts.INNER4 + 2, underlay.innerMtu() - 28).ok();
            assertThat(a.assertSumsClose().sum("fou_path_mtu_bytes")).isEqualTo(1500);
        }
    }
}
