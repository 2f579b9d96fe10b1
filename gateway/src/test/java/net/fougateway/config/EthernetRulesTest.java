package net.fougateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import net.fougateway.ethernet.MacAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EthernetRulesTest {

    private static final String VXLAN = "{name: b, remote: 192.0.2.2, encapsulation: vxlan, vni: 42, port: 4789%s}";
    private static final String TAP = "device: {mode: tap%s}\npeers: [%s]\n";

    private static GatewayConfig load(String yaml) throws ConfigException {
        return ConfigLoader.load("gateway.yaml", yaml, Map.of(), Map.of());
    }

    private static List<String> problems(String yaml) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> load(yaml));
        return refused == null
                ? List.of()
                : refused.problems().stream().map(ConfigProblem::toString).toList();
    }

    @Test
    void peersNeedNoAllowedIpsAndMayHaveMacs() throws Exception {
        GatewayConfig config = load(TAP.formatted(
                ", bridge: br0", VXLAN.formatted(", macs: [\"02:00:00:00:00:0A\", 02-00-00-00-00-0b], flood: false")));
        assertThat(config.isEthernet()).isTrue();
        assertThat(config.device().bridge()).isEqualTo("br0");
        GatewayConfig.Peer peer = config.peers().get(0);
        assertThat(peer.vni()).isEqualTo(42);
        assertThat(peer.flood()).isFalse();
        assertThat(peer.macs())
                .containsExactly(new MacAddress(0x0200_0000_000aL), new MacAddress(0x0200_0000_000bL))
                .first()
                .hasToString("02:00:00:00:00:0a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | {name: b, remote: 192.0.2.2} | set encapsulation: vxlan, or protocol: gretap",
                "'' | {name: b, remote: 192.0.2.2, encapsulation: vxlan} | encapsulation: vxlan needs vni",
                "'' | {name: b, remote: 192.0.2.2, protocol: gretap, vni: 1} | only a VXLAN header has it",
                "'' | {name: b, remote: 192.0.2.2, encapsulation: vxlan, vni: 1, protocol: gre} | leave protocol out",
                "'' | {name: b, remote: 192.0.2.2, encapsulation: vxlan, vni: 1, port: {4: 1}} | vxlan has one port",
                "'' | {name: b, remote: 192.0.2.2, encapsulation: vxlan, vni: 1, macs: ['ff:ff:ff:ff:ff:ff']} | is not the address of one machine",
                "', bridge: br0, address: [10.0.0.1/24]' | {name: b, remote: 192.0.2.2, protocol: gretap} | give it to br0",
            })
    void whatDoesNotFitIsRefused(String device, String peer, String problem) {
        assertThat(problems(TAP.formatted(device, peer)))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void networkAndMacsBelongTogether() {
        String twice = "{name: a, remote: 192.0.2.1, encapsulation: vxlan, vni: 43, macs: ['02:00:00:00:00:01']}, "
                + VXLAN.formatted(", macs: ['02:00:00:00:00:01']");
        assertThat(problems(TAP.formatted("", twice)))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("peers[1].vni") && problem.contains("42 is not 43"))
                .anyMatch(problem -> problem.contains("already stands at peers[0].macs[0]"));
    }

    @Test
    void tunDeviceHasNoUseForEthernet() {
        assertThat(problems("""
                device: {bridge: br0}
                ethernet: {age: 10}
                listen: [{encapsulation: vxlan}]
                peers:
                  - {name: b, remote: 192.0.2.2, encapsulation: vxlan, vni: 1, allowed_ips: [10.2.0.0/16]}
                  - {name: c, remote: 192.0.2.3, protocol: gretap, macs: ["02:00:00:00:00:01"], allowed_ips: [10.3.0.0/16]}
                """)).hasSize(6);
    }
}
