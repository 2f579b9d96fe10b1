package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.metrics.Snapshot;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.Test;

/** Faults of the program itself: an exception costs its batch, which is counted, and never the next ones. */
class AccidentsTest extends PathCase {

    private static final int SEGMENT_BYTES = 500;

    private static byte[] fromB(int payloadBytes) {
        return PacketBuilder.ipv4()
                .from("10.2.0.2")
                .to("10.1.0.1")
                .udp(1, 2)
                .payload(payloadBytes)
                .build();
    }

    private static PacketBuilder toB() {
        return PacketBuilder.ipv4().from("10.1.0.1").to("10.2.0.2").udp(1, 2);
    }

    private Snapshot.Traffic lost(Direction direction) {
        return path.counters().dropped(direction, DropReason.INTERNAL_ERROR);
    }

    @Test
    void exceptionWhileReceivingCostsThatMessageOnly() throws IOException {
        Runnable mend = path.breakPeer(PEER_B);
        path.udp().arrive(B, 0, 0, fromB(100));
        path.udpToTun();
        mend.run();
        path.udp().arrive(B, 0, 0, fromB(200));
        path.udpToTun();

        assertThat(lost(Direction.UDP_TO_TUN).packets()).isEqualTo(1);
        assertThat(path.tun().written()).hasSize(1);
        assertThat(path.tun().written().get(0).packet()).isEqualTo(fromB(200));
    }

    @Test
    void exceptionWhileWritingCostsTheBatchAndIsNotWrittenLater() throws IOException {
        path.tun().refuse(written -> {
            throw new IllegalStateException("a fault");
        });
        path.udp().arrive(B, 0, 0, fromB(100));
        path.udp().arrive(Peers.address("192.0.2.77"), 0, 0, fromB(100));
        path.udpToTun();
        path.tun().refuse(written -> 0);
        path.udp().arrive(B, 0, 0, fromB(200));
        path.udpToTun();

        assertThat(lost(Direction.UDP_TO_TUN)).isEqualTo(new Snapshot.Traffic(1, fromB(100).length));
        assertThat(path.tun().written()).hasSize(1);
    }

    @Test
    void exceptionWhileEncapsulatingCostsWhatIsNotSentYet() throws IOException {
        path.tun().deliver(toB().payload(100).build());
        path.tun().deliver(toB().payload(101).build());
        Runnable mend = path.breakPeer(PEER_B);
        path.tunToUdp();
        mend.run();
        path.tun().deliver(toB().payload(300).build());
        path.tunToUdp();

        assertThat(lost(Direction.TUN_TO_UDP).packets()).isEqualTo(2);
        assertThat(path.udp().sent()).hasSize(1);
    }

    @Test
    void exceptionWhileSendingSegmentsClosesTheSum() throws IOException {
        path.udp().refuse(message -> {
            throw new IllegalStateException("a fault");
        });
        path.tun()
                .deliver(
                        toB().payload(10 * SEGMENT_BYTES).buildPartial(),
                        VirtioNetHeader.GSO_UDP_L4,
                        SEGMENT_BYTES,
                        20,
                        6);
        path.tunToUdp();
        path.udp().refuse(message -> 0);
        path.tun().deliver(toB().payload(300).build());
        path.tunToUdp();

        assertThat(lost(Direction.TUN_TO_UDP).packets()).isEqualTo(10);
        assertThat(path.udp().sent()).hasSize(1);
    }

    @Test
    void whatWasSentBeforeAnExceptionIsForwarded() throws IOException {
        path.udp().takeAtMost(1);
        path.udp().refuse(message -> {
            if (message.bytes().length == toB().payload(301).build().length) {
                throw new IllegalStateException("a fault");
            }
            return 0;
        });
        for (int payloadBytes = 300; payloadBytes < 303; payloadBytes++) {
            path.tun().deliver(toB().payload(payloadBytes).build());
        }
        path.tunToUdp();

        assertForwarded(
                Direction.TUN_TO_UDP, PEER_B, 1, path.udp().sent().get(0).bytes().length);
        assertThat(lost(Direction.TUN_TO_UDP).packets()).isEqualTo(2);
    }

    @Test
    void whatWasWrittenBeforeAnExceptionIsForwarded() throws IOException {
        path.tun().refuse(written -> {
            if (written.packet().length == fromB(201).length) {
                throw new IllegalStateException("a fault");
            }
            return 0;
        });
        for (int payloadBytes = 200; payloadBytes < 203; payloadBytes++) {
            path.udp().arrive(B, 0, 0, fromB(payloadBytes));
        }
        path.udpToTun();

        assertForwarded(Direction.UDP_TO_TUN, PEER_B, 1, fromB(200).length);
        assertThat(lost(Direction.UDP_TO_TUN).packets()).isEqualTo(2);
    }

    /** An {@link Error} is not caught by the batch that it breaks off, with datagrams of it waiting to be sent. */
    @Test
    void nothingOfABatchThatWasBrokenOffIsSentWithTheNext() throws IOException {
        path.tun().refuse(written -> {
            throw new StackOverflowError();
        });
        path.tun().deliver(toB().payload(100).build());
        path.tun().deliver(toB().dontFragment(true).payload(2000).build());
        assertThat(path.ended()).isNull();
        path.tunToUdp();
        assertThat(path.ended()).contains("StackOverflowError");
        assertThat(path.udp().sent()).isEmpty();

        path.tun().deliver(toB().payload(300).build());
        path.tunToUdp();

        assertThat(path.udp().sent()).hasSize(1);
        assertThat(path.udp().sent().get(0).bytes())
                .isEqualTo(toB().payload(300).build());
        path = path(PEER_B);
    }

    @Test
    void errorEndsTheGateway() throws IOException {
        path.tun().refuse(written -> {
            throw new StackOverflowError();
        });
        path.udp().arrive(B, 0, 0, fromB(100));
        path.udpToTun();

        assertThat(path.ended()).contains("StackOverflowError");
        path.tun().refuse(written -> 0);
        path.udp().arrive(B, 0, 0, fromB(200));
        path.udpToTun();

        assertThat(path.tun().written()).hasSize(1);
        assertThat(path.tun().written().get(0).packet()).isEqualTo(fromB(200));
        path = path(PEER_B);
    }
}
