package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumaneTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "999.6, 1.0 kB",
        "1500, 1.5 kB",
        "99949, 99.9 kB",
        "99950, 100 kB",
        "999499, 999 kB",
        "999500, 1.0 MB",
        "9223372036854775807, 9.2 EB"
    })
    void scalesByThousands(double value, String text) {
        assertThat(Humane.scaled(value, "B")).isEqualTo(text);
    }

    @Test
    void noUnitLeavesNoSpaceBehind() {
        assertThat(Humane.scaled(12, "")).isEqualTo("12");
        assertThat(Humane.scaled(12_000, "")).isEqualTo("12.0 k");
    }

    @ParameterizedTest
    @CsvSource({
        "-3, 0 s",
        "59, 59 s",
        "60, 1 min",
        "3599, 59 min",
        "3600, 1 h 0 min",
        "86399, 23 h 59 min",
        "187200, 2 d 4 h"
    })
    void durationsHaveTwoUnitsAtMost(long seconds, String text) {
        assertThat(Humane.duration(Instant.EPOCH, Instant.EPOCH.plusSeconds(seconds)))
                .isEqualTo(text);
    }
}
