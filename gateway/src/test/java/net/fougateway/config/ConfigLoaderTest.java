package net.fougateway.config;

import static net.fougateway.config.Configs.errors;
import static net.fougateway.config.Configs.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.fougateway.codec.Format;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.config.GatewayConfig.Gre;
import net.fougateway.config.GatewayConfig.Peer;
import net.fougateway.config.GatewayConfig.PeerType;
import net.fougateway.config.GatewayConfig.Protocol;
import net.fougateway.route.Prefix;
import net.fougateway.route.SourceCheck.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values, precedence, and several mistakes at once. */
class ConfigLoaderTest {

    @Test
    void everyKeyHasItsDefault() throws ConfigException {
        GatewayConfig config = load("{}");

        assertThat(config.device().name()).isEqualTo("fou0");
        assertThat(config.device().address()).isEmpty();
        assertThat(config.device().mtuBytes()).isEqualTo(GatewayConfig.AUTO);
        assertThat(config.workers()).isEqualTo(GatewayConfig.AUTO);
        assertThat(config.listen())
                .containsExactly(new GatewayConfig.Listen(5555, InnerProtocol.AUTO, Format.FOU, null, null));
        assertThat(config.peers()).isEmpty();
        assertThat(config.sourcePorts())
                .isEqualTo(new GatewayConfig.SourcePorts(new SourcePortRange(32768, 60999), 1024));
        assertThat(config.sourceCheck()).isEqualTo(Mode.STRICT);
        assertThat(config.routes().install()).isTrue();
        assertThat(config.admin().listen()).containsExactly(socketAddress("127.0.0.1", 15555));
        assertThat(config.log()).isEqualTo(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT));
    }

    @Test
    void everyValueIsRead() throws Exception {
        Peer peer = load("""
                        peers:
                          - {name: k2, remote: gw.example.net, local: "2001:db8::1", port: {4: 7777, 41: 7778},
                             encapsulation: gue, protocol: gre, remote_checksum: true,
                             gre: {key: 10.0.0.1, checksum: true, sequence: true},
                             source_port: 9, checksum: false, ttl: inherit, tos: 184, pmtu_discovery: false,
                             mss_clamp: off,
                             allowed_ips: [10.42.2.0/24, "fd00:42::/64"]}
                        """).peers().get(0);

        assertThat(peer)
                .isEqualTo(new Peer(
                        "k2",
                        PeerType.FIXED,
                        List.of("gw.example.net"),
                        InetAddress.getByName("2001:db8::1"),
                        null,
                        Format.GUE,
                        Protocol.GRE,
                        null,
                        new PeerPorts(7777, 7778, 5555),
                        9,
                        false,
                        true,
                        new Gre(new GreKey(0x0a000001), true, true),
                        new SixRd(null, new Prefix(InetAddress.getByName("0.0.0.0"), 0)),
                        GatewayConfig.TTL_INHERIT,
                        184,
                        false,
                        GatewayConfig.Switch.OFF,
                        false,
                        4096,
                        List.of(),
                        true,
                        List.of(
                                new Prefix(InetAddress.getByName("10.42.2.0"), 24),
                                new Prefix(InetAddress.getByName("fd00:42::"), 64))));
        assertThat(peer.remoteLiteral()).isEmpty();
    }

    @Test
    void peerPortIsOneForAllOrOneForEachProtocol() throws ConfigException {
        PeerPorts both = peer("port: 7777").port();
        PeerPorts one = peer("port: {41: 7778}").port();

        assertThat(both.forProtocol(4)).isEqualTo(7777);
        assertThat(both.forProtocol(41)).isEqualTo(7777);
        assertThat(one.forProtocol(4)).isEqualTo(5555);
        assertThat(one.forProtocol(41)).isEqualTo(7778);
        assertThat(peer("port: {47: 7779}").port().forProtocol(47)).isEqualTo(7779);
        assertThatThrownBy(() -> one.forProtocol(6)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listenWithoutLocalBindsBothFamilies() throws ConfigException {
        GatewayConfig config = load("listen: [{}, {port: 1, local: 0.0.0.0}, {port: 2, local: \"::\", ipproto: 41}]");

        assertThat(config.listen())
                .extracting(listen -> listen.bindAddresses().toString())
                .containsExactly("[/0.0.0.0, /0:0:0:0:0:0:0:0]", "[/0.0.0.0]", "[/0:0:0:0:0:0:0:0]");
        assertThat(config.listen().get(2).ipproto()).isEqualTo(InnerProtocol.IPV6);
    }

    @Test
    void exampleHasAllKeysAndAllDefaults() throws Exception {
        GatewayConfig config = ConfigLoader.load(Configs.EXAMPLE, Map.of(), Map.of());
        String text = Files.readString(Configs.EXAMPLE);
        Peer shortest = peer("");
        Peer example = config.peers().get(0);

        assertThat(text).startsWith("# yaml-language-server: $schema=./gateway.schema.json\n");
        assertThat(Key.table())
                .allSatisfy(row -> assertThat(text)
                        .containsPattern("(?m)(?:^|[ {])" + row.key().name() + ":"));
        assertThat(load("{}"))
                .usingRecursiveComparison()
                .ignoringFields("peers")
                .isEqualTo(config);
        assertThat(example)
                .usingRecursiveComparison()
                .ignoringFields("name", "remotes", "allowedIps")
                .isEqualTo(shortest);
    }

    @Test
    void allMistakesComeAtOnceWithLineAndPath() {
        String yaml = """
                device:
                  adress: [10.10.10.1/24]
                  mtu: 70000
                peers:
                  - name: k2
                    remote: 192.168.127.152
                    allowed_ips: [10.42.2.0/24]
                  - name: k3
                    remote: 192.168.127.153
                    allowed_ips:
                      - 10.42.3.0/24
                      - 10.42.3.0/33
                      - 10.42.2.0/24
                  - name: k4
                    allowed_ips: [10.42.4.0/24]
                """;

        assertThat(errors(yaml))
                .containsExactly(
                        "gateway.yaml:2: device: unknown key \"adress\", did you mean \"address\"?",
                        "gateway.yaml:3: device.mtu: \"70000\" is not allowed: it must be auto or 68..65535",
                        "gateway.yaml:12: peers[1].allowed_ips[1]: \"10.42.3.0/33\" is not a prefix: the length must be 0..32",
                        "gateway.yaml:13: peers[1].allowed_ips[2]: 10.42.2.0/24 of peer \"k3\" already belongs to peer \"k2\""
                                + " (peers[0].allowed_ips[0])",
                        "gateway.yaml:14: peers[2]: the key \"remote\" is missing");
    }

    @Test
    void keysOfLaterReleasesAreUnknown() {
        assertThat(errors("device: {mark: auto}"))
                .containsExactly("gateway.yaml:1: device: unknown key \"mark\", did you mean \"fwmark\"?");
    }

    @Test
    void environmentOverridesFileAndFlagsOverrideBoth() throws ConfigException {
        GatewayConfig config = ConfigLoader.load(
                "gateway.yaml",
                "{source_check: off, workers: 7, log: {level: warn, format: json}}",
                Map.of("FOU_SOURCE_CHECK", "loose", "FOU_LOG_LEVEL", "error", "FOU_ADMIN_LISTEN", "[::1]:80"),
                Map.of("log.level", "debug"));

        assertThat(config.workers()).isEqualTo(7);
        assertThat(config.sourceCheck()).isEqualTo(Mode.LOOSE);
        assertThat(config.log()).isEqualTo(new LogSettings(LogSettings.Level.DEBUG, LogSettings.Format.JSON));
        assertThat(config.admin().listen()).containsExactly(socketAddress("::1", 80));
    }

    @Test
    void everySingleValueOutsideListsHasAVariable() {
        assertThat(Key.table().stream().filter(Key.Row::isOverridable).map(row -> Overrides.variable(row.path())))
                .containsExactly(
                        "FOU_DEVICE_NAME",
                        "FOU_DEVICE_MODE",
                        "FOU_DEVICE_BRIDGE",
                        "FOU_DEVICE_MTU",
                        "FOU_DEVICE_QUEUES",
                        "FOU_DEVICE_OFFLOAD_TUN_CHECKSUM",
                        "FOU_DEVICE_OFFLOAD_TUN_TSO4",
                        "FOU_DEVICE_OFFLOAD_TUN_TSO6",
                        "FOU_DEVICE_OFFLOAD_TUN_USO",
                        "FOU_DEVICE_OFFLOAD_UDP_GSO",
                        "FOU_DEVICE_OFFLOAD_UDP_GRO",
                        "FOU_DEVICE_OFFLOAD_EBPF",
                        "FOU_DEVICE_PERSIST",
                        "FOU_DEVICE_FWMARK",
                        "FOU_WORKERS",
                        "FOU_SOURCE_PORTS_RANGE",
                        "FOU_SOURCE_PORTS_SOCKETS",
                        "FOU_SOURCE_CHECK",
                        "FOU_ETHERNET_LEARNING",
                        "FOU_ETHERNET_AGE",
                        "FOU_ETHERNET_ENTRIES",
                        "FOU_ETHERNET_FLOOD",
                        "FOU_ROUTES_INSTALL",
                        "FOU_ROUTES_FROM_KERNEL",
                        "FOU_ADMIN_LISTEN",
                        "FOU_ADMIN_WEB_CONFIG",
                        "FOU_METRICS_OTLP_URL",
                        "FOU_METRICS_OTLP_INTERVAL",
                        "FOU_LOG_LEVEL",
                        "FOU_LOG_FORMAT");
    }

    @Test
    void mistakesNameVariableOrFlag() {
        assertThat(errors(
                        "{}",
                        Map.of("FOU_LOG_LEVEL", "loud", "FOU_LOG_FORMT", "json", "FOU_DEVICE_ADDRESS", "10.0.0.1/8"),
                        Map.of("worker", "2", "workers", "0", "log", "{}")))
                .containsExactlyInAnyOrder(
                        "FOU_LOG_LEVEL: \"loud\" is not allowed: it must be trace, debug, info, warn or error",
                        "FOU_LOG_FORMT: unknown variable, did you mean \"FOU_LOG_FORMAT\"?",
                        "FOU_DEVICE_ADDRESS: device.address is not a single value: write it in the file",
                        "--set worker: unknown key, did you mean \"workers\"?",
                        "--set workers: \"0\" is not allowed: it must be auto or 1..256",
                        "--set log: log is not a single value: write it in the file");
    }

    @Test
    void ruleBrokenByAVariableNamesTheVariable() {
        assertThat(errors("device: {address: [\"fd00::1/64\"]}", Map.of("FOU_DEVICE_MTU", "1000"), Map.of()))
                .singleElement()
                .asString()
                .startsWith("FOU_DEVICE_MTU: 1000 is less than 1280");
    }

    @Test
    void variablesOfOthersAreIgnored() {
        Map<String, String> environment = Map.of(
                "FOU_HOME",
                "/opt",
                "FOU_JAVA_OPTS",
                "-Xmx1g",
                "FOU_CONFIG",
                "x",
                "FOU_GATEWAY_SERVICE_HOST",
                "10.0.0.1");

        assertThat(errors("{}", environment, Map.of())).isEmpty();
    }

    @Test
    void unreadableFilesAreMistakes(@TempDir Path directory) throws IOException {
        Path latin1 = Files.write(directory.resolve("latin1.yaml"), new byte[] {'#', (byte) 0xe4, '\n'});

        assertThatThrownBy(() -> ConfigLoader.load(directory.resolve("none.yaml"), Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(directory.resolve("none.yaml") + ": there is no such file");
        assertThatThrownBy(() -> ConfigLoader.load(latin1, Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(latin1 + ": the file is not UTF-8 text");
        assertThatThrownBy(() -> ConfigLoader.load(directory, Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("the file cannot be read");
    }

    private static InetSocketAddress socketAddress(String address, int port) {
        return new InetSocketAddress(IpLiteral.parse(address).orElseThrow(), port);
    }

    private static Peer peer(String more) throws ConfigException {
        return load("peers: [{name: p, remote: 192.0.2.1, allowed_ips: [10.0.0.0/8], " + more + "}]")
                .peers()
                .get(0);
    }
}
