package net.fougateway.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads that must not end unnoticed. */
class RoundsTest {

    @Test
    void aFailedRoundDoesNotKeepTheNextOneFromComing() {
        AtomicInteger times = new AtomicInteger();
        Rounds.Round failing = () -> {
            times.incrementAndGet();
            throw new IllegalStateException("for the test");
        };
        try (Rounds rounds = Rounds.every(1, "failing", failing)) {
            await().until(() -> times.get() > 2);

            assertThat(rounds.isRunning()).isTrue();
        }
    }

    @Test
    void aThreadThatAnErrorEndedIsSeen() {
        Rounds.Round dying = () -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, error) -> {});
            throw new StackOverflowError("for the test");
        };
        try (Rounds rounds = Rounds.every(1, "dying", dying)) {
            await().until(() -> !rounds.isRunning());

            assertThat(rounds.death().getNow("")).contains("thread dying", "StackOverflowError");
        }
    }

    @Test
    void oneThatWasClosedIsNotMissed() {
        Rounds rounds = Rounds.every(1, "closed", () -> {});

        rounds.close();

        assertThat(rounds.isRunning()).isTrue();
    }
}
