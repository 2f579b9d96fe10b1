package net.fougateway.benchmarks;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.fougateway.codec.Checksum;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.Segmentation;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.route.RouteTable;
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
import org.openjdk.jmh.annotations.Warmup;

/** What the codec costs, in direct memory as on the packet path. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CodecBenchmark {

    private static final int SLOT_BYTES = 2048;
    private static final int SEGMENTS = 45;

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length + SLOT_BYTES).put(0, bytes);
    }

    private static DropReason check(DropReason verdict) {
        if (verdict != null) {
            throw new IllegalStateException("the benchmark's packet was refused: " + verdict);
        }
        return null;
    }

    /** One packet, as it comes in a datagram or from the TUN device. */
    @State(Scope.Thread)
    public static class OnePacket {
        @Param({"4", "6"})
        int version;

        @Param({"64", "512", "1400"})
        int bytes;

        ByteBuffer buffer;
        final InnerPacket inner = new InnerPacket();
        final Decapsulator decapsulator = new Decapsulator();
        final FlowHash hash = new FlowHash(42);
        final RouteTable routes = Routes.table();
        int headerBytes;

        @Setup
        public void build() {
            boolean ipv4 = version == 4;
            headerBytes = ipv4 ? 20 : 40;
            buffer = direct(PacketBuilder.ip(ipv4)
                    .to(ipv4 ? "10.42.0.1" : "fd00:2a::1")
                    .tcp(40_000, 443)
                    .payload(bytes - headerBytes - 20)
                    .buildPartial());
        }
    }

    /** Decapsulation of one packet: parse and check the header. */
    @Benchmark
    public int decapsulate(OnePacket packet) {
        check(packet.decapsulator.decapsulate(packet.buffer, 0, packet.bytes, PortPayload.FOU, packet.inner));
        return packet.inner.transportOffset();
    }

    /** All that encapsulation does with a packet that is no super-packet, but for the system call. */
    @Benchmark
    public long encapsulate(OnePacket packet) {
        InnerPacket inner = packet.inner;
        check(inner.parse(packet.buffer, 0, packet.bytes));
        check(Segmentation.completeChecksum(inner, packet.headerBytes, 16));
        int peer = packet.routes.lookup(inner.isIpv4(), inner.destinationHigh(), inner.destinationLow());
        return ((long) peer << 32) | FlowHash.bucket(packet.hash.of(inner), 1024);
    }

    /** A super-packet of 45 segments, 64 KiB in all. */
    @State(Scope.Thread)
    public static class SuperPacket {
        @Param({"4", "6"})
        int version;

        ByteBuffer buffer;
        int length;
        final ByteBuffer virtio = ByteBuffer.allocateDirect(VirtioNetHeader.BYTES);
        final ByteBuffer headers = ByteBuffer.allocateDirect(SEGMENTS * 128);
        final InnerPacket inner = new InnerPacket();
        final Segmentation segmentation = new Segmentation();

        @Setup
        public void build() {
            boolean ipv4 = version == 4;
            int gsoType = ipv4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
            int gsoSize = ipv4 ? 1448 : 1428;
            VirtioNetHeader.writeSuperPacket(virtio, 0, gsoType, 0, gsoSize, ipv4 ? 20 : 40, 16);
            byte[] bytes = PacketBuilder.ip(ipv4)
                    .tcp(40_000, 443)
                    .tcpOptions(new byte[12])
                    .payload(SEGMENTS * gsoSize)
                    .buildPartial();
            length = bytes.length;
            buffer = direct(bytes);
        }
    }

    /** Cuts a super-packet: complete headers for 45 segments. */
    @Benchmark
    public ByteBuffer segment(SuperPacket packet) {
        check(packet.inner.parse(packet.buffer, 0, packet.length));
        Segmentation segmentation = packet.segmentation;
        check(segmentation.begin(packet.inner, packet.virtio, 0));
        for (int i = 0; i < segmentation.pieces(); i++) {
            segmentation.writeHeader(i, packet.headers, i * 128);
        }
        return packet.headers;
    }

    /** 45 segments for each of so many flows, in turns. */
    @State(Scope.Thread)
    public static class Batch {
        @Param({"4", "6"})
        int version;

        @Param({"1", "16"})
        int flows;

        ByteBuffer buffer;
        byte[][] headers;
        int[] lengths;
        final ByteBuffer virtio = ByteBuffer.allocateDirect(VirtioNetHeader.BYTES);
        final InnerPacket inner = new InnerPacket();
        final Coalescer coalescer = new Coalescer(4096, true, true, true);

        @Setup
        public void build() {
            List<byte[]> packets = new ArrayList<>();
            for (int i = 0; i < SEGMENTS * flows; i++) {
                packets.add(PacketBuilder.ip(version == 4)
                        .tcp(40_000 + i % flows, 443)
                        .tcpOptions(new byte[12])
                        .sequence(i / flows * 1400)
                        .payload(1400)
                        .build());
            }
            buffer = ByteBuffer.allocateDirect(packets.size() * SLOT_BYTES);
            lengths = new int[packets.size()];
            headers = new byte[packets.size()][80];
            for (int i = 0; i < lengths.length; i++) {
                buffer.put(i * SLOT_BYTES, packets.get(i));
                lengths[i] = packets.get(i).length;
                buffer.get(i * SLOT_BYTES, headers[i]);
            }
        }

        /** Undoes what {@link Coalescer#finish} wrote into the heads of runs, which come first. */
        void restore() {
            for (int i = 0; i < flows; i++) {
                buffer.put(i * SLOT_BYTES, headers[i]);
            }
        }
    }

    /** Joins all packets of a batch, checksums verified, and finishes the runs. */
    @Benchmark
    public ByteBuffer coalesce(Batch batch) {
        batch.restore();
        Coalescer coalescer = batch.coalescer;
        coalescer.begin(batch.buffer);
        for (int i = 0; i < batch.lengths.length; i++) {
            check(batch.inner.parse(batch.buffer, i * SLOT_BYTES, batch.lengths[i]));
            coalescer.add(batch.inner, 0);
        }
        if (coalescer.runs() != batch.flows) {
            throw new IllegalStateException(coalescer.runs() + " runs of " + batch.flows + " flows");
        }
        for (int run = 0; run < coalescer.runs(); run++) {
            coalescer.finish(run, batch.virtio, 0);
        }
        return batch.virtio;
    }

    /** Bytes to sum. */
    @State(Scope.Thread)
    public static class Data {
        @Param({"40", "1448", "65480"})
        int bytes;

        ByteBuffer buffer;

        @Setup
        public void build() {
            buffer = direct(PacketBuilder.pattern(bytes));
        }
    }

    /** The Internet checksum. */
    @Benchmark
    public int checksum(Data data) {
        return Checksum.fold(Checksum.sum(data.buffer, 0, data.bytes));
    }
}
