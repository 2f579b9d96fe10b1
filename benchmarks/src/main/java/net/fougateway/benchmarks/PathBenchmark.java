package net.fougateway.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.codec.Direction;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.path.InMemoryPath;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.route.Prefix;
import net.fougateway.route.SourceCheck;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Both directions of the packet path as a worker runs them, with the kernel's part of the system calls played by memory. One
 * operation is a batch; the secondary result {@code wirePackets} is the time for one packet on the wire.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PathBenchmark {

    /** Value of {@code bytes} that stands for super-packets. */
    private static final int SUPER_PACKET = 65_536;

    private static final int SEGMENTS = 45;
    private static final int PAYLOAD_BYTES = 1400;
    private static final int HEADER_BYTES = 52;
    private static final int IP_HEADER_BYTES = 20;
    private static final int TCP_CHECKSUM = 16;
    private static final int FIRST_PORT = 10_000;
    private static final InetAddress REMOTE = Peers.address("192.0.2.2");
    /** Addresses at each end that flows are between. */
    private static final int HOSTS = 1000;
    /** The last halves of the first addresses: one goes up as the other goes down, so that checksums stay right. */
    private static final int SOURCE = 1;

    private static final int DESTINATION = 0xc801;

    /** Packets of TCP flows between two networks, and the path that carries them. */
    @State(Scope.Thread)
    public abstract static class Traffic {
        @Param({"64", "512", "1400", "65536"})
        int bytes;

        @Param({"1", "16", "64"})
        int batch;

        @Param({"1", "16", "10000"})
        int flows;

        @Param("1")
        int prefixes;

        InMemoryPath path;
        ByteBuffer[] packets;
        int wirePackets;
        private int nextFlow;

        @Setup
        public void build() {
            path = new InMemoryPath(List.of(peer()), SourceCheck.Mode.STRICT, false);
            boolean joined = bytes == SUPER_PACKET;
            wirePackets = joined ? batch * SEGMENTS : batch;
            packets = new ByteBuffer[batch];
            for (int i = 0; i < batch; i++) {
                packets[i] = joined ? superPacket(i / flows * SEGMENTS) : packet(i / flows);
            }
        }

        /** At 10.2.0.0/16, and at all the others, which are narrower and some of them in it. */
        private Peer peer() {
            Stream<Prefix> narrower =
                    IntStream.range(1, prefixes).mapToObj(i -> new Prefix(address(10 << 24 | i << 2), 30));
            Prefix wide = new Prefix(address(10 << 24 | 2 << 16), 16);
            return Peers.peer(
                    0, "192.0.2.2", Stream.concat(Stream.of(wide), narrower).toList());
        }

        private static InetAddress address(int bits) {
            return AddressBits.address(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bits).array());
        }

        /** Queues a packet that comes as the {@code index}th of its flow. */
        abstract ByteBuffer packet(int index);

        /** Queues a super-packet whose first segment comes as the {@code index}th of its flow. */
        abstract ByteBuffer superPacket(int index);

        /** The {@code index}th of packets behind one another in a flow. */
        static PacketBuilder tcp(int index, int payload) {
            return PacketBuilder.ipv4()
                    .to("10.2.200.1")
                    .tcp(FIRST_PORT, ~FIRST_PORT & 0xffff)
                    .tcpOptions(new byte[HEADER_BYTES - IP_HEADER_BYTES - 20])
                    .sequence(index * payload)
                    .payload(payload);
        }

        /**
         * Gives the queued packets to the next flows, by hosts and ports: the other port is the complement, so that checksums stay right.
         *
         * @param ports where they are in the memory of a packet
         * @param step from one segment to the next
         */
        final void chooseFlows(int ports, int step) {
            for (ByteBuffer packet : packets) {
                int port = FIRST_PORT + nextFlow;
                int host = nextFlow % HOSTS;
                nextFlow = nextFlow + 1 == flows ? 0 : nextFlow + 1;
                for (int at = ports; at < packet.capacity(); at += step) {
                    packet.putShort(at - 6, (short) (SOURCE + host));
                    packet.putShort(at - 2, (short) (DESTINATION - host));
                    packet.putShort(at, (short) port);
                    packet.putShort(at + 2, (short) ~port);
                }
            }
        }

        final void checkForwarded(Direction direction) {
            long received = path.counters().received(direction).packets();
            long forwarded = path.forwarded(direction).packets();
            if (received == 0 || received != forwarded) {
                throw new IllegalStateException(forwarded + " of " + received + " packets were forwarded");
            }
        }
    }

    /** Datagrams that wait at the UDP socket; a super-packet is one message with {@code UDP_GRO}. */
    @State(Scope.Thread)
    public static class Datagrams extends Traffic {

        @Override
        ByteBuffer packet(int index) {
            return path.udp().arrive(REMOTE, 0, 0, fromRemote(index, bytes - HEADER_BYTES));
        }

        @Override
        ByteBuffer superPacket(int index) {
            byte[][] segments = new byte[SEGMENTS][];
            Arrays.setAll(segments, i -> fromRemote(index + i, PAYLOAD_BYTES));
            return path.udp().arrive(REMOTE, 0, HEADER_BYTES + PAYLOAD_BYTES, Naive.join(segments));
        }

        private static byte[] fromRemote(int index, int payload) {
            return tcp(index, payload).from("10.2.0.1").to("10.1.200.1").build();
        }

        void arrive() {
            chooseFlows(IP_HEADER_BYTES, bytes == SUPER_PACKET ? HEADER_BYTES + PAYLOAD_BYTES : bytes);
            path.udp().rewind();
        }

        @TearDown
        public void check() {
            checkForwarded(Direction.UDP_TO_TUN);
        }
    }

    /** Packets that wait at the TUN device, their checksums still to be completed. */
    @State(Scope.Thread)
    public static class Packets extends Traffic {

        @Override
        ByteBuffer packet(int index) {
            return deliver(tcp(index, bytes - HEADER_BYTES), VirtioNetHeader.GSO_NONE);
        }

        @Override
        ByteBuffer superPacket(int index) {
            return deliver(tcp(index, SEGMENTS * PAYLOAD_BYTES), VirtioNetHeader.GSO_TCPV4);
        }

        private ByteBuffer deliver(PacketBuilder packet, int gsoType) {
            return path.tun().deliver(packet.buildPartial(), gsoType, PAYLOAD_BYTES, IP_HEADER_BYTES, TCP_CHECKSUM);
        }

        void deliver() {
            chooseFlows(VirtioNetHeader.BYTES + IP_HEADER_BYTES, SUPER_PACKET);
            path.tun().rewind();
        }

        @TearDown
        public void check() {
            checkForwarded(Direction.TUN_TO_UDP);
        }
    }

    /** Counts packets on the wire, so that their time is shown. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class PerPacket {
        /** Packets carried. */
        public long wirePackets;
    }

    /** Decapsulation of a batch: receive, check, verify checksums, join, write. */
    @Benchmark
    public long udpToTun(Datagrams datagrams, PerPacket count) throws IOException {
        datagrams.arrive();
        datagrams.path.udpToTun();
        count.wirePackets += datagrams.wirePackets;
        return datagrams.path.tun().writtenBytes();
    }

    /** Encapsulation of a batch: read, route, cut, complete checksums, send. */
    @Benchmark
    public long tunToUdp(Packets packets, PerPacket count) throws IOException {
        packets.deliver();
        packets.path.tunToUdp();
        count.wirePackets += packets.wirePackets;
        return packets.path.udp().sentBytes();
    }
}
