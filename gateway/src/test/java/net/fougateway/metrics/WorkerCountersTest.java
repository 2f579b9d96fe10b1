package net.fougateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerCountersTest {

    private static final Snapshot.Traffic NOTHING = new Snapshot.Traffic(0, 0);

    private static final List<String> NAMES = List.of("a", "b", "c");

    private final WorkerCounters counters = new WorkerCounters(NAMES);

    @Test
    void everyPeerAndDirectionHasItsOwnNumbers() {
        long bytes = 1;
        for (Direction direction : Direction.values()) {
            for (int peer = 0; peer < 3; peer++) {
                counters.forwarded(direction, peer, 2, bytes++);
                counters.forwarded(direction, peer, 1, 100);
            }
        }
        bytes = 1;
        for (Direction direction : Direction.values()) {
            for (int peer = 0; peer < 3; peer++) {
                assertThat(counters.peers().forwarded(direction, NAMES.get(peer)))
                        .isEqualTo(new Snapshot.Traffic(3, 100 + bytes++));
            }
            assertThat(counters.received(direction)).isEqualTo(NOTHING);
        }
    }

    @Test
    void aCopyHasEveryNumberAndStaysAsItIs() {
        for (int round = 0; round < 2; round++) {
            WorkerCounters copy = counters.copy();
            assertThat(copy).usingRecursiveComparison().isEqualTo(counters);
            counters.received(Direction.UDP_TO_TUN, 1, 100);
            counters.forwarded(Direction.UDP_TO_TUN, 1, 1, 100);
            counters.dropped(Direction.TUN_TO_UDP, DropReason.NO_ROUTE, 1, 100);
            counters.batch(Direction.UDP_TO_TUN, 1);
            counters.heard(2, 1_000 + round);
            counters.joined(2, 1);
            counters.sendError(1);
            counters.writeError(2);
            counters.icmpErrorSent(IcmpError.Kind.TOO_BIG);
            counters.icmpErrorIgnored();
            assertThat(copy.received(Direction.UDP_TO_TUN).packets()).isEqualTo(round);
            assertThat(copy.peers().forwarded(Direction.UDP_TO_TUN, "b").packets())
                    .isEqualTo(round);
            assertThat(copy).usingRecursiveComparison().isNotEqualTo(counters);
        }
    }

    @Test
    void theSumClosesAlsoWhenThePeersThatAreShownAreNotThoseThatAreCounted() {
        counters.received(Direction.UDP_TO_TUN, 5, 500);
        counters.forwarded(Direction.UDP_TO_TUN, 0, 2, 200);
        counters.forwarded(Direction.UDP_TO_TUN, 1, 1, 100);
        counters.dropped(Direction.UDP_TO_TUN, DropReason.NO_ROUTE, 2, 200);
        Snapshot.Peer shown = new Snapshot.Peer(
                "a", "", "", "fou", List.of(), 1500, new Snapshot.Traffic(2, 200), NOTHING, Instant.EPOCH);
        Snapshot.Flow flow = new Totals(List.of(counters), KernelPath.NONE)
                .flows(List.of(shown))
                .get(Direction.UDP_TO_TUN);
        assertThat(flow.removed()).isEqualTo(new Snapshot.Traffic(1, 100));
        assertThat(flow.forwarded().plus(flow.dropped())).isEqualTo(flow.received());
    }

    @Test
    void everyReasonAndDirectionHasItsOwnNumbers() {
        for (Direction direction : Direction.values()) {
            for (DropReason reason : DropReason.values()) {
                counters.dropped(direction, reason, reason.ordinal() + 1, 10L * direction.ordinal());
            }
        }
        for (Direction direction : Direction.values()) {
            for (DropReason reason : DropReason.values()) {
                assertThat(counters.dropped(direction, reason))
                        .isEqualTo(new Snapshot.Traffic(reason.ordinal() + 1, 10L * direction.ordinal()));
            }
        }
    }

    @Test
    void whatCameInIsCountedByDirection() {
        counters.received(Direction.UDP_TO_TUN, 45, 65_000);
        counters.received(Direction.UDP_TO_TUN, 1, 5_000_000_000L);
        assertThat(counters.received(Direction.UDP_TO_TUN)).isEqualTo(new Snapshot.Traffic(46, 5_000_065_000L));
        assertThat(counters.received(Direction.TUN_TO_UDP)).isEqualTo(NOTHING);
    }

    @Test
    void errorsAreCountedByNumber() {
        counters.sendError(101);
        counters.sendError(101);
        counters.writeError(5);
        assertThat(counters.sendErrors(101)).isEqualTo(2);
        assertThat(counters.writeErrors(101)).isZero();
        assertThat(counters.writeErrors(5)).isEqualTo(1);
        counters.sendError(-1);
        assertThat(counters.sendErrors(WorkerCounters.MAX_ERRNO - 1)).isEqualTo(1);
    }

    @Test
    void aPeerIsHeardWhenItWasHeard() {
        counters.heard(1, 1_700_000_000_000L);
        assertThat(counters.peers().lastReceiveMillis("a")).isZero();
        assertThat(counters.peers().lastReceiveMillis("b")).isEqualTo(1_700_000_000_000L);
    }

    @Test
    void otherPeersGoOnFromWhatTheOldOnesHad() {
        for (int peer = 0; peer < 3; peer++) {
            counters.forwarded(Direction.UDP_TO_TUN, peer, 10 + peer, 100 + peer);
            counters.heard(peer, 1000 + peer);
            counters.joined(peer, 5 + peer);
        }
        counters.usePeers(List.of("c", "new", "a"));
        counters.forwarded(Direction.UDP_TO_TUN, 1, 7, 70);
        counters.forwarded(Direction.UDP_TO_TUN, 2, 1, 1);

        PeerCounters peers = counters.peers();
        assertThat(peers.forwarded(Direction.UDP_TO_TUN, "a")).isEqualTo(new Snapshot.Traffic(11, 101));
        assertThat(peers.forwarded(Direction.UDP_TO_TUN, "c")).isEqualTo(new Snapshot.Traffic(12, 102));
        assertThat(peers.forwarded(Direction.UDP_TO_TUN, "new")).isEqualTo(new Snapshot.Traffic(7, 70));
        assertThat(peers.forwarded(Direction.UDP_TO_TUN, "b")).isEqualTo(NOTHING);
        assertThat(peers.removed(Direction.UDP_TO_TUN)).isEqualTo(new Snapshot.Traffic(11, 101));
        assertThat(peers.removed(Direction.TUN_TO_UDP)).isEqualTo(NOTHING);
        assertThat(peers.lastReceiveMillis("c")).isEqualTo(1002);
        assertThat(peers.lastReceiveMillis("new")).isZero();
        assertThat(peers.joined("a")).isEqualTo(5);

        counters.usePeers(List.of());
        assertThat(counters.peers().removed(Direction.UDP_TO_TUN)).isEqualTo(new Snapshot.Traffic(41, 374));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 1", "3, 2", "4, 2", "5, 3", "64, 6", "65, 7", "512, 9", "513, 10", "100000, 10"})
    void batchesFallIntoTheBucketOfTheirSize(int packets, int bucket) {
        counters.batch(Direction.TUN_TO_UDP, packets);
        for (int i = 0; i <= Snapshot.BATCH_BOUNDS.size(); i++) {
            assertThat(counters.batches(Direction.TUN_TO_UDP, i)).isEqualTo(i == bucket ? 1 : 0);
            assertThat(counters.batches(Direction.UDP_TO_TUN, i)).isZero();
        }
    }
}
