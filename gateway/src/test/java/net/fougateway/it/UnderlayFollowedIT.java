package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A sends everything of both families through the tunnel to B, over one of two uplinks, by R and by S. What happens to the uplinks happens to
 * the outer packets too, and the tunnel comes back by itself.
 */
final class UnderlayFollowedIT {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Lab lab;
    private Namespace a;
    private Namespace b;
    private GatewayProcess gatewayA;

    @BeforeEach
    void build() throws Exception {
        lab = Lab.create();
        a = lab.namespace("a");
        b = lab.namespace("b");
        a.address("lo", "10.99.0.1/32", "fd99::1/128");
        b.address("lo", "10.99.0.9/32", "fd99::9/128", "203.0.113.9/32", "2001:db8:9::9/128");
        uplink(lab.namespace("r"), 1);
        uplink(lab.namespace("s"), 2);
        useUplink(1);
        for (String family : List.of("-4", "-6")) {
            String to = family.equals("-4") ? "10.99.0.1/32" : "fd99::1/128";
            b.ok(
                    "ip",
                    family,
                    "route",
                    "add",
                    to,
                    "nexthop",
                    "via",
                    gateway(family, 3),
                    "nexthop",
                    "via",
                    gateway(family, 4));
        }
    }

    private void uplink(Namespace router, int number) throws Exception {
        link(a, "eth" + number, router, number);
        link(b, "eth" + (number + 2), router, number + 2);
        router.forward();
        router.ok("ip", "route", "add", "10.99.0.1/32", "via", "10.81.%d.1".formatted(number));
        router.ok("ip", "route", "add", "10.99.0.9/32", "via", "10.81.%d.1".formatted(number + 2));
        router.ok("ip", "route", "add", "fd99::1/128", "via", "fd81:%d::1".formatted(number));
        router.ok("ip", "route", "add", "fd99::9/128", "via", "fd81:%d::1".formatted(number + 2));
    }

    private void link(Namespace host, String device, Namespace router, int number) throws Exception {
        lab.link(host, device, router, "eth" + number);
        host.address(device, "10.81.%d.1/24".formatted(number), "fd81:%d::1/64".formatted(number));
        router.address("eth" + number, "10.81.%d.2/24".formatted(number), "fd81:%d::2/64".formatted(number));
    }

    private static String gateway(String family, int number) {
        return (family.equals("-4") ? "10.81.%d.2" : "fd81:%d::2").formatted(number);
    }

    private void useUplink(int number, String... more) throws Exception {
        for (String family : List.of("-4", "-6")) {
            String source = family.equals("-4") ? "10.99.0.1" : "fd99::1";
            a.ok(
                    "sh",
                    "-c",
                    "ip %s route replace default via %s dev eth%d src %s %s"
                            .formatted(family, gateway(family, number), number, source, String.join(" ", more)));
        }
    }

    private void startGateways(String remoteFamily, String fwmark) throws Exception {
        boolean ipv4 = remoteFamily.equals("-4");
        lab.gateway(b, """
                device: {address: [10.10.10.2/24, "fd00:10::2/64"]}
                peers:
                  - {name: a, remote: "%s", local: "%s", allowed_ips: [10.10.10.1/32, "fd00:10::1/128"]}
                """.formatted(ipv4 ? "10.99.0.1" : "fd99::1", ipv4 ? "10.99.0.9" : "fd99::9"));
        gatewayA = lab.gateway(a, configOfA(ipv4, fwmark, 64));
        awaitTunnel("start");
    }

    private static String configOfA(boolean ipv4, String fwmark, int ttl) {
        return """
            device: {address: [10.10.10.1/24, "fd00:10::1/64"], fwmark: %s}
            peers:
              - {name: b, remote: "%s", ttl: %d, allowed_ips: [0.0.0.0/0, "::/0"]}
            """.formatted(fwmark, ipv4 ? "10.99.0.9" : "fd99::9", ttl);
    }

    private void awaitTunnel(String after) {
        for (String target : List.of("203.0.113.9", "2001:db8:9::9")) {
            await(after + ", " + target)
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> a.run(LIMIT, "ping", "-n", "-c", "1", "-W", "1", target)
                                    .exit()
                            == 0);
        }
    }

    private long sentBy(int uplink) throws Exception {
        return Long.parseLong(a.ok("cat", "/sys/class/net/eth" + uplink + "/statistics/tx_bytes")
                .output()
                .strip());
    }

    private void assertCarriedBy(int uplink) throws Exception {
        long before = sentBy(uplink);
        a.ok("ping", "-n", "-c", "20", "-i", "0.01", "-W", "1", "203.0.113.9");
        assertThat(sentBy(uplink) - before).isGreaterThan(20 * 84);
    }

    @AfterEach
    void takeDown() throws Exception {
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({"-4, auto", "-6, auto", "-4, off", "-6, off"})
    void whatHappensToTheUplinkHappensToTheTunnel(String family, String fwmark) throws Exception {
        startGateways(family, fwmark);
        assertCarriedBy(1);

        a.ok("ip", "link", "set", "eth1", "down");
        a.ok("ip", "link", "set", "eth1", "up");
        a.ok("ip", "address", "replace", "fd81:1::1/64", "dev", "eth1", "nodad");
        useUplink(1);
        awaitTunnel("link flap");
        assertCarriedBy(1);

        useUplink(2);
        awaitTunnel("uplink failover");
        assertCarriedBy(2);

        useUplink(1, "mtu", "1400");
        awaitTunnel("route with an MTU");
        assertCarriedBy(1);
        await().atMost(LIMIT).until(() -> gatewayA.status().contains("1400"));

        gatewayA.reconfigure(configOfA(family.equals("-4"), fwmark, 65), true);
        await().atMost(LIMIT).until(() -> gatewayA.log().contains("ttl"));
        awaitTunnel("reload");
        assertCarriedBy(1);
        assertThat(gatewayA.status()).contains("1400");

        String config = configOfA(family.equals("-4"), fwmark, 65);
        assertThat(GatewayProcess.attempt(a, config, List.of(), "kernel").output())
                .contains("remote " + (family.equals("-4") ? "10.99.0.1" : "fd99::1"));

        gatewayA.terminate();
        assertThat(a.ok("ip", "rule").output() + a.ok("ip", "-6", "rule").output())
                .doesNotContain("155");
        assertThat(a.ok("ip", "route").output() + a.ok("ip", "-6", "route").output())
                .doesNotContain("155");
    }

    @Test
    void anIpv4UplinkMayHaveAnIpv6Gateway() throws Exception {
        startGateways("-4", "auto");
        a.ok("ip", "route", "replace", "default", "src", "10.99.0.1", "via", "inet6", "fd81:2::2", "dev", "eth2");
        awaitTunnel("IPv6 gateway");
        assertCarriedBy(2);
    }

    /** What comes back another way than a host would send is dropped, so all of it comes by the one uplink. */
    @Test
    void strictReversePathsDropNothing() throws Exception {
        for (String device : List.of("all", "eth1", "eth2")) {
            a.sysctl("ipv4/conf/" + device + "/rp_filter", "1");
        }
        b.ok("ip", "route", "replace", "10.99.0.1/32", "via", gateway("-4", 3));
        startGateways("-4", "auto");
        assertCarriedBy(1);
    }

    @Test
    void whatTheHostLosesIsGivenAgain() throws Exception {
        startGateways("-4", "auto");
        for (String loss : List.of(
                "ip link set fou0 down; ip link set fou0 up",
                "ip route flush dev fou0; ip -6 route flush dev fou0",
                "ip route flush table 5555",
                "ip address flush dev fou0",
                "ip rule del priority 32657")) {
            a.ok("sh", "-c", loss);
            awaitTunnel(loss);
        }
        assertThat(gatewayA.log()).contains("had lost what it was given");
        gatewayA.awaitReady();
    }

    @Test
    void afterSigkillTheNextStartClearsUp() throws Exception {
        startGateways("-4", "auto");
        gatewayA.kill();
        assertThat(a.ok("ip", "rule").output()).contains("proto 155");
        GatewayProcess next = lab.gateway(a, configOfA(true, "off", 64));
        assertThat(a.ok("ip", "rule").output()).doesNotContain("155");
        awaitTunnel("host routes instead");
        next.kill();
        assertThat(a.ok("ip", "route").output()).contains("10.99.0.9 via");
        lab.gateway(a, configOfA(true, "auto", 64).replace("0.0.0.0/0", "203.0.113.0/24"));
        assertThat(a.ok("ip", "route").output()).doesNotContain("10.99.0.9 via");
        awaitTunnel("a smaller prefix");
    }
}
