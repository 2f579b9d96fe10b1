package net.fougateway.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which source ports a pool takes. */
class PortChoiceTest {

    private static List<Integer> all(PortChoice choice) {
        return IntStream.generate(choice::draw).limit(100).boxed().toList();
    }

    @Test
    void everyPortIsDrawnOnceButThoseReserved() {
        BitSet reserved = ReservedPorts.parse("39999-40009,40100\n");
        PortChoice choice = new PortChoice(40_000, 40_199, reserved, new Random(1));
        Set<Integer> drawn = new HashSet<>();
        while (!choice.isEmpty()) {
            assertThat(drawn.add(choice.draw())).isTrue();
        }
        assertThat(drawn).hasSize(200 - 10 - 1).allMatch(port -> port >= 40_010 && port <= 40_199 && port != 40_100);
    }

    @Test
    void theOrderDependsOnTheGenerator() {
        List<Integer> one = all(new PortChoice(32_768, 60_999, new BitSet(), new Random(1)));
        List<Integer> two = all(new PortChoice(32_768, 60_999, new BitSet(), new Random(2)));
        assertThat(one)
                .doesNotContainAnyElementsOf(two.subList(0, 3))
                .isNotEqualTo(one.stream().sorted().toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| {}",
                "'\n' | {}",
                "8080 | {8080}",
                "'8080,9148-9150' | {8080, 9148, 9149, 9150}",
                "1-2,4 | {1, 2, 4}"
            })
    void listOfTheKernel(String list, String ports) {
        assertThat(ReservedPorts.parse(list)).hasToString(ports);
    }
}
