package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;

/** Start, stop, being killed, and being in each other's way. */
class LifecycleIT {

    private static final int LOAD = 5000;

    @Test
    void terminatedUnderLoadItStopsSoonAndLeavesNothing() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            startFlood(lab, hosts.a(), TwoHosts.INNER4 + 2);
            startFlood(lab, hosts.b(), TwoHosts.INNER4 + 1);
            awaitLoad(a);
            awaitLoad(b);
            assertThat(a.terminate()).isLessThan(Duration.ofSeconds(2));
            assertNothingLeft(hosts.a());
            assertThat(b.terminate()).isLessThan(Duration.ofSeconds(2));
            assertNothingLeft(hosts.b());
        }
    }

    @Test
    void afterSigkillANewStartWorksAtOnce() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1)).kill();
            lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            hosts.b().ping(TwoHosts.INNER6 + 1, 56).ok();
        }
    }

    @Test
    void aSecondGatewayOnThePortOrTheDeviceFailsAndDisturbsNothing() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String config = TwoHosts.config(Underlay.IPV4, 1);
            GatewayProcess first = lab.gateway(hosts.a(), config);
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            String admin = "admin: {listen: \"127.0.0.1:15556\"}\n";
            assertFailsNaming(hosts.a(), config.replace("fou0", "second0") + admin, "5555");
            assertFailsNaming(hosts.a(), config.replace("5555", "5557") + admin, "fou0");
            assertThat(hosts.a().ok("ip", "link").output()).contains("fou0").doesNotContain("second0");
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
            hosts.b().ping(TwoHosts.INNER4 + 1, 56).ok();
            first.assertSumsClose();
        }
    }

    private static void assertFailsNaming(Namespace host, String config, String what) throws Exception {
        Command.Result result = GatewayProcess.attempt(host, config, List.of(), "run");
        assertThat(result.exit()).as("%s", result).isEqualTo(1);
        assertThat(result.output()).contains(what).doesNotContain("\tat ");
    }

    private static void assertNothingLeft(Namespace host) throws Exception {
        assertThat(host.ok("ip", "link").output()).doesNotContain("fou0");
        assertThat(host.ok("ip", "route", "show", "table", "all").output()).doesNotContain("fou0", "10.10.10.");
        assertThat(host.ok("ip", "-6", "route", "show", "table", "all").output())
                .doesNotContain("fou0", "fd00:10:");
        assertThat(Command.ok("ip", "netns", "pids", host.name()).output()).isEmpty();
    }

    /** As fast as this machine can, until the lab is closed. */
    private static void startFlood(Lab lab, Namespace from, String target) {
        Future<Void> flood = from.start(() -> new TrafficClient(target, TwoHosts.SERVICE).flood(200));
        lab.own(() -> flood.cancel(true));
    }

    private static void awaitLoad(GatewayProcess gateway) {
        await().until(() -> gateway.metrics().received(Metrics.UDP_TO_TUN) > LOAD);
    }
}
