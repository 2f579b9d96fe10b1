package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What routers outside the tunnel say reaches the sender inside. */
class UnderlayErrorsIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    static Stream<Arguments> encapsulations() {
        return Stream.of("encapsulation: fou", "protocol: gre", "encapsulation: gue, port: 6080, protocol: gre")
                .flatMap(keys -> Stream.of(Arguments.of(true, keys), Arguments.of(false, keys)));
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void unreachablePeerIsTold(boolean ipv4Underlay, String keys) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 1500);
            GatewayProcess a = hosts.gateways(lab, keys);
            hosts.a().ping(RoutedHosts.innerAddress(true, 2), 56).ok();
            hosts.router().ok("ip", "route", "add", "unreachable", hosts.outerAddress(2));
            assertThat(ping(hosts, true)).contains("Destination Host Unreachable");
            assertThat(ping(hosts, false)).contains("Destination unreachable: Address unreachable");
            assertThat(a.metrics().sum("fou_icmp_errors_sent_total", "kind=\"unreachable\""))
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void inheritedTtlShowsTheRoutersToTraceroute(boolean ipv4Underlay, String keys) throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            RoutedHosts hosts = RoutedHosts.build(lab, ipv4Underlay, 1500);
            GatewayProcess a = hosts.gateways(lab, "ttl: inherit, " + keys);
            assertThat(ping(hosts, true, "-t", "1")).contains("Time to live exceeded");
            assertThat(ping(hosts, true, "-t", "2")).contains("Time to live exceeded");
            assertThat(ping(hosts, true, "-t", "3")).contains("bytes from");
            assertThat(ping(hosts, false, "-t", "1")).contains("Time exceeded: Hop limit");
            assertThat(ping(hosts, false, "-t", "3")).contains("bytes from");
            assertThat(a.metrics().sum("fou_icmp_errors_sent_total", "kind=\"time_exceeded\""))
                    .isEqualTo(3);
        }
    }

    private static String ping(RoutedHosts hosts, boolean ipv4, String... options) throws Exception {
        String[] command = Stream.of(
                        Stream.of("ping", "-n", "-c", "1", "-W", "2"),
                        Stream.of(options),
                        Stream.of(RoutedHosts.innerAddress(ipv4, 2)))
                .flatMap(part -> part)
                .toArray(String[]::new);
        return hosts.a().run(LIMIT, command).output();
    }
}
