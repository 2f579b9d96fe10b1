package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** Listens on the underlay and notes the UDP ports, and whether the sender filled in a checksum, of all that passes. */
final class OuterCapture implements AutoCloseable {

    private static final int SHORTEST = 48;
    private static final int UDP = 17;
    private static final int DESTINATION_OPTIONS = 60;

    /**
     * UDP as seen outside the tunnel.
     *
     * @param fromFirst sent by the side with the lower address
     * @param ttl TTL or hop limit
     * @param tos TOS or traffic class
     * @param dontFragment DF; true for IPv6
     * @param from source address
     * @param to destination address
     */
    record Flow(
            boolean fromFirst,
            int source,
            int destination,
            boolean checksum,
            int ttl,
            int tos,
            boolean dontFragment,
            InetAddress from,
            InetAddress to) {}

    private final Set<Flow> flows = ConcurrentHashMap.newKeySet();
    private final Future<Void> reader;
    private volatile boolean stopped;

    private OuterCapture(Namespace namespace, PacketSocket socket) {
        reader = namespace.start(() -> read(socket));
    }

    /** Starts to listen on {@code device}; every packet sent from now until it is closed is seen. */
    static OuterCapture start(Namespace namespace, String device) throws Exception {
        return new OuterCapture(namespace, namespace.call(() -> PacketSocket.reader(device)));
    }

    /** What one side sent; complete once closed. */
    Set<Flow> flows(boolean fromFirst) {
        return flows.stream().filter(flow -> flow.fromFirst == fromFirst).collect(Collectors.toSet());
    }

    @Override
    public void close() {
        stopped = true;
        assertThat(reader).succeedsWithin(Duration.ofSeconds(10));
    }

    private Void read(PacketSocket open) throws InterruptedException {
        try (PacketSocket socket = open) {
            byte[] packet = socket.poll();
            while (packet.length > 0 || !stopped) {
                parse(packet).ifPresent(flows::add);
                if (packet.length == 0) {
                    Thread.sleep(1);
                }
                packet = socket.poll();
            }
        }
        return null;
    }

    private static Optional<Flow> parse(byte[] packet) {
        int version = packet.length < SHORTEST ? 0 : packet[0] >> 4;
        return switch (version) {
            case 4 -> parse4(packet);
            case 6 -> parse6(packet);
            default -> Optional.empty();
        };
    }

    private static Optional<Flow> parse4(byte[] packet) {
        ByteBuffer ip = ByteBuffer.wrap(packet);
        boolean fromFirst = Integer.compareUnsigned(ip.getInt(12), ip.getInt(16)) < 0;
        return packet[9] == UDP ? Optional.of(udp(ip, (packet[0] & 15) * 4, fromFirst)) : Optional.empty();
    }

    private static Optional<Flow> parse6(byte[] packet) {
        ByteBuffer ip = ByteBuffer.wrap(packet);
        boolean fromFirst = ip.slice(8, 16).compareTo(ip.slice(24, 16)) < 0;
        if (packet[6] == DESTINATION_OPTIONS && packet[40] == UDP) {
            return Optional.of(udp(ip, 40 + 8 + 8 * packet[41], fromFirst));
        }
        return packet[6] == UDP ? Optional.of(udp(ip, 40, fromFirst)) : Optional.empty();
    }

    private static Flow udp(ByteBuffer ip, int at, boolean fromFirst) {
        boolean ipv4 = ip.get(0) >> 4 == 4;
        return new Flow(
                fromFirst,
                ip.getShort(at) & 0xffff,
                ip.getShort(at + 2) & 0xffff,
                ip.getShort(at + 6) != 0,
                ip.get(ipv4 ? 8 : 7) & 0xff,
                ipv4 ? ip.get(1) & 0xff : ip.getShort(0) >> 4 & 0xff,
                !ipv4 || (ip.getShort(6) & 0x4000) != 0,
                address(ip, ipv4 ? 12 : 8, ipv4),
                address(ip, ipv4 ? 16 : 24, ipv4));
    }

    private static InetAddress address(ByteBuffer ip, int at, boolean ipv4) {
        byte[] bytes = new byte[ipv4 ? 4 : 16];
        ip.get(at, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
