package net.fougateway.config;

import static net.fougateway.config.Configs.errors;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Interfaces, and marks, that a configuration may name. */
class InterfaceRulesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "remote: 'fe80::2%eth0'",
                "remote: 'fe80::2%eth0', device: eth0, local: 'fe80::1'",
                "remote: 'fe80::2', device: vrf-red",
                "remote: 192.0.2.2, device: eth0",
                "remote: gw.example.net, device: eth0"
            })
    void anInterfaceMayBeNamed(String keys) {
        assertThat(errors("peers: [{name: a, allowed_ips: [10.1.0.0/16], " + keys + "}]"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "remote: 'fe80::2%eth0', device: eth1              | eth1 is not the interface that remote names, eth0",
                "remote: 'fd00::2%eth0'                            | is not allowed",
                "remote: 'fe80::2%'                                | is not allowed",
                "remote: '192.0.2.2%eth0'                          | is not allowed",
                "remote: 192.0.2.2, device: 'eth 0'                | is not allowed",
                "remote: 192.0.2.2, device: eth0, source_port: 5555 | it is the port of listen[0]",
            })
    void interfacesMustFit(String keys, String why) {
        assertThat(errors("peers: [{name: a, allowed_ips: [10.1.0.0/16], " + keys + "}]"))
                .singleElement()
                .asString()
                .contains(why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'ff02::/16'  | is multicast",
                "224.0.0.0/4  | is multicast",
                "'fe80::/64'  | is link-local",
            })
    void rangesOfMembersAreThoseOfMachines(String range, String why) {
        assertThat(errors("{routes: {from_kernel: main}, peers: [{name: a, type: next_hop, remote: [" + range + "]}]}"))
                .singleElement()
                .asString()
                .contains(why);
    }

    @Test
    void portsOfTwoInterfacesMayBeTheSame() {
        assertThat(errors("listen: [{device: eth0}, {device: eth1}, {local: 'fe80::1', port: 1, device: eth0}]"))
                .isEmpty();
        assertThat(errors("listen: [{device: eth0}, {device: eth0}]")).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off", "1", "4294967295", "0xca6c"})
    void marksAreNumbers(String mark) {
        assertThat(errors("device: {fwmark: " + mark + "}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "4294967296", "-1", "on", "0x1ffffffff"})
    void otherMarksAreNot(String mark) {
        assertThat(errors("device: {fwmark: " + mark + "}"))
                .singleElement()
                .asString()
                .contains("it must be auto, off or a number such as 51820 or 0xca6c");
    }
}
