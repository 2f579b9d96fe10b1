package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.it.OuterCapture.Flow;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every option of a peer is on the wire as the file has it, whichever socket its packets leave from, and whoever shares that. */
class SharedSourcePortIT {

    private static final int LISTEN = 5555;
    private static final int INNER_TTL = 33;

    /** Options of a peer, and what has to be seen of each of its datagrams. */
    private static Map<String, Predicate<Flow>> options(Underlay underlay, boolean alike) {
        Map<String, Predicate<Flow>> options = new TreeMap<>();
        options.put("ttl: 10", flow -> flow.ttl() == 10);
        options.put("ttl: 200", flow -> flow.ttl() == 200);
        options.put("ttl: inherit", flow -> flow.ttl() == INNER_TTL);
        options.put("tos: 32", flow -> flow.tos() == 32);
        options.put("tos: 64", flow -> flow.tos() == 64);
        options.put("port: 5001", flow -> flow.destination() == 5001);
        options.put("local: '%s'".formatted(underlay.address(11)), flow -> isAt(flow.from(), underlay, 11));
        options.put("local: '%s', ttl: 9".formatted(underlay.address(12)), flow -> isAt(flow.from(), underlay, 12));
        options.put("mss_clamp: off", flow -> flow.ttl() == 64 && flow.tos() == 0);
        if (!alike) {
            options.put("checksum: false", flow -> !flow.checksum());
            options.put("checksum: true", Flow::checksum);
            options.put("pmtu_discovery: false", flow -> flow.dontFragment() == (underlay == Underlay.IPV6));
            options.put("pmtu_discovery: true", Flow::dontFragment);
        }
        return options;
    }

    private static boolean isAt(InetAddress address, Underlay underlay, int host) {
        return address.equals(addressOf(underlay, host));
    }

    private static InetAddress addressOf(Underlay underlay, int host) {
        try {
            return InetAddress.getByName(underlay.address(host));
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<Arguments> sourcePorts() {
        return Stream.of(Underlay.values())
                .flatMap(underlay -> Stream.of("auto", "40000", "" + LISTEN).map(port -> Arguments.of(underlay, port)));
    }

    @ParameterizedTest
    @MethodSource("sourcePorts")
    void everyOptionIsOnTheWire(Underlay underlay, String sourcePort) throws Exception {
        Requires.program("ping", "iputils-ping");
        Map<String, Predicate<Flow>> options = options(underlay, sourcePort.equals("" + LISTEN));
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().address("eth0", "10.77.0.11/24", "10.77.0.12/24", "fd77::11/64", "fd77::12/64");
            int peer = 0;
            StringBuilder peers = new StringBuilder();
            for (String keys : options.keySet()) {
                int remote = 101 + peer++;
                hosts.b().address("eth0", "10.77.0.%d/24".formatted(remote), "fd77::%d/64".formatted(remote));
                peers.append(
                        "  - {name: p%1$d, remote: '%2$s', allowed_ips: [10.20.%1$d.0/24], source_port: %3$s, %4$s}\n"
                                .formatted(peer, underlay.address(remote), sourcePort, keys));
            }
            lab.gateway(
                    hosts.a(),
                    "device: {name: fou0, address: [10.10.10.1/24]}\nsource_ports: {sockets: 8}\npeers:\n" + peers);
            OuterCapture capture = OuterCapture.start(hosts.a(), "eth0");
            try (capture) {
                for (int i = 1; i <= peer; i++) {
                    hosts.a()
                            .run(
                                    Duration.ofSeconds(10),
                                    "ping",
                                    "-n",
                                    "-c3",
                                    "-i0.05",
                                    "-W1",
                                    "-t",
                                    "" + INNER_TTL,
                                    "10.20." + i + ".1");
                }
            }
            Map<InetAddress, List<Flow>> seen = Stream.of(true, false)
                    .flatMap(first -> capture.flows(first).stream())
                    .collect(Collectors.groupingBy(Flow::to));
            int i = 0;
            for (Map.Entry<String, Predicate<Flow>> option : options.entrySet()) {
                assertThat(seen.get(addressOf(underlay, 101 + i++)))
                        .as("%s from source_port %s", option.getKey(), sourcePort)
                        .isNotEmpty()
                        .allMatch(option.getValue())
                        .allMatch(flow -> sourcePort.equals("auto") || sourcePort.equals("" + flow.source()));
            }
        }
    }

    /** What a socket has for all its datagrams cannot differ where peers share one. */
    @ParameterizedTest
    @CsvSource({"checksum", "pmtu_discovery"})
    void whatOneSocketCannotDoIsRefused(String key) throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace a = lab.namespace("a");
            Set<String> values = Set.of("true", "false");
            String peers = values.stream()
                    .map(value ->
                            "  - {name: %1$s, remote: 192.0.2.%2$d, allowed_ips: [10.20.%2$d.0/24], source_port: 5555, %3$s: %1$s}\n"
                                    .formatted(value, value.length(), key))
                    .collect(Collectors.joining());
            Command.Result result = GatewayProcess.attempt(a, "peers:\n" + peers, List.of(), "check");
            assertThat(result.exit()).isEqualTo(78);
            assertThat(result.output()).contains("must agree on checksum and pmtu_discovery");
        }
    }

    /** Packets of IPv6 that are fragmented outside the tunnel leave from the pinned port, too. */
    @ParameterizedTest
    @CsvSource({"40000"})
    void fragmentsOutsideTheTunnelKeepThePinnedPort(int sourcePort) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            for (Namespace host : List.of(hosts.a(), hosts.b())) {
                host.ok("ip", "link", "set", "eth0", "mtu", "1280");
            }
            String keys = "source_port: " + sourcePort;
            lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1, "mtu: auto", keys));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2, "mtu: auto", keys));
            OuterCapture capture = OuterCapture.start(hosts.a(), "eth0");
            try (capture) {
                hosts.a().ping(TwoHosts.INNER6 + 2, 1200, 1232).ok();
            }
            assertThat(capture.flows(true)).anyMatch(flow -> !flow.dontFragment());
            assertThat(capture.flows(true).stream().filter(flow -> flow.destination() == LISTEN))
                    .isNotEmpty()
                    .allMatch(flow -> flow.source() == sourcePort);
        }
    }
}
