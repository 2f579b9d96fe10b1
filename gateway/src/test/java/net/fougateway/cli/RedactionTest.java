package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RedactionTest {

    @Test
    void theSameAddressHasTheSameName() {
        Redaction redaction = new Redaction();
        assertThat(redaction.of("k2 192.0.2.1 port 5555, 10.0.0.0/8 and 192.0.2.1"))
                .isEqualTo("k2 ipv4-1 port 5555, ipv4-2/8 and ipv4-1");
        assertThat(redaction.of("[fd00:42::/64, 2001:db8:0:0:0:0:0:1, ::1, ::ffff:192.0.2.1] 192.0.2.1"))
                .isEqualTo("[ipv6-1/64, ipv6-2, ipv6-3, ipv6-4] ipv4-1");
    }

    @Test
    void whatIsNoAddressStays() {
        String text = "2026-11-22T05:18:36.222Z fou-gateway 0.1.0 4:5555 41:5556 1.5 GB 12:30 a::b_c v1.2.3.4";
        assertThat(new Redaction().of(text)).isEqualTo(text);
    }
}
