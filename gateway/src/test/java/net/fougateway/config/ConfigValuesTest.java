package net.fougateway.config;

import static net.fougateway.config.Configs.errors;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each value may be, and what is said when it is something else. */
class ConfigValuesTest {

    private static final String PEER = "peers: [{name: p, remote: 192.0.2.1, allowed_ips: [10.0.0.0/8], %s}]";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "device: {name: a/b}                  | device.name",
                "device: {name: sixteencharacter}     | device.name",
                "device: {name: ..}                   | device.name",
                "device: {name: ''}                   | device.name",
                "device: {name: fou%d}                | device.name",
                "device: {address: [10.0.0.1]}        | device.address[0]",
                "device: {mtu: 67}                    | device.mtu",
                "device: {mtu: Auto}                  | device.mtu",
                "device: {queues: 257}                | device.queues",
                "device: {offload: on}                | device.offload",
                "workers: -1                          | workers",
                "workers: 99999999999999999999999999  | workers",
                "workers: 1.5                         | workers",
                "workers: 0x10                        | workers",
                "listen: [{port: 0}]                  | listen[0].port",
                "listen: [{port: 65536}]              | listen[0].port",
                "listen: [{ipproto: 48}]              | listen[0].ipproto",
                "listen: [{encapsulation: yes}]       | listen[0].encapsulation",
                "listen: [{local: localhost}]         | listen[0].local",
                "listen: [{local: '::ffff:10.0.0.1'}] | listen[0].local",
                "source_ports: {range: 9-8}           | source_ports.range",
                "source_ports: {range: 0-9}           | source_ports.range",
                "source_ports: {range: 1-65536}       | source_ports.range",
                "source_ports: {range: all}           | source_ports.range",
                "source_ports: {sockets: 16385}       | source_ports.sockets",
                "source_check: true                   | source_check",
                "routes: {install: yes}               | routes.install",
                "admin: {listen: '127.0.0.1'}         | admin.listen",
                "admin: {listen: '::1:80'}            | admin.listen",
                "admin: {listen: '[::1:80'}           | admin.listen",
                "admin: {listen: '127.0.0.1:0'}       | admin.listen",
                "admin: {listen: '1.2.3:80'}          | admin.listen",
                "admin: {listen: 'localhost:80'}      | admin.listen",
                "log: {level: INFO}                   | log.level",
                "log: {format: xml}                   | log.format",
            })
    void badValueIsRefused(String yaml, String path) {
        assertThat(errors(yaml.replace("''", "\"\"")))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:1: " + path + ": \"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "local: 300.0.0.1         | local",
                "port: 0                  | port",
                "port: {4: 0}             | port.4",
                "source_port: 65536       | source_port",
                "checksum: 1              | checksum",
                "ttl: 0                   | ttl",
                "ttl: 256                 | ttl",
                "tos: 256                 | tos",
                "tos: auto                | tos",
                "pmtu_discovery: want     | pmtu_discovery",
            })
    void badPeerValueIsRefused(String yaml, String path) {
        assertThat(errors(PEER.formatted(yaml)))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:1: peers[0]." + path + ": \"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "ä", "\"\"", "a/b", "12345678901234567890123456789012345678901234567890123456789012345"})
    void badPeerNameIsRefused(String name) {
        assertThat(errors("peers: [{name: %s, remote: 192.0.2.1, allowed_ips: [10.0.0.0/8]}]".formatted(name)))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:1: peers[0].name: \"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.300",
                "1.2.3",
                "\"2001:db8:::1\"",
                "a..b",
                "-a",
                "a_b",
                "\"a:80\"",
                "\"\"",
                "\"fd00::1%eth0\""
            })
    void badRemoteIsRefused(String remote) {
        assertThat(errors("peers: [{name: p, remote: %s, allowed_ips: [10.0.0.0/8]}]".formatted(remote)))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:1: peers[0].remote: \"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.1",
                "\"2001:db8::1\"",
                "gw",
                "gw-1.example.net",
                "gw.example.net.",
                "127.0.0.1",
                "1gw.net"
            })
    void goodRemoteIsAccepted(String remote) {
        assertThat(errors("peers: [{name: p, remote: %s, allowed_ips: [10.0.0.0/8]}]".formatted(remote)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.42.2.0/33   | the length must be 0..32",
                "fd00::/129     | the length must be 0..128",
                "10.0.0.0/      | the length must be 0..32",
                "10.0.0.1       | for the single address write 10.0.0.1/32",
                "fd00::1        | for the single address write fd00::1/128",
                "10.0.0/8       | write it like 10.42.2.0/24 or fd00:42::/64",
                "default        | write it like 10.42.2.0/24 or fd00:42::/64",
            })
    void badPrefixIsExplained(String prefix, String why) {
        assertThat(errors("peers: [{name: p, remote: 192.0.2.1, allowed_ips: [\"%s\"]}]".formatted(prefix)))
                .containsExactly("gateway.yaml:1: peers[0].allowed_ips[0]: \"" + prefix + "\" is not a prefix: " + why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "device: [1]        | device: a list is not allowed: it must be a section of \"key: value\" lines",
                "device: 1          | device: a single value is not allowed: it must be a section of \"key: value\" lines",
                "device:            | device: there is no value: it must be a section of \"key: value\" lines",
                "workers: {}        | workers: a section is not allowed: it must be auto or 1..256",
                "workers: []        | workers: a list is not allowed: it must be auto or 1..256",
                "workers:           | workers: there is no value: it must be auto or 1..256",
                "peers: {}          | peers: a section is not allowed: it must be a list",
                "device: {address: 10.1.0.1/24} | device.address: a single value is not allowed: it must be a list: write [10.1.0.1/24]",
                "peers: 1           | peers: a single value is not allowed: it must be a list: write [1]",
                "peers: [k2]        | peers[0]: a single value is not allowed: it must be a section of \"key: value\" lines",
            })
    void wrongKindIsExplained(String yaml, String message) {
        assertThat(errors(yaml)).contains("gateway.yaml:1: " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'Endpoint: 192.0.2.1:5555'       | ': write the address as remote, and the port as port'",
                "'AllowedIPs: [10.42.2.0/24]'     | ', did you mean \"allowed_ips\"?'",
                "'publickey: xyz'                 | ': nothing is encrypted here, so there are no keys: leave it out'",
                "'encap-dport: 5555'              | ': write port'",
            })
    void wordsOfWireGuardAndIpGetTheirNameHere(String line, String hint) {
        String key = line.substring(0, line.indexOf(':'));
        assertThat(errors("peers: [{name: p, remote: 192.0.2.1, allowed_ips: [10.1.0.0/16], " + line + "}]"))
                .containsExactly("gateway.yaml:1: peers[0]: unknown key \"" + key + "\"" + hint);
        assertThat(errors("ListenPort: 5555"))
                .containsExactly("gateway.yaml:1: unknown key \"ListenPort\": write listen: [{port: NUMBER}]");
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1:5555, 192.0.2.1",
        "gw.example.net:5555, gw.example.net",
        "'[2001:db8::1]:5555', '\"2001:db8::1\"'"
    })
    void aRemoteWithItsPortIsExplained(String remote, String address) {
        assertThat(errors("peers: [{name: p, remote: '" + remote + "', allowed_ips: [10.1.0.0/16]}]"))
                .contains("gateway.yaml:1: peers[0].remote: \"" + remote
                        + "\" is not allowed: the port is a key of its own: write remote: " + address
                        + " and port: 5555");
    }

    @ParameterizedTest
    @CsvSource({"devise,device", "listn,listen", "peer,peers", "sourceports,source_ports", "xyz,"})
    void nearKeyIsSuggested(String key, String near) {
        String hint = near == null ? "" : ", did you mean \"" + near + "\"?";

        assertThat(errors(key + ": 1")).containsExactly("gateway.yaml:1: unknown key \"" + key + "\"" + hint);
    }

    @ParameterizedTest
    @CsvSource({
        "'remote: 192.0.2.010', allowed_ips: [10.1.2.0/24], 192.0.2.10",
        "'remote: 192.0.2.1, port: 05555', allowed_ips: [10.1.2.0/24], 5555",
        "'remote: 192.0.2.1, local: 192.0.02.9', allowed_ips: [10.1.2.0/24], 192.0.2.9",
        "'remote: 192.0.2.1, ttl: 064', allowed_ips: [10.1.2.0/24], 64",
        "'remote: 192.0.2.1, gre: {key: 010}', allowed_ips: [10.1.2.0/24], 10",
        "'remote: 192.0.2.1, gre: {key: 10.0.0.01}', allowed_ips: [10.1.2.0/24], 10.0.0.1",
        "remote: 192.0.2.1, allowed_ips: [010.1.2.0/24], 10.1.2.0/24",
        "remote: 192.0.2.1, allowed_ips: [10.1.2.0/024], 10.1.2.0/24",
        "remote: 192.0.2.1, allowed_ips: [10.01.2.00/24], 10.1.2.0/24",
    })
    void leadingZerosAreRefused(String remote, String allowedIps, String instead) {
        assertThat(errors("peers: [{name: a, %s, %s}]".formatted(remote, allowedIps)))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:1: peers[0].")
                .endsWith("leading zeros may be octal or decimal: write " + instead);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x7f.1", "127.1", "0x7f000001", "2130706433", "0o17.1.1.1", "1.2.3.4.5"})
    void addressesInOtherNotationsAreRefused(String address) {
        assertThat(errors("peers: [{name: a, remote: %s, allowed_ips: [10.1.0.0/16]}]".formatted(address)))
                .singleElement()
                .asString()
                .contains(
                        "peers[0].remote",
                        "it must be an IP address, a link-local one with its interface such as fe80::2%eth0, or a host name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0o17", "1e3", "5_555", "12:30", "0x10", "+5", "5.0", "yes", "~"})
    void numbersThatYamlMayReadOtherwiseAreRefused(String port) {
        assertThat(errors("listen: [{port: %s}]".formatted(port)))
                .singleElement()
                .asString()
                .contains("listen[0].port", "must be 1..65535");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "allowed_ips: [0.0.0.0/0, ::/0]",
                "allowed_ips: [::/0]",
                "allowed_ips: [::/0, 10.0.0.0/8]",
                "allowed_ips: [fd00:42::, 10.0.0.0/8]",
                "allowed_ips: [10.0.0.0/8, fd00:42::]",
                "allowed_ips: [\n      10.0.0.0/8,\n      ::/0\n    ]",
                "allowed_ips:\n      - fd00:42::",
                "remote: fe80::",
                "remote: ::",
                "local: 2001:db8::",
            })
    void unquotedIpv6SaysQuotes(String setting) {
        String yaml = "peers:\n  - name: a\n    %s\n".formatted(setting);
        assertThat(errors(yaml))
                .anySatisfy(error ->
                        assertThat(error).containsPattern("put IPv6 addresses into quotes: \"[0-9a-f:]*::(/0)?\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[10.0.0.1]:15555", "10.0.0.1:15555", "[fd00::5]:15555"})
    void adminAddressMayHaveBracketsInBothFamilies(String listen) throws Exception {
        GatewayConfig config =
                ConfigLoader.load("gateway.yaml", "peers: []", Map.of("FOU_ADMIN_LISTEN", listen), Map.of());
        assertThat(config.admin().listen())
                .singleElement()
                .satisfies(address ->
                        assertThat(((InetSocketAddress) address).getPort()).isEqualTo(15555));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:4318",
                "http://localhost:4318",
                "http://localhost:4318/",
                "ftp://localhost/v1/metrics",
                "http://user:password@localhost/v1/metrics",
                "http:///v1/metrics",
                "http://localhost:0/v1/metrics",
                "http://localhost:65536/v1/metrics",
                "http://[::1/v1/metrics",
                "http://a b/v1/metrics",
                "\"\"",
            })
    void badUrlOfACollectorIsRefused(String url) {
        assertThat(errors("log: {}\nmetrics:\n  otlp:\n    url: " + url))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:4: metrics.otlp.url: \"")
                .contains("it must be an http or https URL with a path");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:4318/v1/metrics",
                "https://collector.example/v1/metrics",
                "http://192.0.2.1/otlp?tenant=1",
                "http://[2001:db8::1]:4318/v1/metrics"
            })
    void goodUrlOfACollectorIsTaken(String url) {
        assertThat(errors("metrics: {otlp: {url: \"" + url + "\"}}")).isEmpty();
    }
}
