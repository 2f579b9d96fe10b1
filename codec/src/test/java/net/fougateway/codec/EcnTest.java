package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EcnTest {

    /** RFC 6040, figure 4. */
    @ParameterizedTest
    @CsvSource({
        "NOT_ECT, NOT_ECT, NOT_ECT",
        "NOT_ECT, ECT_0, NOT_ECT",
        "NOT_ECT, ECT_1, NOT_ECT",
        "NOT_ECT, CE, DROP",
        "ECT_0, NOT_ECT, ECT_0",
        "ECT_0, ECT_0, ECT_0",
        "ECT_0, ECT_1, ECT_1",
        "ECT_0, CE, CE",
        "ECT_1, NOT_ECT, ECT_1",
        "ECT_1, ECT_0, ECT_1",
        "ECT_1, ECT_1, ECT_1",
        "ECT_1, CE, CE",
        "CE, NOT_ECT, CE",
        "CE, ECT_0, CE",
        "CE, ECT_1, CE",
        "CE, CE, CE"
    })
    void decapsulation(String inner, String outer, String result) {
        assertThat(Ecn.decapsulated(0xb8 | number(inner), 0x40 | number(outer))).isEqualTo(number(result));
    }

    private static int number(String name) {
        return List.of("DROP", "NOT_ECT", "ECT_1", "ECT_0", "CE").indexOf(name) - 1;
    }

    @Test
    void encapsulationTakesDscpFromTheOneAndEcnFromTheOther() {
        for (int ecn = 0; ecn < 4; ecn++) {
            assertThat(Ecn.encapsulated(0xb8 | 3, 0x20 | ecn)).isEqualTo(0xb8 | ecn);
        }
    }

    @Test
    void setEcnKeepsDscpAndMendsTheIpv4Checksum() {
        for (int tos = 0; tos < 256; tos++) {
            for (int ecn = 0; ecn < 4; ecn++) {
                byte[] bytes =
                        PacketBuilder.ipv4().tos(tos).id(tos * 257).payload(9).build();
                Merger.parse(bytes).setEcn(ecn);
                byte[] expected = PacketBuilder.ipv4()
                        .tos((tos & ~3) | ecn)
                        .id(tos * 257)
                        .payload(9)
                        .build();
                assertThat(bytes).as("TOS %d, ECN %d", tos, ecn).isEqualTo(expected);
            }
        }
    }

    @Test
    void setEcnTouchesNothingElseOfIpv6() {
        for (int tos = 0; tos < 256; tos++) {
            for (int ecn = 0; ecn < 4; ecn++) {
                byte[] bytes = PacketBuilder.ipv6()
                        .tos(tos)
                        .flowLabel(0xabcde)
                        .payload(9)
                        .build();
                Merger.parse(bytes).setEcn(ecn);
                byte[] expected = PacketBuilder.ipv6()
                        .tos((tos & ~3) | ecn)
                        .flowLabel(0xabcde)
                        .payload(9)
                        .build();
                assertThat(bytes).as("class %d, ECN %d", tos, ecn).isEqualTo(expected);
            }
        }
    }
}
