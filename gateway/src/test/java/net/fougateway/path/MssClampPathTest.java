package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.VirtioNetHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP connections in both directions get a segment size that fits the path, unless told otherwise. */
class MssClampPathTest extends PathCase {

    private static final int SYN = 2;
    private static final int SYN_ACK = 0x12;

    private static PacketBuilder toB(boolean ipv4, int mss) {
        return syn(PacketBuilder.ip(ipv4).to(ipv4 ? "10.2.0.9" : "fd00:2::9"), SYN, mss);
    }

    private static PacketBuilder fromB(boolean ipv4, int mss) {
        return syn(PacketBuilder.ip(ipv4).from(ipv4 ? "10.2.0.9" : "fd00:2::9"), SYN_ACK, mss);
    }

    private static PacketBuilder syn(PacketBuilder builder, int flags, int mss) {
        return builder.tcp(1, 2).flags(flags).tcpOptions((byte) 2, (byte) 4, (byte) (mss >> 8), (byte) mss);
    }

    @ParameterizedTest
    @CsvSource({"true, 1500, 1432", "false, 1500, 1412", "true, 1400, 1332", "false, 1400, 1312"})
    void segmentSizeFitsThePathAsItIsNow(boolean ipv4, int pathMtu, int mss) throws IOException {
        path.pathMtu(PEER_B).lower(pathMtu);
        path.tun().deliver(toB(ipv4, 8960).build());
        path.tun().deliver(toB(ipv4, 8960).buildPartial(), VirtioNetHeader.GSO_NONE, 0, ipv4 ? 20 : 40, 16);
        path.udp().arrive(B, 0, 0, fromB(ipv4, 8960).build());

        path.tunToUdp();
        path.udpToTun();

        byte[] sent = path.udp().sent().get(0).bytes();
        byte[] expected = toB(ipv4, mss).build();
        assertThat(sent).isEqualTo(Naive.join(expected, expected));
        assertThat(path.tun().written().get(0).packet())
                .isEqualTo(fromB(ipv4, mss).build());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void switchedOffItIsLeftAlone(boolean ipv4) throws IOException {
        path = path(OLD_FASHIONED_B);
        path.tun().deliver(toB(ipv4, 8960).build());
        path.udp().arrive(B, 0, 0, fromB(ipv4, 8960).build());

        path.tunToUdp();
        path.udpToTun();

        assertThat(path.udp().sent().get(0).bytes()).isEqualTo(toB(ipv4, 8960).build());
        assertThat(path.tun().written().get(0).packet())
                .isEqualTo(fromB(ipv4, 8960).build());
    }
}
