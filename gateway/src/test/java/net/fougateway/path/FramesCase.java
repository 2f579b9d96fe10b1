package net.fougateway.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Frames;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.Vxlan;
import net.fougateway.route.Peer;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Peers;
import net.fougateway.udp.InMemoryUdp.Sent;
import org.junit.jupiter.api.BeforeEach;

/** Frames between a TAP device and three peers: two in the VXLAN network 42, the third by gretap over IPv6. */
class FramesCase extends PathCase {

    static final int OVERHEAD_BYTES = 36;
    static final String HERE = "02:00:00:00:01:01";
    static final String AT_B = "02:00:00:00:0b:01";
    static final String AT_C = "02:00:00:00:0c:01";
    static final String NOBODY = "02:00:00:00:ff:01";
    static final byte[] VXLAN = Frames.bytes("0800000000002a00");
    static final byte[] GRETAP = Frames.bytes("2000655800000007");
    static final PeerFrames PLAIN = frames(List.of(), true);

    final Peer b = Peers.ofFrames(0, "192.0.2.2", new Vxlan(42), PLAIN);
    final Peer c = Peers.ofFrames(1, "192.0.2.3", new Vxlan(42), PLAIN);
    final Peer d = Peers.ofFrames(2, "2001:db8::4", new Fou(new Gre(true, 7, false, false)), PLAIN);

    static PeerFrames frames(List<Long> macs, boolean flood) {
        return new PeerFrames(macs, flood, EthernetFrame.BASE_BYTES);
    }

    static long mac(String text) {
        return Frames.parse(Frames.other(text, HERE, "9000", new byte[2])).destination();
    }

    @BeforeEach
    void threePeers() {
        path = path(b, c, d);
    }

    static byte[] udp(String to, String from, int bytes) {
        return Frames.ip(
                to, from, PacketBuilder.ipv4().udp(1000, 53).payload(bytes).build());
    }

    void send(byte... frame) throws IOException {
        path.tun().deliver(frame);
        path.tunToUdp();
    }

    void arrive(Peer from, byte... frame) throws IOException {
        boolean vxlan = from.encapsulation() instanceof Vxlan;
        path.udp().arrive(from.remote(), 0, 0, Naive.join(vxlan ? VXLAN : GRETAP, frame));
        path.udpToTun(vxlan ? PortPayload.VXLAN : PortPayload.FOU);
    }

    List<Sent> sent() {
        return path.udp().sent();
    }

    byte[] frameOf(Sent sent) {
        return Arrays.copyOfRange(sent.bytes(), 8, sent.bytes().length);
    }

    void assertDelivered(byte[]... frames) {
        assertThat(path.tun().written().stream().map(written -> written.packet()))
                .containsExactly(frames);
    }
}
