package net.fougateway.metrics;

import io.netty.util.NetUtil;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.IcmpError;

/**
 * Everything the gateway tells about itself at one moment. {@code /metrics}, {@code /status} and {@code /readyz} are views
 * of it, so they cannot disagree.
 *
 * @param version of the program
 * @param startedAt when the gateway began to carry packets
 * @param device the TUN device
 * @param peers in configuration order
 * @param flows one for each direction
 * @param drops one for each reason in each direction where it can happen, zero or not
 * @param udpSendErrors count by errno name, for example {@code ENETUNREACH}
 * @param tunWriteErrors count by errno name
 * @param icmpErrorsSent ICMP and ICMPv6 errors sent to inner senders, one entry for each kind, zero or not
 * @param udpReceiveBufferDrops datagrams that the kernel dropped because a socket's receive buffer was full
 * @param unbelieved what came in and was not believed
 * @param offloads in a fixed order
 * @param kernelPath what programs in the kernel did, included in what is told of peers and flows
 * @param routing which way packets go
 * @param sourcePorts UDP source ports in use
 * @param workers number of event loops
 * @param conditions of readiness, in a fixed order
 * @param adminRefusals what the admin port refused, one entry for each reason, zero or not
 * @param ethernet what the switch tells, where Ethernet is carried
 * @param findings what the operator should know and do, most important first; empty when all is well
 */
public record Snapshot(
        String version,
        Instant startedAt,
        Device device,
        List<Peer> peers,
        Map<Direction, Flow> flows,
        List<Drop> drops,
        Map<String, Long> udpSendErrors,
        Map<String, Long> tunWriteErrors,
        Map<IcmpError.Kind, Long> icmpErrorsSent,
        long udpReceiveBufferDrops,
        Unbelieved unbelieved,
        List<Offload> offloads,
        KernelPath kernelPath,
        Routing routing,
        int sourcePorts,
        int workers,
        List<Condition> conditions,
        Reloads reloads,
        Map<AdminRefusal, Long> adminRefusals,
        Ethernet ethernet,
        List<String> findings) {

    /** Upper bounds of the buckets of {@link Flow#batchPackets}; one more bucket takes the rest. */
    public static final List<Integer> BATCH_BOUNDS = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512);

    /**
     * The TUN device.
     *
     * @param queueDrops packets that the kernel dropped because the queue towards us was full
     */
    public record Device(String name, int mtuBytes, boolean up, int queues, long queueDrops) {}

    /**
     * One peer.
     *
     * @param remote outer address
     * @param port destination port, or ports by protocol as {@code 4:5555 41:5556}
     * @param encapsulation what is sent to it, see {@link net.fougateway.codec.Encapsulation#label}
     * @param pathMtuBytes largest outer IP packet believed to reach the peer
     * @param lastReceive last packet accepted from it; {@link Instant#EPOCH} when none was
     */
    public record Peer(
            String name,
            String remote,
            String port,
            String encapsulation,
            List<String> allowedIps,
            int pathMtuBytes,
            Traffic udpToTun,
            Traffic tunToUdp,
            Instant lastReceive) {

        /** The same peer with other numbers. */
        public Peer with(int newPathMtuBytes, Traffic newUdpToTun, Traffic newTunToUdp, Instant newLastReceive) {
            return new Peer(
                    name,
                    remote,
                    port,
                    encapsulation,
                    allowedIps,
                    newPathMtuBytes,
                    newUdpToTun,
                    newTunToUdp,
                    newLastReceive);
        }

        /** What was carried in {@code direction}. */
        public Traffic traffic(Direction direction) {
            return direction == Direction.UDP_TO_TUN ? udpToTun : tunToUdp;
        }
    }

    /**
     * What came in from the underlay and was not believed.
     *
     * @param ipv4ChecksumErrors datagrams with a wrong UDP checksum that the kernel dropped, for any socket of the network namespace
     * @param ipv6ChecksumErrors likewise over IPv6
     * @param icmpErrors ICMP and ICMPv6 errors about datagrams to peers that cannot have been ours
     */
    public record Unbelieved(long ipv4ChecksumErrors, long ipv6ChecksumErrors, long icmpErrors) {}

    /** Packets as on the wire (segments, never super-packets) and their bytes. */
    public record Traffic(long packets, long bytes) {

        /** Both together. */
        public Traffic plus(Traffic other) {
            return new Traffic(packets + other.packets, bytes + other.bytes);
        }

        /** This without the other. */
        public Traffic minus(Traffic other) {
            return new Traffic(packets - other.packets, bytes - other.bytes);
        }
    }

    /** Nothing at all. */
    public static final Traffic NO_TRAFFIC = new Traffic(0, 0);

    /**
     * One direction. {@code received = forwarded + dropped} holds in packets and bytes, unless a worker hangs in the middle of a batch.
     *
     * @param removed the part of {@code forwarded} that belongs to peers that are gone
     * @param batchPackets how many batches held how many packets; counts for {@link #BATCH_BOUNDS}, and one for the rest
     */
    public record Flow(
            Traffic received, Traffic forwarded, Traffic removed, Traffic dropped, List<Long> batchPackets) {}

    /**
     * What became of changes of the configuration while running.
     *
     * @param lastSuccessful true when there was none yet
     * @param last what the last one changed, or why it failed; empty when there was none yet
     */
    public record Reloads(long succeeded, long failed, boolean lastSuccessful, List<String> last) {

        /** None yet. */
        public static final Reloads NONE = new Reloads(0, 0, true, List.of());
    }

    /**
     * Drops of one reason in one direction.
     *
     * @param last the last of them, where it had an address
     */
    public record Drop(Direction direction, DropReason reason, Traffic traffic, Optional<LastDrop> last) {}

    /**
     * A packet that was dropped.
     *
     * @param address outer source of one from a peer, inner destination of one to a peer
     */
    public record LastDrop(String address, Instant at) {

        /** With an address as numbers: IPv4 in the low 32 bits of {@code high}. */
        static LastDrop of(long epochMillis, boolean ipv4, long high, long low) {
            byte[] bytes = ipv4
                    ? ByteBuffer.allocate(Integer.BYTES).putInt((int) high).array()
                    : ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(high)
                            .putLong(low)
                            .array();
            return new LastDrop(NetUtil.bytesToIpAddress(bytes), Instant.ofEpochMilli(epochMillis));
        }
    }

    /**
     * One offload.
     *
     * @param feature label value, for example {@code udp_gro}
     * @param detail why it is as it is, for people
     */
    public record Offload(String feature, boolean active, String detail) {}

    /**
     * One condition of readiness.
     *
     * @param name label value, for example {@code device_up}
     * @param sentence what is so, for people
     */
    public record Condition(String name, boolean met, String sentence) {}

    /** True when every condition is met. */
    public boolean ready() {
        return conditions.stream().allMatch(Condition::met);
    }
}
