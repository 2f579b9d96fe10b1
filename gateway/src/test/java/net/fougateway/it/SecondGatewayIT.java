package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second gateway on the device of another one. */
class SecondGatewayIT {

    private static final String ON_OTHER_PORTS = """
            device: {name: fou0}
            listen: [{port: %d}]
            admin: {listen: "127.0.0.1:%d"}
            """;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isRefusedWhileTheDeviceIsDown(boolean madeBefore) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            if (madeBefore) {
                hosts.a().ok("ip", "tuntap", "add", "fou0", "mode", "tun", "multi_queue", "vnet_hdr");
            }
            lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            hosts.a().ok("ip", "link", "set", "fou0", "down");

            Command.Result second =
                    GatewayProcess.attempt(hosts.a(), ON_OTHER_PORTS.formatted(5556, 15556), List.of(), "run");

            assertThat(second.exit()).isEqualTo(1);
            assertThat(second.output()).contains("fou0 is in use by another process");
            hosts.a().ok("ip", "link", "set", "fou0", "up");
            hosts.a().ok("ip", "-6", "address", "add", "fd00:10::9/64", "dev", "fou0", "nodad");
            hosts.a().ping(TwoHosts.INNER4 + 2, 56, 56, 56, 56).ok();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyOneOfTwoThatStartAtOnceGoesOn(boolean madeBefore) throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("one");
            if (madeBefore) {
                host.ok("ip", "tuntap", "add", "fou0", "mode", "tun", "multi_queue", "vnet_hdr");
            }
            List<GatewayProcess> both = List.of(
                    lab.own(GatewayProcess.start(host, ON_OTHER_PORTS.formatted(5556, 15555))),
                    lab.own(GatewayProcess.start(host, ON_OTHER_PORTS.formatted(5557, 15556))));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> said(both, "in use by another process") == 1 && said(both, "fou0 is up") == 1);
        }
    }

    private static long said(List<GatewayProcess> gateways, String what) {
        return gateways.stream().filter(gateway -> gateway.log().contains(what)).count();
    }
}
