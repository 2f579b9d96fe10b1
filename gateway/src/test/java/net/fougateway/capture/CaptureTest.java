package net.fougateway.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.linux.NativeMemory;
import org.junit.jupiter.api.Test;

class CaptureTest {

    private static final int PACKET_BYTES = 1000;
    private static final NativeMemory PACKET = NativeMemory.allocate(PACKET_BYTES);

    private long nowNanos;
    private final Captures captures = new Captures(false, () -> nowNanos);
    private final Tap tap = new Tap(captures);

    @Test
    void nobodyWantsAnythingWithoutCapture() {
        assertThat(tap.wants(null)).isFalse();
        assertThat(tap.wants(DropReason.NO_ROUTE)).isFalse();
        see(DropReason.NO_ROUTE);
    }

    @Test
    void dropsOnlyMeansDropsOnly() {
        captures.start(true, PACKET_BYTES);
        assertThat(tap.wants(null)).isFalse();
        assertThat(tap.wants(DropReason.NO_ROUTE)).isTrue();
        captures.start(false, PACKET_BYTES);
        assertThat(tap.wants(null)).isTrue();
    }

    @Test
    void packetsAreCopiedFromAllTheirPartsAndCut() throws InterruptedException {
        PACKET.buffer().put(0, new byte[] {1, 2, 3, 4, 5, 6});
        Capture capture = captures.start(true, 4);
        tap.packet(PACKET.address(), 2)
                .add(PACKET.address() + 3, 3)
                .seen(Border.TUN, Direction.TUN_TO_UDP, DropReason.NO_ROUTE);
        CapturedPacket packet = capture.take(10, Duration.ZERO).get(0);
        assertThat(packet.bytes()).containsExactly(1, 2, 4, 5);
        assertThat(packet.lengthBytes()).isEqualTo(5);
        assertThat(packet.dropped()).isEqualTo(DropReason.NO_ROUTE);
    }

    @Test
    void whatFindsNoRoomIsCounted() throws InterruptedException {
        Capture capture = captures.start(true, PACKET_BYTES);
        int fitting = 0;
        while (capture.missed() == 0) {
            see(DropReason.NO_ROUTE);
            fitting++;
        }
        assertThat((long) fitting * PACKET_BYTES).isBetween(Capture.MAX_WAITING_BYTES / 2, Capture.MAX_WAITING_BYTES);
        assertThat(capture.take(Integer.MAX_VALUE, Duration.ZERO)).hasSize(fitting - 1);
        see(DropReason.NO_ROUTE);
        assertThat(capture.take(10, Duration.ZERO)).hasSize(1);
        assertThat(capture.missed()).isEqualTo(1);
    }

    @Test
    void newCaptureTakesThePlaceOfTheOneBefore() {
        Capture first = captures.start(true, PACKET_BYTES);
        Capture second = captures.start(true, PACKET_BYTES);
        assertThat(captures.find(first.id())).isEmpty();
        assertThat(captures.find(second.id())).contains(second);
    }

    @Test
    void captureThatNobodyReadsEnds() throws InterruptedException {
        Capture capture = captures.start(true, PACKET_BYTES);
        nowNanos += Capture.ABANDONED_NANOS;
        capture.take(1, Duration.ZERO);
        nowNanos += Capture.ABANDONED_NANOS;
        see(DropReason.NO_ROUTE);
        assertThat(captures.find(capture.id())).isPresent();
        nowNanos++;
        see(DropReason.NO_ROUTE);
        assertThat(captures.find(capture.id())).isEmpty();
        assertThat(tap.wants(DropReason.NO_ROUTE)).isFalse();
    }

    private void see(DropReason verdict) {
        tap.packet(PACKET.address(), PACKET_BYTES).seen(Border.UDP, Direction.UDP_TO_TUN, verdict);
    }
}
