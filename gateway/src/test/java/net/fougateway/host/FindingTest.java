package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FindingTest {

    @ParameterizedTest
    @EnumSource
    void lineStandsBehindTheLastColon(Finding finding) {
        boolean toType = !finding.line().isEmpty();
        assertThat(finding.line()).doesNotContain(": ").matches(toType ? "(ip|sysctl|nft) .*" : "");
        assertThat(toType || finding.what().contains(": ")).isTrue();
        assertThat(finding.what()).doesNotEndWith(".");
        assertThat(finding.why()).endsWith(".");
    }

    @Test
    void valuesAreTakenAsTheyAre() {
        assertThat(Finding.DEVICE_DOWN.sentence(Map.of("device", "a$1{device}")))
                .isEqualTo("device a$1{device} is down: ip link set a$1{device} up");
    }

    @Test
    void buffersNameTheLimitToSet() {
        Map<String, Integer> values = Map.of("bytes", 212_992, "wanted", 4_194_304);
        assertThat(Finding.RECEIVE_BUFFER_CUT.sentence(values))
                .startsWith("UDP receive buffers are cut to 212992 bytes")
                .endsWith(": sysctl -w net.core.rmem_max=4194304");
        assertThat(Finding.SEND_BUFFER_CUT.sentence(values))
                .startsWith("UDP send buffers are cut to 212992 bytes")
                .endsWith(": sysctl -w net.core.wmem_max=4194304");
    }
}
