package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A gateway takes the place of one that runs, under traffic. */
class TakeoverIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int TAKEOVERS = 2;
    private static final long BYTES = 1_000_000;
    private static final String SEQUENCED = "protocol: gre, gre: {key: 7, sequence: true}";

    @BeforeEach
    void requirePing() throws Exception {
        Requires.program("ping", "iputils-ping");
    }

    /** With GRE sequence numbers the other end would drop what does not go on with the next number. */
    @ParameterizedTest
    @CsvSource({
        "IPV4, 'workers: 2', 'mtu: auto', 'ttl: 64'",
        "IPV6, 'workers: 2', 'mtu: auto', 'ttl: 64'",
        "IPV4, 'workers: 1', 'mtu: auto', '" + SEQUENCED + "'",
        "IPV4, 'workers: 2', '" + EbpfEngineIT.BOTH + "', '" + EbpfEngineIT.IN_KERNEL + "'"
    })
    void nothingIsLost(Underlay underlay, String workers, String device, String peer) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String config = workers + "\n" + TwoHosts.config(underlay, 1, device, peer);
            GatewayProcess gateway = lab.gateway(hosts.a(), config);
            lab.gateway(hosts.b(), workers + "\n" + TwoHosts.config(underlay, 2, device, peer));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            AtomicBoolean enough = new AtomicBoolean();
            Future<Void> pings =
                    hosts.a().start(() -> Pings.sendUntil(enough, hosts.a(), TwoHosts.INNER4 + 2, "0.002"));
            Future<Void> transfers = hosts.a().start(() -> transferUntil(enough, TwoHosts.INNER6 + 2));

            for (int i = 0; i < TAKEOVERS; i++) {
                gateway = takeOver(lab, hosts.a(), gateway, config);
            }

            enough.set(true);
            pings.get();
            transfers.get();
            Metrics metrics = gateway.assertSumsClose();
            assertThat(metrics.sum("fou_dropped_total")).as("%s", metrics).isZero();
            assertThat(gateway.terminate()).isLessThan(LIMIT);
            hosts.a().run(LIMIT, "ip", "link", "show", "fou0").failed();
        }
    }

    @Test
    void whatASwitchHasLearnedLivesOn() throws Exception {
        try (Lab lab = Lab.create()) {
            SwitchedSites sites = SwitchedSites.build(lab, Underlay.IPV4, 2);
            String config = sites.config(1, 2);
            GatewayProcess before = lab.gateway(sites.machine(1), config);
            lab.gateway(sites.machine(2), sites.config(2, 1));
            sites.host(1).ping(SwitchedSites.inner(true, 2), 56).ok();
            assertThat(before.document("/macs")).contains(SwitchedSites.mac(1), SwitchedSites.mac(2));
            GatewayProcess next = takeOver(lab, sites.machine(1), before, config);
            assertThat(next.document("/macs")).contains(SwitchedSites.mac(1), SwitchedSites.mac(2));
            assertThat(next.status()).doesNotContain("never heard");
            sites.host(1).ping(SwitchedSites.inner(false, 2), 56).ok();
        }
    }

    private static GatewayProcess takeOver(Lab lab, Namespace host, GatewayProcess before, String config)
            throws Exception {
        GatewayProcess next = lab.own(GatewayProcess.launch(host, GatewayProcess.command(), config, "--takeover"));
        assertThat(before.awaitExit()).as("%s", before.log()).isZero();
        assertThat(before.log()).contains("another one has taken its place");
        return next.awaitReady();
    }

    private static Void transferUntil(AtomicBoolean enough, String to) throws Exception {
        while (!enough.get()) {
            new TrafficClient(to, TwoHosts.SERVICE).transfer(BYTES);
        }
        return null;
    }

    @Test
    void theOldOneGoesOnWhenTheNewOneFails() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String config = "workers: 2\n" + TwoHosts.config(Underlay.IPV4, 1);
            String numbered = "workers: 1\n" + TwoHosts.config(Underlay.IPV4, 1, "mtu: auto", SEQUENCED);
            GatewayProcess old = lab.gateway(hosts.a(), config);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            long descriptors = old.openDescriptors();
            AtomicBoolean enough = new AtomicBoolean();
            Future<Void> pings =
                    hosts.a().start(() -> Pings.sendUntil(enough, hosts.a(), TwoHosts.INNER4 + 2, "0.002"));

            GatewayProcess killed =
                    lab.own(GatewayProcess.launch(hosts.a(), GatewayProcess.command(), config, "--takeover"));
            await().atMost(LIMIT).until(() -> killed.log().contains("takes the place"));
            killed.kill();
            await().atMost(LIMIT).until(() -> old.log().contains("died before; this one goes on"));
            GatewayProcess other =
                    lab.own(GatewayProcess.launch(hosts.a(), GatewayProcess.command(), numbered, "--takeover"));
            assertThat(other.awaitExit()).isEqualTo(1);
            assertThat(other.log()).contains("stop that one, and start this one");

            try (ServerSocket taken =
                    hosts.a().call(() -> new ServerSocket(15_556, 1, InetAddress.getLoopbackAddress()))) {
                String elsewhere = "admin: {listen: [127.0.0.1:" + taken.getLocalPort() + "]}\n" + config;
                GatewayProcess another =
                        lab.own(GatewayProcess.launch(hosts.a(), GatewayProcess.command(), elsewhere, "--takeover"));
                assertThat(another.awaitExit()).isEqualTo(1);
                assertThat(another.log()).contains("cannot serve metrics and status at 127.0.0.1:15556");
            }

            enough.set(true);
            pings.get();
            hosts.a().ping(TwoHosts.INNER6 + 2, 56).ok();
            assertThat(old.openDescriptors()).isEqualTo(descriptors);
            GatewayProcess next = takeOver(lab, hosts.a(), old, config);
            assertThat(next.metrics().sum("fou_build_info")).isOne();
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
        }
    }

    @Test
    void withoutOneBeforeItIsAnOrdinaryStart() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess gateway = lab.own(GatewayProcess.launch(
                            hosts.a(), GatewayProcess.command(), TwoHosts.config(Underlay.IPV4, 1), "--takeover"))
                    .awaitReady();
            assertThat(gateway.log()).contains("no gateway has fou0");
        }
    }
}
