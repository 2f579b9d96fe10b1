package net.fougateway.training;

import com.sun.jna.Native;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.fougateway.admin.AdminServer;
import net.fougateway.admin.Refusals;
import net.fougateway.capture.Captures;
import net.fougateway.codec.Bytes;
import net.fougateway.codec.Direction;
import net.fougateway.codec.Ip;
import net.fougateway.codec.PacketMix;
import net.fougateway.codec.SuperPacket;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.WebAccess;
import net.fougateway.engine.Engine;
import net.fougateway.engine.NettyEngine;
import net.fougateway.host.Preflight;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Sockets;
import net.fougateway.metrics.EventLoops;
import net.fougateway.metrics.Routing;
import net.fougateway.metrics.Snapshot;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Plan;
import net.fougateway.status.GatewayStatus;
import net.fougateway.tun.TunDevice;

/**
 * A gateway that is its own peer: a pair of Unix sockets stands in for the TUN device, and what goes in at one end comes back through UDP
 * on the loopback interface. The real code runs over it without any privilege, for the JVM to see which classes and methods
 * matter.
 */
public final class Training implements AutoCloseable {

    private static final int PACKET_ROOM_BYTES = 65_546;
    private static final int MIXED_PACKETS = 128;
    private static final int SEGMENT_BYTES = 1400;
    private static final int PAYLOAD_BYTES = 44 * SEGMENT_BYTES;
    private static final String CONFIG = """
            workers: 1
            listen: [{port: %1$d, local: 127.0.0.1}]
            peers: [{name: itself, remote: 127.0.0.1, port: %1$d, allowed_ips: [0.0.0.0/0, "::/0"]}]
            """;

    private static final int SCRAPE_MILLIS = 20_000;
    private static final String SCRAPE = """
            GET /metrics HTTP/1.1\r
            Host: localhost\r
            Accept: application/openmetrics-text;version=1.0.0\r
            Accept-Encoding: gzip\r
            Connection: close\r
            \r
            """;

    private final PacketMix mix = new PacketMix();
    private final NativeMemory packet = NativeMemory.allocate(PACKET_ROOM_BYTES);
    private final NativeMemory mixed = NativeMemory.allocate(PACKET_ROOM_BYTES);
    private final NativeMemory answer = NativeMemory.allocate(PACKET_ROOM_BYTES);
    private final Netlink netlink = Netlink.open();
    private final Engine engine;
    private final AdminServer admin;
    private final DatagramSocket stranger;
    private final int deviceFd;

    private Training() throws Exception {
        int queueFd = packet.call(pair -> Libc.socketpair(
                Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0, pair));
        if (queueFd < 0) {
            throw Errno.lastFailure("make a pair of sockets");
        }
        TunDevice device = TunDevice.standIn("training", packet.buffer().getInt(0));
        deviceFd = packet.buffer().getInt(Integer.BYTES);
        int port = freePort();
        GatewayConfig config = ConfigLoader.load("training", CONFIG.formatted(port), Map.of(), Map.of());
        stranger = new DatagramSocket(new InetSocketAddress("127.0.0.2", 0));
        stranger.connect(InetAddress.getLoopbackAddress(), port);
        Plan plan = Plan.of(config, new KernelLookups(netlink));
        Captures captures = new Captures();
        engine = NettyEngine.start(plan, device, new NettyEngine.Surroundings(netlink, captures, false));
        Refusals refusals = new Refusals();
        GatewayStatus status = new GatewayStatus(
                netlink,
                plan.device(),
                engine,
                plan::peering,
                () -> Snapshot.Reloads.NONE,
                new GatewayStatus.Others(
                        Preflight.of(netlink, plan.device(), List.of()), refusals, () -> Routing.Reads.NONE));
        admin = new AdminServer(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                WebAccess.OPEN,
                status::snapshot,
                captures,
                refusals);
    }

    private static int freePort() throws Exception {
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /**
     * Carries super-packets of TCP and UDP over IPv4 and IPv6, packets of all sorts and those of a stranger, for {@code duration}.
     *
     * @return packets that came back
     */
    public static long run(Duration duration) throws Exception {
        try (Training training = new Training()) {
            long end = System.nanoTime() + duration.toNanos();
            training.scrape();
            for (int round = 0; System.nanoTime() < end; round++) {
                training.sendAllKinds(round);
                training.receive();
            }
            return training.engine.report().counters().stream()
                    .mapToLong(counters -> counters.peers()
                            .forwarded(Direction.UDP_TO_TUN, "itself")
                            .packets())
                    .sum();
        }
    }

    /** As Prometheus does. */
    private void scrape() throws IOException {
        admin.metrics().watch(new EventLoops("worker", engine.eventLoops()));
        InetSocketAddress address = (InetSocketAddress) admin.addresses().get(0);
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            client.setSoTimeout(SCRAPE_MILLIS);
            client.getOutputStream().write(SCRAPE.getBytes(StandardCharsets.US_ASCII));
            client.getInputStream().readAllBytes();
        }
    }

    private void sendAllKinds(int round) throws IOException {
        for (int version = 4; version <= 6; version += 2) {
            for (int protocol : new int[] {Ip.TCP, Ip.UDP}) {
                int length = SuperPacket.write(packet.buffer(), version, protocol, PAYLOAD_BYTES, SEGMENT_BYTES);
                int ports = VirtioNetHeader.BYTES + (version == 4 ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES);
                Bytes.put32(packet.buffer(), ports, round);
                send(packet, length);
            }
        }
        for (int i = 0; i < MIXED_PACKETS; i++) {
            send(mixed, mix.write(mixed.buffer()));
        }
        stranger.send(new DatagramPacket(new byte[Ip.V4_HEADER_BYTES], Ip.V4_HEADER_BYTES));
    }

    private void send(NativeMemory from, int length) {
        while (from.call(address -> (int) Libc.write(deviceFd, address, length)) < 0
                && Native.getLastError() == Errno.EAGAIN.number()) {
            receive();
        }
    }

    private void receive() {
        while (answer.call(address -> (int) Libc.recv(deviceFd, address, PACKET_ROOM_BYTES, 0)) > 0) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        admin.close();
        engine.close();
        stranger.close();
        netlink.close();
        Libc.close(deviceFd);
    }
}
