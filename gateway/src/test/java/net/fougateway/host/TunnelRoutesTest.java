package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import net.fougateway.route.Prefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TunnelRoutesTest {

    @ParameterizedTest
    @CsvSource({
        "10.42.2.0/24, 10.42.2.0/24",
        "10.42.2.9/24, 10.42.2.0/24",
        "fd00:42::/64, fd00:42::/64",
        "10.10.10.0/24, ''",
        "10.10.10.128/25, ''",
        "10.10.0.0/16, 10.10.0.0/16",
        "fd00:10::/64, ''",
        "fd00:10::/48, fd00:10::/48",
        "0.0.0.0/0, 0.0.0.0/0",
        "::/0, ::/0",
        "198.51.100.7/32, ''",
        "2001:db8:1::7/128, ''",
    })
    void allowedPrefixBecomesRoutes(String allowed, String routes) {
        TunnelRoutes tunnel = tunnel(List.of(allowed), "198.51.100.7", "2001:db8:1::7");
        assertThat(text(tunnel.toAdd())).isEqualTo(routes);
    }

    @Test
    void repeatedPrefixIsOneRoute() {
        assertThat(tunnel(List.of("10.42.2.0/24", "10.42.2.1/24", "0.0.0.0/1", "0.0.0.0/0"))
                        .toAdd())
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "10.42.2.0/24, 198.51.100.7, ''",
        "198.51.100.0/24, 198.51.100.7, 198.51.100.0/24",
        "0.0.0.0/0, 198.51.100.7, 0.0.0.0/0",
        "::/0, 198.51.100.7, ''",
        "::/0, 2001:db8:1::7, ::/0",
        "2001:db8::/32, 2001:db8:1::7, 2001:db8::/32",
        "0.0.0.0/0, 2001:db8:1::7, ''",
        "::/0, fe80::7, ''",
        "198.51.100.7/32, 198.51.100.7, ''",
        "10.42.2.0/24, 10.10.10.7, 10.10.10.0/24",
        "fd00:42::/64, fd00:10::7, fd00:10::/64",
    })
    void knowsWhichRouteCapturesAnOuterAddress(String allowed, String outer, String capturing) {
        TunnelRoutes tunnel = tunnel(List.of(allowed), outer);
        assertThat(text(tunnel.capturing())).isEqualTo(capturing);
        assertThat(tunnel.isAnyCaptured()).isEqualTo(!capturing.isEmpty());
        assertThat(tunnel.captured()).hasSize(capturing.isEmpty() ? 0 : 1);
    }

    @ParameterizedTest
    @CsvSource({
        "172.16.5.0/24, 172.16.0.0/12, 172.16.5.0/24",
        "172.0.0.0/8, 172.16.0.0/12, 172.0.0.0/8",
        "0.0.0.0/0, 172.16.0.0/12, 0.0.0.0/0",
        "10.42.0.0/16, 172.16.0.0/12, ''",
        "2001:db8:7::/48, 2001:db8::/32, 2001:db8:7::/48",
        "::/0, 2001:db8::/32, ::/0",
    })
    void whereThereMayBePeersCountsToo(String allowed, String range, String capturing) {
        TunnelRoutes tunnel = tunnel(List.of(allowed), range);
        assertThat(text(tunnel.capturing())).isEqualTo(capturing);
        assertThat(tunnel.captured()).isEmpty();
    }

    @Test
    void allRoutesAroundAnAddressCaptureIt() {
        assertThat(tunnel(List.of("0.0.0.0/0", "198.51.0.0/16", "198.51.100.0/24", "10.0.0.0/8"), "198.51.100.7")
                        .capturing())
                .hasSize(3);
    }

    private static TunnelRoutes tunnel(List<String> routes, String... outer) {
        return TunnelRoutes.of(
                List.of(Addresses.prefix("10.10.10.1/24"), Addresses.prefix("fd00:10::1/64")),
                routes.stream().map(Addresses::prefix).toList(),
                Arrays.stream(outer).map(Addresses::prefix).toList());
    }

    private static String text(Collection<Prefix> prefixes) {
        return prefixes.stream().map(Prefix::toString).collect(Collectors.joining(" "));
    }
}
