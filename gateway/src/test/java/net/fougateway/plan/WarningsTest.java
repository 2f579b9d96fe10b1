package net.fougateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.RouteInfo;
import net.fougateway.route.Peers;
import net.fougateway.route.Underlay;
import org.junit.jupiter.api.Test;

/** What is valid and hardly meant. */
class WarningsTest {

    private static final InetAddress OWN = Peers.address("192.0.2.1");
    private static final String GOOD = "{name: a, remote: 192.0.2.2, allowed_ips: [10.1.0.0/16]}";

    private final FakeHost host = new FakeHost(1500) {
        @Override
        public RouteInfo route(InetAddress to, Underlay from) {
            return new RouteInfo(2, "eth0", 1500, 1500, Optional.of(OWN), Optional.empty(), to.equals(OWN), false);
        }
    };

    @Test
    void whatIsMeantIsNotWarnedOf() throws Exception {
        assertThat(warnings("peers: [" + GOOD + "]")).isEmpty();
        assertThat(warnings("peers: [{name: a, remote: 192.0.2.2, local: 192.0.2.1, allowed_ips: [10.1.0.0/16]}]"))
                .isEmpty();
    }

    @Test
    void noPeers() throws Exception {
        assertThat(warnings("peers: []")).singleElement().asString().contains("there are no peers");
    }

    @Test
    void localOfSomebodyElse() throws Exception {
        assertThat(warnings(
                        "listen: [{local: 192.0.2.9}]",
                        "peers: [{name: a, remote: 192.0.2.2, local: 192.0.2.8, allowed_ips: [10.1.0.0/16]}]"))
                .hasSize(2)
                .anyMatch(warning -> warning.startsWith("local 192.0.2.9 of listen is no address of this host"))
                .anyMatch(warning -> warning.startsWith("local 192.0.2.8 of peer a is no address of this host"));
    }

    @Test
    void oneRemoteTwice() throws Exception {
        String second = "{name: b, remote: 192.0.2.2, allowed_ips: [10.2.0.0/16]%s}";

        assertThat(warnings("peers: [" + GOOD + ", " + second.formatted("") + "]"))
                .containsExactly(
                        "peers a and b have the same remote, 192.0.2.2: one peer with the allowed_ips of both will do");
        assertThat(warnings("peers: [" + GOOD + ", " + second.formatted(", protocol: gre, gre: {key: 7}") + "]"))
                .isEmpty();
    }

    @Test
    void gueWithoutAPortForIt() throws Exception {
        String peers = "peers: [{name: a, remote: 192.0.2.2, encapsulation: gue, allowed_ips: [10.1.0.0/16]}]";

        assertThat(warnings(peers)).singleElement().asString().contains("add an entry with encapsulation: gue");
        assertThat(warnings("listen: [{encapsulation: gue}]", peers)).isEmpty();
    }

    @Test
    void mtuAboveThePath() throws Exception {
        assertThat(warnings("device: {mtu: 1500}", "peers: [" + GOOD + "]"))
                .singleElement()
                .asString()
                .startsWith("device.mtu is 1500 and the path to peer a takes 1472");
    }

    private List<String> warnings(String... yaml) throws Exception {
        GatewayConfig config = ConfigLoader.load("gateway.yaml", String.join("\n", yaml), Map.of(), Map.of());
        return Warnings.of(Plan.of(config, host), host);
    }
}
