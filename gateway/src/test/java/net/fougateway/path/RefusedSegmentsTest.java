package net.fougateway.path;

import static net.fougateway.codec.Direction.TUN_TO_UDP;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows when the kernel refuses a message of several datagrams, by error and by whether they carry DF. */
class RefusedSegmentsTest extends PathCase {

    private static final int EPERM = 1;
    private static final int EINTR = 4;
    private static final int ENOMEM = 12;
    private static final int EACCES = 13;
    private static final int EINVAL = 22;
    private static final int ECONNABORTED = 103;
    private static final int ENOBUFS = 105;
    private static final int ECONNREFUSED = 111;

    private static final int SEGMENTS = 3;
    private static final int SEGMENT_BYTES = 1000;

    private static Peer peer(boolean pmtuDiscovery) {
        return new Peer(
                0,
                "b",
                B,
                Optional.empty(),
                Underlay.ANY,
                Peer.Ports.all(5555),
                0,
                true,
                Fou.PLAIN,
                Gre.PLAIN,
                64,
                Peer.INHERIT_TOS,
                pmtuDiscovery,
                false,
                false,
                PEER_B.allowedIps(),
                PeerFrames.NONE,
                1500);
    }

    private void send() throws IOException {
        byte[] packet =
                PacketBuilder.ipv4().tcp(1, 2).payload(SEGMENTS * SEGMENT_BYTES).buildPartial();
        path.tun().deliver(packet, VirtioNetHeader.GSO_TCPV4, SEGMENT_BYTES, 20, 16);
        path.tunToUdp();
    }

    private int messages() {
        return path.udp().sent().size();
    }

    @ParameterizedTest
    @CsvSource({
        "true, 5, false",
        "false, 5, false",
        "true, 22, false",
        "false, 22, true",
        "true, 90, true",
        "false, 90, true",
        "true, 1, true",
        "false, 12, true"
    })
    void isTakenForTheSegmentationOnlyWhereItCanBeNothingElse(boolean pmtuDiscovery, int errno, boolean triesAgain)
            throws IOException {
        path = path(peer(pmtuDiscovery));
        path.udp().refuse(message -> message.segmentBytes() > 0 ? errno : 0);
        send();
        assertForwarded(TUN_TO_UDP, peer(pmtuDiscovery), SEGMENTS, SEGMENTS * (SEGMENT_BYTES + 40));
        assertThat(path.pathMtu(peer(pmtuDiscovery)).takeRefused())
                .as("the kernel is asked what fits")
                .isEqualTo(errno == EMSGSIZE || errno == EINVAL);

        path.udp().refuse(message -> 0);
        int before = messages();
        send();

        assertThat(messages() - before).isEqualTo(triesAgain ? 1 : SEGMENTS);
    }

    /** Only the second is refused: it alone is dropped, for its own reason. */
    @ParameterizedTest
    @ValueSource(ints = {EPERM, EIO, ENOMEM, EACCES, EINVAL, EMSGSIZE, ENETUNREACH})
    void eachDatagramIsJudgedAlone(int errno) throws IOException {
        int[] alone = {0};
        path.udp().refuse(message -> {
            if (message.segmentBytes() > 0) {
                return errno;
            }
            return alone[0]++ == 1 ? EAGAIN : 0;
        });

        send();

        assertDropped(TUN_TO_UDP, DropReason.SOCKET_SNDBUF, 1, SEGMENT_BYTES + 40);
        assertForwarded(TUN_TO_UDP, PEER_B, SEGMENTS - 1, (SEGMENTS - 1) * (SEGMENT_BYTES + 40));
        assertThat(path.counters().sendErrors(EAGAIN)).isEqualTo(1);
        assertThat(path.counters().sendErrors(errno)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {EINTR, ECONNABORTED, ECONNREFUSED})
    void anErrorAboutTheSocketCostsNoDatagramNotEvenInBetween(int errno) throws IOException {
        int[] alone = {0};
        path.udp().refuse(message -> {
            if (message.segmentBytes() > 0) {
                return EPERM;
            }
            return alone[0]++ % 2 == 0 ? errno : 0;
        });

        send();

        assertForwarded(TUN_TO_UDP, PEER_B, SEGMENTS, SEGMENTS * (SEGMENT_BYTES + 40));
    }

    @ParameterizedTest
    @ValueSource(ints = {EAGAIN, ENOBUFS})
    void aFullBufferIsNotTriedOnceForEachDatagram(int errno) throws IOException {
        path.udp().refuse(message -> errno);

        send();

        assertThat(path.udp().calls()).isEqualTo(1);
        assertDropped(TUN_TO_UDP, DropReason.SOCKET_SNDBUF, SEGMENTS, SEGMENTS * (SEGMENT_BYTES + 40));
        assertThat(path.counters().sendErrors(errno)).isEqualTo(1);
    }
}
