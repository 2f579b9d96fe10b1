package net.fougateway.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.GatewayConfig.PeerType;
import net.fougateway.metrics.GoldenFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files are what iproute2 6.1 printed on Linux 6.1, each host with tunnels of many kinds. */
class MigrationTest {

    private static final Path EXPECTED = Path.of("src/test/resources/net/fougateway/migration/tunnels.yaml");
    private static final String ETHERNET = """
        [{"ifname":"eth0","flags":["UP"],"mtu":1500,"addr_info":[{"family":"inet","local":"10.77.0.2","prefixlen":24}]}]
        """;

    private static String printed(String host) throws IOException {
        try (InputStream in = MigrationTest.class.getResourceAsStream(host + ".json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static GatewayConfig read(String configuration) throws Exception {
        return ConfigLoader.load("import", configuration, Map.of(), Map.of());
    }

    @Test
    void everyKindOfTunnelAndWhatCannotBeTakenOver() throws Exception {
        String configuration = Migration.configuration(printed("tunnels"));
        GoldenFile.check(EXPECTED, configuration);
        assertThat(read(configuration).peers())
                .extracting(GatewayConfig.Peer::name)
                .containsExactly("i1", "i2", "i3", "g1", "g2", "t1", "t2", "r1", "m1", "p1");
    }

    @ParameterizedTest
    @CsvSource({"6to4, SIX_TO_FOUR", "6rd, SIX_RD", "isatap, ISATAP"})
    void sitWithoutRemoteIsOneOfManySites(String host, PeerType type) throws Exception {
        GatewayConfig config = read(Migration.configuration(printed(host)));
        assertThat(config.peers())
                .singleElement()
                .extracting(GatewayConfig.Peer::type)
                .isEqualTo(type);
    }

    @Test
    void onlyPartsOfTheAnswersOrNothing() throws Exception {
        for (String nothing : new String[] {"", ETHERNET, "[]\n[{}]\n"}) {
            String configuration = Migration.configuration(nothing);
            assertThat(configuration).contains("There is none that can be taken over");
        }
        assertThat(Migration.configuration(printed("6to4").lines().findFirst().orElseThrow()))
                .contains("#   site: no FOU or GUE port is open for IPv4");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no such command",
                "{\"port\": 5555}",
                "[{\"ifname\":",
                "[{\"dst\":\"10.0.0.0/99\",\"dev\":\"a\"}]"
            })
    void whatIpDoesNotPrintIsAnError(String text) {
        assertThatThrownBy(() -> Migration.configuration(text))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("this is not what ip -j prints");
    }

    /** As {@code ip -j -p} prints. */
    @Test
    void prettyPrintedToo() throws Exception {
        String plain = printed("6rd");
        String pretty = plain.replace("},{", "    },{\n        ").replace("\":", "\": ");
        assertThat(Migration.configuration(pretty)).isEqualTo(Migration.configuration(plain));
    }
}
