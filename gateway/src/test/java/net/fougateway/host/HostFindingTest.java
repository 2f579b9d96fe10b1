package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HostFindingTest {

    @ParameterizedTest
    @EnumSource
    void lineStandsBehindTheLastColon(HostFinding finding) {
        assertThat(finding.line()).doesNotContain(": ").matches("(ip|sysctl|nft) .*");
        assertThat(finding.what()).doesNotEndWith(".");
        assertThat(finding.why()).endsWith(".");
    }

    @Test
    void valuesAreTakenAsTheyAre() {
        assertThat(HostFinding.DEVICE_DOWN.sentence(Map.of("device", "a$1{device}")))
                .isEqualTo("device a$1{device} is down: ip link set a$1{device} up");
    }

    @Test
    void buffersNameTheLimitToSet() {
        Map<String, Integer> values = Map.of("bytes", 212_992, "wanted", 4_194_304);
        assertThat(HostFinding.RECEIVE_BUFFER_CUT.sentence(values))
                .startsWith("UDP receive buffers are cut to 212992 bytes")
                .endsWith(": sysctl -w net.core.rmem_max=4194304");
        assertThat(HostFinding.SEND_BUFFER_CUT.sentence(values))
                .startsWith("UDP send buffers are cut to 212992 bytes")
                .endsWith(": sysctl -w net.core.wmem_max=4194304");
    }
}
