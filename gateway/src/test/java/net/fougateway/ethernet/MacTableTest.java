package net.fougateway.ethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.fougateway.ethernet.MacTable.Learned;
import org.junit.jupiter.api.Test;

class MacTableTest {

    private static final int ENTRIES = 1000;
    private static final int AGE_SECONDS = 300;
    private static final long MAC = 0x0200_0000_0001L;

    private long nowNanos;
    private final MacTable table = new MacTable(ENTRIES, AGE_SECONDS, () -> nowNanos);
    private final int b = table.port("b");
    private final int c = table.port("c");

    private void pass(long millis) {
        nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private Learned learn(int port) {
        return table.learn(MAC, 0, port, table.nowMillis());
    }

    private int lookup() {
        return table.lookup(MAC, 0, table.nowMillis());
    }

    @Test
    void portsKeepTheirNumbers() {
        assertThat(table.port("b")).isEqualTo(b).isNotEqualTo(c).isNotEqualTo(MacTable.LOCAL);
    }

    @Test
    void whatWasLearnedIsFoundOnItsVlanOnly() {
        assertThat(learn(b)).isEqualTo(Learned.HERE);
        assertThat(lookup()).isEqualTo(b);
        assertThat(table.lookup(MAC, 7, table.nowMillis())).isEqualTo(MacTable.NONE);
        assertThat(table.lookup(MAC + 1, 0, table.nowMillis())).isEqualTo(MacTable.NONE);
    }

    @Test
    void whatMovesBetweenPeersIsFoundAtOnce() {
        learn(b);
        assertThat(learn(c)).isEqualTo(Learned.MOVED);
        assertThat(lookup()).isEqualTo(c);
        assertThat(table.moves()).isEqualTo(1);
    }

    @Test
    void whatWasHereAMomentAgoComesFromALoop() {
        learn(MacTable.LOCAL);
        pass(900);
        assertThat(learn(b)).isEqualTo(Learned.LOOP);
        assertThat(lookup()).isEqualTo(MacTable.LOCAL);
        assertThat(table.loopingPeer(1000)).isEqualTo("b");
        pass(200);
        assertThat(learn(b)).isEqualTo(Learned.MOVED);
        pass(1000);
        assertThat(table.loopingPeer(1000)).isEmpty();
    }

    @Test
    void whatIsSeenAgainAndAgainIsNotForgotten() {
        for (int i = 0; i < 10; i++) {
            learn(b);
            pass(AGE_SECONDS * 900L);
        }
        assertThat(lookup()).isEqualTo(b);
        pass(AGE_SECONDS * 1000L);
        assertThat(lookup()).isEqualTo(MacTable.NONE);
        assertThat(table.list()).isEmpty();
    }

    @Test
    void sweepMakesRoom() {
        for (int i = 0; i < ENTRIES * 2; i++) {
            table.learn(MAC + i, 0, b, table.nowMillis());
        }
        assertThat(table.isFull()).isTrue();
        assertThat(table.refused()).isEqualTo(ENTRIES);
        table.sweep();
        assertThat(table.list()).hasSize(ENTRIES);
        pass(AGE_SECONDS * 1000L + 1);
        table.sweep();
        assertThat(table.isFull()).isFalse();
        assertThat(learn(c)).isEqualTo(Learned.HERE);
        assertThat(table.list()).extracting(MacTable.Entry::peer).containsExactly("c");
    }

    /** Against a map, for random addresses, moves and times. */
    @Test
    void answersAreThoseOfAMap() {
        long seed = 3;
        Random random = new Random(seed);
        Map<Long, Integer> port = new HashMap<>();
        Map<Long, Long> seen = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            long mac = MAC + random.nextInt(500);
            long now = table.nowMillis();
            boolean known = port.containsKey(mac) && now - seen.get(mac) <= AGE_SECONDS * 1000L;
            assertThat(table.lookup(mac, 0, now))
                    .as("seed %d, round %d", seed, i)
                    .isEqualTo(known ? port.get(mac) : MacTable.NONE);
            int at = random.nextBoolean() ? b : c;
            table.learn(mac, 0, at, now);
            port.put(mac, at);
            seen.put(mac, now);
            pass(200 + random.nextInt(3000));
            if (i % 100 == 0) {
                table.sweep();
            }
        }
    }

    /** Workers learn while another thread sweeps: never is an address found where it was not, nor is the table larger than it may be. */
    @Test
    void workersNeedNoLocks() throws Exception {
        MacTable shared = new MacTable(ENTRIES, 1, System::nanoTime);
        int[] ports = {shared.port("p0"), shared.port("p1"), shared.port("p2")};
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int worker = 0; worker < 3; worker++) {
                int own = worker;
                wrong.add(pool.submit(() -> {
                    Random random = new Random(own);
                    int errors = 0;
                    for (int i = 0; i < 300_000; i++) {
                        int number = random.nextInt(3000);
                        shared.learn(MAC + number, 0, ports[number % 3], shared.nowMillis());
                        int found = shared.lookup(MAC + number, 0, shared.nowMillis());
                        errors += found == MacTable.NONE || found == ports[number % 3] ? 0 : 1;
                    }
                    return errors;
                }));
            }
            Future<Integer> largest = pool.submit(() -> {
                int most = 0;
                while (wrong.stream().anyMatch(work -> !work.isDone())) {
                    shared.sweep();
                    most = Math.max(most, shared.list().size());
                }
                return most;
            });
            for (Future<Integer> errors : wrong) {
                assertThat(errors.get()).isZero();
            }
            assertThat(largest.get()).isLessThanOrEqualTo(ENTRIES + 3);
        } finally {
            pool.shutdownNow();
        }
    }
}
