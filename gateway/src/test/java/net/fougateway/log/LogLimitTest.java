package net.fougateway.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogLimitTest {

    private final Deque<Runnable> minutes = new ArrayDeque<>();
    private final List<Long> reports = new ArrayList<>();
    private final LogLimit limit = new LogLimit(reports::add, (nanos, task) -> {
        assertThat(nanos).isEqualTo(LogLimit.PERIOD_NANOS);
        minutes.add(task);
    });

    private long permitted(int lines) {
        long permitted = 0;
        for (int i = 0; i < lines; i++) {
            permitted += limit.permits() ? 1 : 0;
        }
        return permitted;
    }

    private void minuteEnds() {
        minutes.remove().run();
    }

    @Test
    void aFloodBecomesTenLinesAndTheNumberOfTheOthers() {
        assertThat(permitted(948)).isEqualTo(10);

        minuteEnds();

        assertThat(reports).containsExactly(938L);
    }

    @Test
    void nothingIsSaidWhereNothingWasLeftOut() {
        assertThat(permitted(10)).isEqualTo(10);

        minuteEnds();

        assertThat(reports).isEmpty();
    }

    @Test
    void eachMinuteIsCountedAnew() {
        permitted(948);
        minuteEnds();

        assertThat(permitted(12)).isEqualTo(10);
        minuteEnds();

        assertThat(reports).containsExactly(938L, 2L);
        assertThat(minutes).isEmpty();
    }
}
