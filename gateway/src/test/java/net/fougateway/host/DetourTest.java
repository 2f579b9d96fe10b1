package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.fougateway.linux.Rule;
import net.fougateway.route.Prefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DetourTest {

    private static final Detour DETOUR = new Detour(51820, List.of(5555, 5556));

    @TempDir
    Path sys;

    @Test
    void aDefaultRouteNeedsTheTwoRulesOfWgQuick() {
        assertThat(rules(false, "0.0.0.0/0"))
                .containsExactly(
                        "priority 32656 not fwmark 51820 lookup main suppress_prefixlength 0",
                        "priority 32657 not fwmark 51820 lookup 5555");
    }

    @Test
    void longerPrefixesComeFirst() {
        assertThat(rules(false, "0.0.0.0/0", "172.16.0.0/12", "172.32.0.0/12"))
                .containsExactlyInAnyOrder(
                        "priority 32632 not fwmark 51820 lookup main suppress_prefixlength 12",
                        "priority 32633 not fwmark 51820 lookup 1205555",
                        "priority 32656 not fwmark 51820 lookup main suppress_prefixlength 0",
                        "priority 32657 not fwmark 51820 lookup 5555");
    }

    @Test
    void bothFamiliesHaveTheirOwn() {
        List<Rule> rules = DETOUR.rules(Set.of(Addresses.prefix("0.0.0.0/0"), Addresses.prefix("2000::/3")), false);
        assertThat(rules).filteredOn(Rule::ipv4).hasSize(2);
        assertThat(rules).filteredOn(rule -> !rule.ipv4()).hasSize(2);
        assertThat(DETOUR.rules(Set.of(), true)).isEmpty();
    }

    @Test
    void strictReversePathsAreToldOfThePorts() {
        assertThat(rules(true, "0.0.0.0/0"))
                .contains(
                        "priority 32399 ipproto udp sport 5555 lookup main",
                        "priority 32399 ipproto udp sport 5556 lookup main");
        assertThat(rules(true, "::/0")).hasSize(2);
    }

    @Test
    void theRulesOfAnotherGatewayAreNotOwn() {
        Rule strict = new Rule(true, 32399, 0, 7777, 254, 0);
        assertThat(new Detour(0, List.of(5555)).isOwn(strict)).isFalse();
        assertThat(new Detour(0, List.of(7777)).isOwn(strict)).isTrue();
        assertThat(DETOUR.isOwn(new Rule(false, 32657, 7777, 0, 7777, 0))).isFalse();
        assertThat(DETOUR.isOwn(new Rule(false, 32657, 51820, 0, 5555, 0))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"5555, 0, 5555", "5555, 24, 2405555", "65535, 128, 12865535", "254, 0, 12900254", "254, 1, 13000254"})
    void tablesOfGatewaysDifferAndAreNotThoseOfTheKernel(int port, int length, int table) {
        assertThat(new Detour(1, List.of(port)).table(length)).isEqualTo(table);
        assertThat(Detour.port(table)).isEqualTo(port);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0, false", "1, 0, 0, true", "0, 1, 0, true", "2, 1, 0, false", "1, 2, 2, false", "0, 0, 1, false"
    })
    void reversePathIsStrictWhereTheLargerOfTheTwoIsOne(int all, int eth0, int fou0, boolean strict) throws Exception {
        setting("all", all);
        setting("eth0", eth0);
        setting("fou0", fou0);
        setting("lo", 0);
        assertThat(Detour.isReversePathStrict(new Sysctl(sys), "fou0")).isEqualTo(strict);
    }

    private void setting(String device, int value) throws Exception {
        Path file = sys.resolve("net/ipv4/conf/" + device + "/rp_filter");
        Files.createDirectories(file.getParent());
        Files.writeString(file, value + "\n");
    }

    private static List<String> rules(boolean strict, String... routes) {
        Set<Prefix> prefixes = Arrays.stream(routes).map(Addresses::prefix).collect(Collectors.toSet());
        return DETOUR.rules(prefixes, strict).stream().map(Rule::toString).toList();
    }
}
