package net.fougateway.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Wrong outer UDP checksums, which no socket sees. */
class UdpStatisticsTest {

    @Test
    void ipv4() {
        assertThat(UdpStatistics.ipv4ChecksumErrors(List.of(
                        "Ip: Forwarding DefaultTTL",
                        "Ip: 1 64",
                        "Udp: InDatagrams NoPorts InErrors InCsumErrors IgnoredMulti",
                        "Udp: 9 8 7 42 0",
                        "UdpLite: InDatagrams InCsumErrors",
                        "UdpLite: 0 5")))
                .isEqualTo(42);
    }

    @Test
    void ipv6() {
        assertThat(UdpStatistics.ipv6ChecksumErrors(List.of(
                        "Udp6InErrors                    \t7",
                        "Udp6InCsumErrors                \t43",
                        "UdpLite6InCsumErrors \t5")))
                .isEqualTo(43);
    }

    @Test
    void kernelThatDoesNotTell() {
        assertThat(UdpStatistics.ipv4ChecksumErrors(List.of("Udp: InDatagrams", "Udp: 9")))
                .isZero();
        assertThat(UdpStatistics.ipv4ChecksumErrors(List.of())).isZero();
        assertThat(UdpStatistics.ipv6ChecksumErrors(List.of())).isZero();
    }
}
