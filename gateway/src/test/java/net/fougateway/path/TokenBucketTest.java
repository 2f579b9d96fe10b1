package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long MILLISECOND = 1_000_000;

    private long now = Long.MAX_VALUE - 10 * MILLISECOND;

    private final TokenBucket bucket = new TokenBucket(1000, 50, () -> now);

    private int takeAll() {
        int taken = 0;
        while (bucket.take()) {
            taken++;
        }
        return taken;
    }

    @Test
    void startsFull() {
        assertThat(takeAll()).isEqualTo(50);
    }

    @Test
    void fillsAtTheRate() {
        takeAll();
        now += MILLISECOND - 1;
        assertThat(takeAll()).isZero();
        now += 1;
        assertThat(takeAll()).isEqualTo(1);
        now += 20 * MILLISECOND + MILLISECOND / 2;
        assertThat(takeAll()).isEqualTo(20);
        now += MILLISECOND / 2;
        assertThat(takeAll()).isEqualTo(1);
    }

    @Test
    void holdsNoMoreThanTheBurst() {
        takeAll();
        now += 3_600_000 * MILLISECOND;
        assertThat(takeAll()).isEqualTo(50);
    }

    @Test
    void neverGivesMoreThanTheRateInTheLongRun() {
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            now += MILLISECOND / 10;
            taken += takeAll();
        }
        assertThat(taken).isEqualTo(50 + 999);
    }
}
