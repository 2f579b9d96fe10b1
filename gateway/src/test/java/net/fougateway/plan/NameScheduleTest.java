package net.fougateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.fougateway.plan.NamedPeers.PeerAtName;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NameScheduleTest {

    private static final NamedPeers PEERS = new NamedPeers(
            Map.of(
                    new PeerAtName("b", "b.example"), Optional.of(Peers.address("192.0.2.2")),
                    new PeerAtName("b2", "b.example"), Optional.of(Peers.address("192.0.2.2")),
                    new PeerAtName("c", "c.example"), Optional.of(Peers.address("192.0.2.3"))),
            List.of());

    private long nowNanos;
    private final NameSchedule schedule = new NameSchedule(() -> nowNanos);

    @BeforeEach
    void begin() {
        assertThat(schedule.due(PEERS, List.of())).isEmpty();
    }

    private List<String> dueAfter(int seconds, NamedPeers peers, String... outOfReach) {
        nowNanos += TimeUnit.SECONDS.toNanos(seconds);
        return schedule.due(peers, List.of(outOfReach));
    }

    @Test
    void eachNameIsDueOnceAMinute() {
        assertThat(dueAfter(59, PEERS)).isEmpty();
        assertThat(dueAfter(1, PEERS)).containsExactlyInAnyOrder("b.example", "c.example");
        assertThat(dueAfter(59, PEERS)).isEmpty();
        assertThat(dueAfter(1, PEERS)).hasSize(2);
    }

    @Test
    void theNameOfAPeerOutOfReachIsDueAtOnce() {
        assertThat(dueAfter(10, PEERS, "b2")).containsExactly("b.example");
        assertThat(dueAfter(49, PEERS)).isEmpty();
        assertThat(dueAfter(1, PEERS)).containsExactly("c.example");
    }

    @Test
    void butNotMoreOftenThanEveryFiveSecondsAndThenItIsNotForgotten() {
        assertThat(dueAfter(10, PEERS, "b", "b2")).containsExactly("b.example");
        assertThat(dueAfter(1, PEERS, "b")).isEmpty();
        assertThat(dueAfter(3, PEERS)).isEmpty();
        assertThat(dueAfter(1, PEERS)).containsExactly("b.example");
        assertThat(dueAfter(30, PEERS)).isEmpty();
    }

    @Test
    void aPeerAtAnAddressOfItsOwnHasNoName() {
        assertThat(dueAfter(30, PEERS, "fixed")).isEmpty();
    }

    @Test
    void aNameThatDoesNotResolveIsDueEveryFiveSeconds() {
        NamedPeers peers = new NamedPeers(Map.of(new PeerAtName("d", "d.example"), Optional.empty()), List.of());

        assertThat(dueAfter(0, peers)).isEmpty();
        assertThat(dueAfter(5, peers)).containsExactly("d.example");
        assertThat(dueAfter(4, peers)).isEmpty();
        assertThat(dueAfter(1, peers)).containsExactly("d.example");
    }

    @Test
    void whatIsNoLongerConfiguredIsForgotten() {
        dueAfter(10, NamedPeers.NONE, "b");

        assertThat(dueAfter(55, PEERS)).isEmpty();
        assertThat(dueAfter(60, PEERS)).hasSize(2);
    }
}
