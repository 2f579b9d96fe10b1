package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code fou-gateway kernel} prints is pasted into a kernel; then traffic passes, and the kernel sends as we do. */
class KernelCommandIT {

    private static final long BYTES = 2_000_000;
    private static final Pattern MTU = Pattern.compile("mtu (\\d+)");

    /** The guest has no modules: all is built in. */
    private static final String NO_MODULES = "modprobe() { :; }\n";

    private static final String FORGET = """
        for device in $(ip -o link show | grep -o ' fou-[a-z0-9]*'); do ip link delete "$device"; done
        ip fou show | while read -r port; do ip fou delete $port; done
        """;

    private static Lab lab;
    private static Namespace host;
    private static KernelPeer kernel;

    private GatewayProcess gateway;

    @BeforeAll
    static void boot() throws Exception {
        lab = Lab.create();
        host = lab.namespace("gw");
        kernel = KernelPeer.start(lab, host, "tap0", "10.77.0.1/24", "10.77.0.2/24", "fd77::1/64", "fd77::2/64");
        kernel.server(TwoHosts.SERVICE);
    }

    @AfterAll
    static void remove() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    @AfterEach
    void forget() throws Exception {
        if (gateway != null) {
            gateway.terminate();
        }
        kernel.run(FORGET).ok();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IPV4 | port: 5555",
                "IPV4 | port: {4: 5555, 41: 5556}",
                "IPV4 | 'checksum: false, ttl: inherit, tos: 72, pmtu_discovery: false'",
                "IPV4 | 'encapsulation: gue, port: 6080, remote_checksum: true'",
                "IPV4 | 'protocol: gre, ttl: 33, tos: 72, gre: {key: 42, checksum: true, sequence: true}'",
                "IPV4 | 'encapsulation: gue, port: 6080, protocol: gre, gre: {key: 10.0.0.1}'",
                "IPV6 | port: 5555",
                "IPV6 | 'encapsulation: gue, port: 6080, ttl: 33, tos: 72'",
                "IPV6 | 'protocol: gre, checksum: false, ttl: inherit, gre: {checksum: true}'",
                "IPV6 | 'encapsulation: gue, port: 6080, protocol: gre, remote_checksum: true, gre: {key: 7, sequence: true}'",
            })
    void trafficPasses(Underlay underlay, String peerKeys) throws Exception {
        String config = config(underlay, peerKeys);
        String commands = commands(config);
        kernel.run("set -e\n" + NO_MODULES + commands).ok();
        gateway = lab.gateway(host, config);

        for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
            int largest = mtuBytes(commands) - (prefix.contains(":") ? 48 : 28);
            host.ping(prefix + 2, 64, largest).ok();
            kernel.ping(prefix + 1, 64, largest).ok();
            host.call(() -> new TrafficClient(prefix + 2, TwoHosts.SERVICE).transfer(BYTES));
        }

        gateway.assertSumsClose();
        checkOuter();
    }

    @Test
    void trafficPassesToOneOfManySites() throws Exception {
        String config = """
            device: {address: ["2002:a4d:1::1/16"]}
            peers: [{name: sites, type: 6to4, local: 10.77.0.1, allowed_ips: ["2002::/16"]}]
            """;
        String address = "ip addr add 2002:a4d:2::1/16 dev fou-sit\n";
        kernel.run("set -e\n" + NO_MODULES + commands(config).replace("SITE_ADDRESS", "10.77.0.2") + address)
                .ok();
        gateway = lab.gateway(host, config);

        host.ping("2002:a4d:2::1", 64, 1472 - 48).ok();
        kernel.ping("2002:a4d:1::1", 64, 1472 - 48).ok();
        host.call(() -> new TrafficClient("2002:a4d:2::1", TwoHosts.SERVICE).transfer(BYTES));
    }

    /** Neither side has a list of machines: the next hops of routes say where packets go. */
    @Test
    void trafficPassesWhereRoutesLead() throws Exception {
        String config = """
            device: {name: fou0, address: [10.10.10.1/32, "fd00:10::1/128"]}
            routes: {from_kernel: main}
            peers: [{name: fleet, type: next_hop, remote: [10.77.0.0/24], port: {4: 5555, 41: 5556}}]
            """;
        String commands = commands(config);
        assertThat(commands).contains("via 10.77.0.1 dev fou-ipip onlink", "via ::10.77.0.1 dev fou-sit onlink");
        kernel.run("set -e\n" + NO_MODULES + commands.replace("MACHINE_ADDRESS", "10.77.0.2")
                        + "ip addr add 10.10.10.2/32 dev fou-ipip\nip addr add fd00:10::2/128 dev fou-sit\n")
                .ok();
        gateway = lab.gateway(host, config);
        host.ok("ip", "route", "add", "10.10.10.2/32", "via", "10.77.0.2", "dev", "fou0", "onlink");
        host.ok("ip", "-6", "route", "add", "fd00:10::2/128", "via", "::10.77.0.2", "dev", "fou0", "onlink");

        for (String prefix : List.of(TwoHosts.INNER4, TwoHosts.INNER6)) {
            int largest = mtuBytes(commands) - (prefix.contains(":") ? 48 : 28);
            host.ping(prefix + 2, 64, largest).ok();
            kernel.ping(prefix + 1, 64, largest).ok();
            host.call(() -> new TrafficClient(prefix + 2, TwoHosts.SERVICE).transfer(BYTES));
        }

        gateway.assertSumsClose();
        checkOuter();
    }

    /** The two sides send alike; an inner DF, which ours leaves inside, the kernel would copy. */
    private static void checkOuter() throws Exception {
        OuterCapture capture = OuterCapture.start(host, "tap0");
        try (capture) {
            host.ok("ping", "-n", "-c", "2", "-M", "dont", "-t", "50", "-Q", "40", TwoHosts.INNER4 + 2);
            kernel.run("ping -n -c 2 -M dont -t 50 -Q 40 " + TwoHosts.INNER4 + 1)
                    .ok();
        }
        assertThat(headers(capture, false)).isNotEmpty().containsAll(headers(capture, true));
    }

    private static Set<List<Object>> headers(OuterCapture capture, boolean ours) {
        return capture.flows(ours).stream()
                .map(flow -> List.<Object>of(flow.checksum(), flow.ttl(), flow.tos(), flow.dontFragment()))
                .collect(Collectors.toSet());
    }

    private static String config(Underlay underlay, String peerKeys) {
        return """
            device: {name: fou0, address: [10.10.10.1/24, "fd00:10::1/64"]}
            listen: [{port: 5555}, {port: 6080, encapsulation: gue}]
            peers:
              - {name: kernel, remote: "%s", allowed_ips: [10.10.10.2/32, "fd00:10::2/128"], %s}
            """.formatted(underlay.address(2), peerKeys);
    }

    private static String commands(String config) throws Exception {
        return GatewayProcess.attempt(host, config, List.of(), "kernel").ok().output();
    }

    private static int mtuBytes(String commands) {
        Matcher matcher = MTU.matcher(commands);
        assertThat(matcher.find()).as(commands).isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}
