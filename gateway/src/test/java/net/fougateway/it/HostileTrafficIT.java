package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Future;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;

/** Rubbish from the network and from the host: every packet is counted, nothing is thrown, and traffic beside it goes on. */
class HostileTrafficIT {

    private static final int PACKETS = 100_000;
    private static final int BURST = 50;
    private static final int PINGS = 40;
    private static final String STRANGER = "10.77.0.99";

    private final Random random = new Random(2);

    @Test
    void rubbishAtThePort() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.b().address("eth0", STRANGER + "/24");
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            Metrics before = a.assertSumsClose();
            Future<Command.Result> ping = startPing(hosts.b(), TwoHosts.INNER4 + 1);
            hosts.b().call(() -> sendDatagrams("10.77.0.2", PACKETS / 2));
            hosts.b().call(() -> sendDatagrams(STRANGER, PACKETS / 2));
            assertThat(ping.get().ok().output()).contains("bytes from");
            Metrics after = a.assertSumsClose();
            long lostInKernel = after.udpReceiveBufferDrops() - before.udpReceiveBufferDrops();
            long dropped = after.dropped(Metrics.UDP_TO_TUN) - before.dropped(Metrics.UDP_TO_TUN);
            assertThat(dropped + lostInKernel).as("%s", after).isCloseTo(PACKETS, within((long) PINGS));
            assertThat(dropped).as("%s", after).isGreaterThan(PACKETS / 2);
            assertThat(after.sum("fou_packets_dropped_total", "reason=\"unknown_peer\""))
                    .isPositive();
            hosts.b().ping(TwoHosts.INNER4 + 1, 56).ok();
        }
    }

    @Test
    void rubbishIntoTheDevice() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            GatewayProcess a = lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            Metrics before = a.assertSumsClose();
            Future<Command.Result> ping = startPing(hosts.a(), TwoHosts.INNER4 + 2);
            hosts.a().call(() -> sendIntoDevice(PacketSocket.ETH_P_IP, (byte) 0x40));
            hosts.a().call(() -> sendIntoDevice(PacketSocket.ETH_P_IPV6, (byte) 0x60));
            assertThat(ping.get().ok().output()).contains("bytes from");
            Metrics after = a.assertSumsClose();
            long lostInKernel = after.tunQueueDrops() - before.tunQueueDrops();
            long dropped = after.dropped(Metrics.TUN_TO_UDP) - before.dropped(Metrics.TUN_TO_UDP);
            assertThat(dropped + lostInKernel).as("%s", after).isCloseTo(PACKETS, within((long) PINGS));
            assertThat(dropped).as("%s", after).isGreaterThan(PACKETS / 2);
            hosts.a().ping(TwoHosts.INNER4 + 2, 56).ok();
        }
    }

    private static Future<Command.Result> startPing(Namespace from, String target) {
        return from.start(() -> from.ok("ping", "-n", "-i", "0.05", "-c", Integer.toString(PINGS), target));
    }

    /** Half of them random, half of them the beginnings of a packet that would be welcome whole. */
    private Void sendDatagrams(String source, int count) throws Exception {
        byte[] welcome = packetFromThePeer(600);
        InetAddress target = InetAddress.getByName("10.77.0.1");
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName(source))) {
            for (int i = 0; i < count; i++) {
                byte[] payload = i % 2 == 0 ? randomBytes() : Arrays.copyOf(welcome, random.nextInt(welcome.length));
                socket.send(new DatagramPacket(payload, payload.length, target, 5555));
                pace(i);
            }
        }
        return null;
    }

    /** Random bytes; half of the packets have the first nibble of their protocol, so that they get further. */
    private Void sendIntoDevice(int protocol, byte first) throws Exception {
        try (PacketSocket socket = PacketSocket.writer("fou0", protocol)) {
            for (int i = 0; i < PACKETS / 2; i++) {
                byte[] packet = randomBytes();
                packet[0] = i % 2 == 0 ? first : packet[0];
                socket.send(packet);
                pace(i);
            }
        }
        return null;
    }

    /** One byte or more: a device takes no empty packet. */
    private byte[] randomBytes() {
        byte[] bytes = new byte[1 + random.nextInt(1400)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] packetFromThePeer(int length) {
        return ByteBuffer.allocate(length)
                .putInt(0x45000000 + length)
                .putInt(0)
                .putInt(0x40110000 + headerChecksum(length))
                .put(new byte[] {10, 10, 10, 2, 10, 10, 10, 1})
                .array();
    }

    private static int headerChecksum(int length) {
        int sum = 0x4500 + length + 0x4011 + 2 * 0x0a0a + 0x0a02 + 0x0a01;
        return ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
    }

    /** Leaves the reader of a small queue its turn: the test is about what is read. */
    private static void pace(int sent) throws InterruptedException {
        if (sent % BURST == 0) {
            Thread.sleep(1);
        }
    }
}
