package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import net.fougateway.route.Prefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LinkSettingsTest {

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
        "0.0.0.0/0, 0.0.0.0/1 128.0.0.0/1",
        "::/0, ::/1 8000::/1",
        "198.51.100.7/32, ''",
        "2001:db8:1::7/128, ''",
    })
    void allowedPrefixBecomesRoutes(String allowed, String routes) {
        LinkSettings settings = settings(List.of(allowed), "198.51.100.7", "2001:db8:1::7");
        assertThat(String.join(" ", strings(settings.routesToAdd()))).isEqualTo(routes);
    }

    @Test
    void repeatedPrefixIsOneRoute() {
        assertThat(settings(List.of("10.42.2.0/24", "10.42.2.1/24", "0.0.0.0/1", "0.0.0.0/0"))
                        .routesToAdd())
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "10.42.2.0/24, 198.51.100.7, false",
        "198.51.100.0/24, 198.51.100.7, true",
        "0.0.0.0/0, 198.51.100.7, true",
        "::/0, 198.51.100.7, false",
        "::/0, 2001:db8:1::7, true",
        "2001:db8::/32, 2001:db8:1::7, true",
        "0.0.0.0/0, 2001:db8:1::7, false",
        "::/0, fe80::7, false",
        "198.51.100.7/32, 198.51.100.7, false",
        "10.42.2.0/24, 10.10.10.7, true",
        "fd00:42::/64, fd00:10::7, true",
    })
    void knowsWhichOuterAddressIsCaptured(String allowed, String outer, boolean captured) {
        assertThat(settings(List.of(allowed), outer).capturedOuterAddresses()).hasSize(captured ? 1 : 0);
    }

    private static LinkSettings settings(List<String> routes, String... outerAddresses) {
        return new LinkSettings(
                "fou0",
                List.of(prefix("10.10.10.1/24"), prefix("fd00:10::1/64")),
                1472,
                true,
                false,
                500,
                routes.stream().map(LinkSettingsTest::prefix).toList(),
                Arrays.stream(outerAddresses).map(LinkSettingsTest::address).toList());
    }

    private static List<String> strings(List<Prefix> prefixes) {
        return prefixes.stream().map(Prefix::toString).toList();
    }

    static Prefix prefix(String text) {
        String[] parts = text.split("/", 2);
        return new Prefix(address(parts[0]), Integer.parseInt(parts[1]));
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
