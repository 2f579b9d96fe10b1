package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;

/** Keeps every packet that passes a device, in and out, from the IP header on. */
final class PacketCapture implements AutoCloseable {

    private final Queue<byte[]> packets = new ConcurrentLinkedQueue<>();
    private final Future<Void> reader;
    private volatile boolean stopped;

    private PacketCapture(Namespace namespace, PacketSocket socket) {
        reader = namespace.start(() -> read(socket));
    }

    /** Starts to listen on {@code device}; every packet from now until it is closed is kept. */
    static PacketCapture start(Namespace namespace, String device) throws Exception {
        return new PacketCapture(namespace, namespace.call(() -> PacketSocket.reader(device)));
    }

    /** The UDP packets among them, in order; complete once closed. */
    List<OuterPacket> udp() {
        return packets.stream()
                .map(OuterPacket::parse)
                .flatMap(Optional::stream)
                .toList();
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
                if (packet.length == 0) {
                    Thread.sleep(1);
                } else {
                    packets.add(packet);
                }
                packet = socket.poll();
            }
        }
        return null;
    }
}
