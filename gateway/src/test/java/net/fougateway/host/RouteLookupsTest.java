package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RouteLookupsTest {

    @ParameterizedTest
    @CsvSource({
        "10.42.2.0/24, 10.42.2.128",
        "0.0.0.0/1, 64.0.0.0",
        "10.42.2.6/31, 10.42.2.7",
        "10.42.2.7/32, 10.42.2.7",
        "::/1, 4000::",
        "fd00:42::7/128, fd00:42::7",
    })
    void middleHasNoSpecialMeaning(String prefix, String middle) {
        assertThat(RouteLookups.middle(Addresses.prefix(prefix))).isEqualTo(Addresses.address(middle));
    }
}
