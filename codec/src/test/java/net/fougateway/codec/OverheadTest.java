package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverheadTest {

    private static Encapsulation encapsulation(String format, String options) {
        Gre gre = options.startsWith("gre")
                ? new Gre(options.contains("key"), 1, options.contains("csum"), options.contains("seq"))
                : null;
        return Encapsulation.of(format.startsWith("gue") ? Format.GUE : Format.FOU, format.endsWith("remcsum"), gre);
    }

    /** The MTU that the kernel gives its own tunnel devices over a link of 1500 bytes, encaplimit none. */
    @ParameterizedTest
    @CsvSource({
        "ip,               1472, 1468, 1460",
        "gre,              1468, 1464, 1456",
        "gre+key,          1464, 1460, 1452",
        "gre+key+csum,     1460, 1456, 1448",
        "gre+key+csum+seq, 1456, 1452, 1444",
    })
    void innerMtuIsTheKernels(String options, int fou, int gue, int remcsum) {
        assertThat(Overhead.innerMtuBytes(1500, true, encapsulation("fou", options)))
                .isEqualTo(fou);
        assertThat(Overhead.innerMtuBytes(1500, true, encapsulation("gue", options)))
                .isEqualTo(gue);
        assertThat(Overhead.innerMtuBytes(1500, true, encapsulation("gue remcsum", options)))
                .isEqualTo(remcsum);
        assertThat(Overhead.innerMtuBytes(1500, false, encapsulation("gue", options)))
                .isEqualTo(gue - 20);
    }

    @Test
    void theSumIsExplained() {
        assertThat(Overhead.explain(1500, true, Fou.PLAIN)).isEqualTo("1472 (1500 − 20 − 8)");
        assertThat(Overhead.explain(1280, false, Fou.PLAIN)).isEqualTo("1232 (1280 − 40 − 8)");
        assertThat(Overhead.explain(1500, true, encapsulation("gue", "ip"))).isEqualTo("1468 (1500 − 20 − 8 − 4)");
        assertThat(Overhead.explain(1500, false, encapsulation("gue remcsum", "gre+key")))
                .isEqualTo("1432 (1500 − 40 − 8 − 12 − 8)");
        assertThat(Overhead.explain(1500, true, new Vxlan(42), EthernetFrame.BASE_BYTES))
                .isEqualTo("1450 (1500 − 20 − 8 − 8 − 14)");
        assertThat(Overhead.explain(1500, false, encapsulation("gue", "gre"), EthernetFrame.BASE_BYTES))
                .isEqualTo("1430 (1500 − 40 − 8 − 4 − 4 − 14)");
    }
}
