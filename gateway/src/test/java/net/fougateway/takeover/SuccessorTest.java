package net.fougateway.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import net.fougateway.linux.DescriptorSocket;
import net.fougateway.linux.Descriptors;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.threads.Rounds;
import net.fougateway.tun.DeviceLock;
import net.fougateway.tun.DeviceMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both ends of a takeover in one process, over the lock of a device that does not exist. */
class SuccessorTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Handover.Memory LAST = new Handover.Memory(Map.of("a", 42), Map.of(), Map.of(), List.of());

    private final String device = "test" + ProcessHandle.current().pid();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final long descriptors = Descriptors.open();
    private final DeviceLock lock = DeviceLock.take(device);
    private final int queue = Libc.open("/dev/null", 0);

    private final Successor.Estate estate = new Successor.Estate() {

        @Override
        public Handover handover() {
            events.add("handover");
            Handover.Device tun = new Handover.Device(device, DeviceMode.TUN, true, List.of(queue));
            return new Handover(lock.fd(), 1, tun, List.of(), List.of(), List.of(), Handover.Memory.NONE);
        }

        @Override
        public Handover.Memory pause() {
            events.add("pause");
            return LAST;
        }

        @Override
        public void resume() {
            events.add("resume");
        }

        @Override
        public void handedOver() {
            events.add("handed over");
        }
    };

    private Successor successor = new Successor(lock, Libc.geteuid(), estate);
    private Rounds rounds = Rounds.every(0, "takeover", successor::round);

    SuccessorTest() throws LinuxException {}

    @AfterEach
    void leaveNothingOpen() {
        rounds.close();
        successor.close();
        lock.close();
        Libc.close(queue);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Descriptors.open()).isLessThanOrEqualTo(descriptors));
    }

    private Predecessor find() throws LinuxException {
        return Predecessor.find(device).orElseThrow();
    }

    @Test
    void handsOverOnce() throws Exception {
        try (Predecessor before = find()) {
            assertThat(events).containsExactly("handover");
            assertThat(before.handover().device().queues()).hasSize(1);
            assertThat(before.pause()).contains(LAST);
            assertThat(before.carrying()).isTrue();
            await().atMost(LIMIT).until(() -> events.contains("handed over"));
            before.handover().discard();
        }
        assertThat(events).containsExactly("handover", "pause", "handed over");
    }

    @Test
    void goesOnWhenTheOtherDiesBeforeAndWhileItTakesOver() throws Exception {
        try (Predecessor before = find()) {
            before.handover().discard();
        }
        try (Predecessor before = find()) {
            before.handover().discard();
            before.pause();
        }
        await().atMost(LIMIT).until(() -> events.contains("resume"));
        assertThat(events).containsExactly("handover", "handover", "pause", "resume");
    }

    @Test
    void goesOnWhenTheOtherTakesTooLongAndTheOtherIsTold() throws Exception {
        try (Predecessor before = find()) {
            before.handover().discard();
            before.pause();
            await().atMost(LIMIT).until(() -> events.contains("resume"));
            await().atMost(LIMIT).until(() -> !before.carrying());
        }
        assertThat(events).doesNotContain("handed over");
    }

    @Test
    void othersAreRefused() throws Exception {
        rounds.close();
        rounds = Rounds.every(0, "takeover", new Successor(lock, 12_345, estate)::round);
        if (Libc.geteuid() != 0) {
            assertThatThrownBy(this::find).hasMessageContaining("it runs as user");
        }
        try (DescriptorSocket stranger = DeviceLock.holder(device).orElseThrow()) {
            stranger.send("take 99", List.of());
            assertThat(stranger.receive(LIMIT).orElseThrow().text()).contains("another version");
        }
        assertThat(events).doesNotContain("pause");
    }

    @Test
    void withoutOneBeforeThereIsNone() throws Exception {
        assertThat(Predecessor.find(device + "x")).isEmpty();
    }
}
