package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathMtuTest {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** Close to the end of its range, as the clock may be. */
    private long now = Long.MAX_VALUE - MINUTE;

    private final PathMtu mtu = new PathMtu(1500, true, () -> now);

    @Test
    void startsAtTheRoutes() {
        assertThat(mtu.bytes()).isEqualTo(1500);
    }

    @Test
    void isLoweredAndNeverRaised() {
        assertThat(mtu.lower(1400)).isTrue();
        assertThat(mtu.lower(1450)).isFalse();
        assertThat(mtu.bytes()).isEqualTo(1400);
        assertThat(mtu.lower(1300)).isTrue();
        assertThat(mtu.bytes()).isEqualTo(1300);
        assertThat(mtu.lower(9000)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "1500, true, 0, 552",
        "1500, true, 551, 552",
        "1500, false, 68, 1280",
        "1500, false, 1279, 1280",
        "500, true, 68, 500",
        "1280, false, 68, 1280"
    })
    void hasAFloor(int route, boolean ipv4, int told, int bytes) {
        PathMtu low = new PathMtu(route, ipv4, () -> now);
        low.lower(told);
        assertThat(low.bytes()).isEqualTo(bytes);
    }

    @Test
    void isTheRoutesAgainTenMinutesAfterItWasLastLowered() {
        mtu.lower(1400);
        now += 9 * MINUTE;
        mtu.age();
        assertThat(mtu.bytes()).isEqualTo(1400);
        mtu.lower(1300);
        now += 10 * MINUTE - 1;
        mtu.age();
        assertThat(mtu.bytes()).isEqualTo(1300);
        now++;
        mtu.age();
        assertThat(mtu.bytes()).isEqualTo(1500);
    }

    @Test
    void sameValueAgainKeepsItForLonger() {
        mtu.lower(1400);
        now += 9 * MINUTE;
        assertThat(mtu.lower(1400)).isFalse();
        now += 9 * MINUTE;
        mtu.age();
        assertThat(mtu.bytes()).isEqualTo(1400);
    }

    @Test
    void refusalIsToldOnce() {
        assertThat(mtu.takeRefused()).isFalse();
        mtu.refused();
        assertThat(mtu.takeRefused()).isTrue();
        assertThat(mtu.takeRefused()).isFalse();
    }

    @Test
    void followsTheRouteUpAndDown() {
        assertThat(mtu.route(2100)).isTrue();
        assertThat(mtu.bytes()).isEqualTo(2100);
        assertThat(mtu.route(1300)).isTrue();
        assertThat(mtu.bytes()).isEqualTo(1300);
        assertThat(mtu.route(1300)).isFalse();
        mtu.route(9000);
        assertThat(mtu.bytes()).isEqualTo(9000);
    }

    @Test
    void whatWasLearnedOfThePathHoldsWhileTheRouteIsRaised() {
        mtu.lower(1400);
        mtu.route(2100);
        assertThat(mtu.bytes()).isEqualTo(1400);
        mtu.route(1300);
        assertThat(mtu.bytes()).isEqualTo(1300);
        mtu.route(2100);
        assertThat(mtu.bytes()).isEqualTo(1400);
        now += 10 * MINUTE;
        mtu.age();
        assertThat(mtu.bytes()).isEqualTo(2100);
    }

    @Test
    void theRoutesOwnValueIsNothingLearned() {
        mtu.lower(1500);
        mtu.route(2100);
        assertThat(mtu.bytes()).isEqualTo(2100);
    }
}
