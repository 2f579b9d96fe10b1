package net.fougateway.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.Test;

class HostNamesTest {

    private static final InetAddress A = Peers.address("192.0.2.1");
    private static final InetAddress B = Peers.address("2001:db8::1");

    private final Map<String, InetAddress[]> zone = new ConcurrentHashMap<>();
    private final CountDownLatch silence = new CountDownLatch(1);
    private final HostNames names = new HostNames(this::answer, 100);

    private final AtomicInteger asked = new AtomicInteger();

    private InetAddress[] answer(String name) throws UnknownHostException {
        asked.incrementAndGet();
        if (name.startsWith("silent") && awaitEndOfSilence()) {
            return new InetAddress[] {A};
        }
        if (!zone.containsKey(name)) {
            throw new UnknownHostException(name);
        }
        return zone.get(name);
    }

    private boolean awaitEndOfSilence() {
        try {
            silence.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void addressesKeepTheOrderOfTheResolver() throws Exception {
        zone.put("both", new InetAddress[] {A, B});

        names.lookUp(List.of("both", "none"));

        assertThat(names.addresses("both")).containsExactly(A, B);
        assertThat(names.addresses("none")).isEmpty();
    }

    @Test
    void aNameThatNoLongerResolvesKeepsItsAddresses() throws Exception {
        zone.put("one", new InetAddress[] {A});
        names.lookUp(List.of("one"));
        zone.clear();

        names.lookUp(List.of("one"));

        assertThat(names.addresses("one")).containsExactly(A);
    }

    @Test
    void aNameThatHasOnlyAddressesThatNoPeerCanHaveKeepsThoseFromBefore() throws Exception {
        zone.put("one", new InetAddress[] {A});
        names.lookUp(List.of("one"));
        names.takeNews();
        zone.put("one", new InetAddress[] {Peers.address("0.0.0.0")});

        names.lookUp(List.of("one"));

        assertThat(names.addresses("one")).containsExactly(A);
        assertThat(names.takeNews()).isFalse();
    }

    /** As a reload does while names are looked up again. */
    @Test
    void twoWhoAskAtTheSameTimeBothGetTheAnswer() throws Exception {
        HostNames patient = new HostNames(this::answer, 60_000);
        Thread other = new Thread(() -> lookUpSilent(patient));
        other.start();
        await().until(() -> asked.get() == 1);
        Thread second = new Thread(() -> lookUpSilent(patient));
        second.start();
        await().until(() -> second.getState() == Thread.State.TIMED_WAITING);

        silence.countDown();

        other.join();
        second.join();
        assertThat(patient.addresses("silent")).containsExactly(A);
        assertThat(asked).hasValue(1);
    }

    private static void lookUpSilent(HostNames names) {
        try {
            names.lookUp(List.of("silent"));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void silentNameServersDoNotHoldTheOthersUpAndAreHeardLater() throws Exception {
        zone.put("one", new InetAddress[] {A});
        List<String> asked = IntStream.range(0, 20)
                .mapToObj(i -> i == 10 ? "one" : "silent" + i)
                .toList();

        names.lookUp(asked);

        assertThat(names.addresses("one")).containsExactly(A);
        assertThat(names.addresses("silent3")).isEmpty();
        silence.countDown();
        await().until(() -> names.addresses("silent3").equals(List.of(A)));
    }

    @Test
    void whatNoPeerCanHaveIsNoAddress() throws Exception {
        zone.put("blocked", new InetAddress[] {
            Peers.address("0.0.0.0"), Peers.address("::"), Peers.address("224.0.0.1"), Peers.address("fe80::1")
        });

        names.lookUp(List.of("blocked"));

        assertThat(names.addresses("blocked")).isEmpty();
    }

    @Test
    void aChangeIsNewsOnce() throws Exception {
        zone.put("one", new InetAddress[] {A});
        names.lookUp(List.of("one"));
        assertThat(names.takeNews()).isTrue();

        names.lookUp(List.of("one", "none"));

        assertThat(names.takeNews()).isFalse();
    }
}
