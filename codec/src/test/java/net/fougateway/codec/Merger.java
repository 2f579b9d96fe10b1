package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Drives {@link Coalescer} and {@link Segmentation} on plain byte arrays. */
final class Merger {

    /**
     * What would be written to the TUN device.
     *
     * @param packets numbers of the packets that it holds
     * @param virtio its virtio header
     * @param bytes the packet or super-packet
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Run(List<Integer> packets, ByteBuffer virtio, byte[] bytes) {

        List<byte[]> split() {
            return VirtioNetHeader.gsoType(virtio, 0) == VirtioNetHeader.GSO_NONE
                    ? List.of(bytes)
                    : Merger.split(bytes, virtio);
        }
    }

    private static final int ALIGN = 64;

    private Merger() {}

    static InnerPacket parse(byte[] bytes) {
        return parse(bytes, new InnerPacket());
    }

    private static InnerPacket parse(byte[] bytes, InnerPacket packet) {
        assertThat(packet.parse(ByteBuffer.wrap(bytes), 0, bytes.length)).isNull();
        return packet;
    }

    static List<Run> merge(List<byte[]> packets) {
        return merge(coalescer(packets), packets, new int[packets.size()]);
    }

    private static Coalescer coalescer(List<byte[]> packets) {
        return new Coalescer(Math.max(packets.size(), 256), true, true, true);
    }

    /** The same for Ethernet frames. */
    static List<Run> mergeFrames(List<byte[]> frames) {
        return merge(coalescer(frames), frames, new int[frames.size()], new EthernetFrame());
    }

    static List<Run> merge(Coalescer coalescer, List<byte[]> packets, int[] tags) {
        return merge(coalescer, packets, tags, new InnerPacket());
    }

    private static List<Run> merge(Coalescer coalescer, List<byte[]> packets, int[] tags, InnerPacket inner) {
        int bytes =
                packets.stream().mapToInt(packet -> packet.length + 2 * ALIGN).sum();
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
        coalescer.begin(buffer);
        Map<Integer, Integer> numberByOffset = new HashMap<>();
        int offset = 0;
        for (int i = 0; i < packets.size(); i++) {
            byte[] packet = packets.get(i);
            buffer.put(offset, packet);
            numberByOffset.put(offset, i);
            assertThat(inner.parse(buffer, offset, packet.length)).isNull();
            coalescer.add(inner, tags[i]);
            offset += (packet.length + ALIGN) & -8;
        }
        List<Run> runs = new ArrayList<>();
        for (int run = 0; run < coalescer.runs(); run++) {
            runs.add(take(coalescer, buffer, run, numberByOffset));
        }
        return runs;
    }

    private static Run take(Coalescer coalescer, ByteBuffer buffer, int run, Map<Integer, Integer> numberByOffset) {
        ByteBuffer virtio = ByteBuffer.allocate(VirtioNetHeader.BYTES);
        coalescer.finish(run, virtio, 0);
        List<Integer> numbers = new ArrayList<>();
        byte[] bytes = {};
        for (int i = coalescer.first(run); i >= 0; i = coalescer.next(i)) {
            numbers.add(numberByOffset.get(coalescer.offset(i) - coalescer.linkBytes(run)));
            int skip = numbers.size() == 1 ? -coalescer.linkBytes(run) : coalescer.headerBytes(run);
            byte[] part = new byte[coalescer.length(i) - skip];
            buffer.get(coalescer.offset(i) + skip, part);
            bytes = Naive.join(bytes, part);
        }
        assertThat(coalescer.segments(run)).isEqualTo(numbers.size());
        return new Run(numbers, virtio, bytes);
    }

    /** Which packets were joined with which. */
    static List<List<Integer>> groups(byte[]... packets) {
        return merge(List.of(packets)).stream().map(Run::packets).toList();
    }

    /** The virtio header of a super-packet whose checksum field holds the sum of the pseudo header. */
    static ByteBuffer virtio(byte[] superPacket, int gsoType, int gsoSize) {
        ByteBuffer virtio = ByteBuffer.allocate(VirtioNetHeader.BYTES);
        int checksumOffset = gsoType == VirtioNetHeader.GSO_UDP_L4 ? Ip.UDP_CHECKSUM : Ip.TCP_CHECKSUM;
        int transport = Naive.transportOffset(superPacket);
        VirtioNetHeader.writeSuperPacket(virtio, 0, gsoType, 0, gsoSize, transport, checksumOffset);
        return virtio;
    }

    static List<byte[]> split(byte[] superPacket, int gsoType, int gsoSize) {
        return split(superPacket, virtio(superPacket, gsoType, gsoSize));
    }

    static List<byte[]> split(byte[] superPacket, ByteBuffer virtio) {
        return split(superPacket, virtio, new InnerPacket());
    }

    /** The same for an Ethernet frame. */
    static List<byte[]> splitFrame(byte[] superFrame, ByteBuffer virtio) {
        return split(superFrame, virtio, new EthernetFrame());
    }

    private static List<byte[]> split(byte[] superPacket, ByteBuffer virtio, InnerPacket packet) {
        ByteBuffer buffer = ByteBuffer.wrap(Arrays.copyOf(superPacket, superPacket.length + Cut.SLACK_BYTES));
        assertThat(packet.parse(buffer, 0, superPacket.length)).isNull();
        Segmentation segmentation = new Segmentation();
        assertThat(segmentation.begin(packet, virtio, 0)).isNull();
        List<byte[]> segments = new ArrayList<>();
        int total = 0;
        for (int i = 0; i < segmentation.pieces(); i++) {
            byte[] header = new byte[segmentation.headerBytes() + Cut.SLACK_BYTES];
            segmentation.writeHeader(i, ByteBuffer.wrap(header), 0);
            byte[] payload = new byte[segmentation.payloadLength(i)];
            buffer.get(segmentation.payloadOffset(i), payload);
            segments.add(Naive.join(Arrays.copyOf(header, segmentation.headerBytes()), payload));
            total += segmentation.headerBytes() + payload.length;
        }
        assertThat(segmentation.totalBytes()).isEqualTo(total);
        assertThat(segmentation.largestBytes()).isEqualTo(segments.get(0).length);
        return segments;
    }
}
