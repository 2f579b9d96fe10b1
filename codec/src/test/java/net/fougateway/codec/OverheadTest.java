package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OverheadTest {

    @Test
    void fouAddsAnIpHeaderAndAUdpHeader() {
        assertThat(Overhead.ipHeaderBytes(true)).isEqualTo(20);
        assertThat(Overhead.ipHeaderBytes(false)).isEqualTo(40);
        assertThat(Overhead.fouBytes(true)).isEqualTo(28);
        assertThat(Overhead.fouBytes(false)).isEqualTo(48);
        assertThat(Overhead.innerMtuBytes(1500, true)).isEqualTo(1472);
        assertThat(Overhead.innerMtuBytes(9000, false)).isEqualTo(8952);
    }

    @Test
    void theSumIsExplained() {
        assertThat(Overhead.explain(1500, true)).isEqualTo("1472 (1500 − 20 − 8)");
        assertThat(Overhead.explain(1280, false)).isEqualTo("1232 (1280 − 40 − 8)");
    }
}
