package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames are joined and cut as the packets in them are, with their Ethernet headers. A failure names the seed. */
class FramesMergeAndSplitTest {

    private static final String[] TAGS = {"", "81000007", "88a8000281000003"};

    @Test
    void framesOfOneKindAreJoinedAsTheirPacketsAre() {
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            List<byte[]> packets = intact(new Traffic(random).packets(40));
            String tags = TAGS[random.nextInt(TAGS.length)];
            List<byte[]> frames =
                    packets.stream().map(packet -> wrapped(tags, packet)).toList();

            List<Merger.Run> ofFrames = Merger.mergeFrames(frames);
            List<Merger.Run> ofPackets = Merger.merge(packets);

            assertThat(ofFrames.stream().map(Merger.Run::packets))
                    .as("seed %d", seed)
                    .isEqualTo(ofPackets.stream().map(Merger.Run::packets).toList());
            for (int run = 0; run < ofFrames.size(); run++) {
                assertThat(ofFrames.get(run).bytes())
                        .as("seed %d, run %d", seed, run)
                        .isEqualTo(wrapped(tags, ofPackets.get(run).bytes()));
                assertThat(splitFrame(ofFrames.get(run)))
                        .as("seed %d, run %d", seed, run)
                        .containsExactlyElementsOf(ofPackets.get(run).split().stream()
                                .map(packet -> wrapped(tags, packet))
                                .toList());
            }
        }
    }

    private static List<byte[]> intact(List<byte[]> packets) {
        List<byte[]> intact = new ArrayList<>();
        InnerPacket inner = new InnerPacket();
        for (byte[] packet : packets) {
            if (new Decapsulator().decapsulate(ByteBuffer.wrap(packet), 0, packet.length, PortPayload.FOU, inner)
                    == null) {
                intact.add(Arrays.copyOf(packet, inner.length()));
            }
        }
        return intact;
    }

    private static byte[] wrapped(String tags, byte... packet) {
        return Frames.tagged(Frames.B, Frames.A, tags, packet);
    }

    private static List<byte[]> splitFrame(Merger.Run run) {
        return VirtioNetHeader.gsoType(run.virtio(), 0) == VirtioNetHeader.GSO_NONE
                ? List.of(run.bytes())
                : Merger.splitFrame(run.bytes(), run.virtio());
    }

    @Test
    void framesOfDifferentHeadersStayApart() {
        byte[] first = segment(0);
        byte[] second = segment(1);

        assertThat(groups(wrapped("", first), wrapped("", second))).containsExactly(List.of(0, 1));
        assertThat(groups(wrapped("", first), wrapped("81000007", second))).hasSize(2);
        assertThat(groups(wrapped("81000006", first), wrapped("81000007", second)))
                .hasSize(2);
        assertThat(groups(wrapped("", first), Frames.ip(Frames.A, Frames.A, second)))
                .hasSize(2);
        assertThat(groups(wrapped("", first), Naive.join(wrapped("", second), new byte[6])))
                .hasSize(2);
    }

    private static byte[] segment(int number) {
        return PacketBuilder.ipv4()
                .tcp(1, 2)
                .flags(0x10)
                .sequence(100 * number)
                .payload(100)
                .build();
    }

    private static List<List<Integer>> groups(byte[]... frames) {
        return Merger.mergeFrames(List.of(frames)).stream()
                .map(Merger.Run::packets)
                .toList();
    }

    @Test
    void framesWithoutIpStayAsTheyAre() {
        byte[] arp = Frames.arpRequest(Frames.A, "0a2a0001");
        byte[] other = Frames.other(Frames.B, Frames.A, "8847", PacketBuilder.pattern(40));
        assertThat(Merger.mergeFrames(List.of(arp, other, arp)).stream().map(Merger.Run::bytes))
                .containsExactly(arp, other, arp);
    }

    @Test
    void fragmentsCarryTheEthernetHeaderEach() {
        byte[] packet =
                PacketBuilder.ipv4().dontFragment(false).udp(1, 2).payload(3000).build();
        byte[] bytes = wrapped("81000007", packet);
        Fragmentation ofFrame = new Fragmentation();
        ofFrame.begin(Frames.parse(bytes), 1018);
        Fragmentation ofPacket = new Fragmentation();
        ofPacket.begin(Merger.parse(packet), 1000);

        assertThat(ofFrame.pieces()).isEqualTo(ofPacket.pieces()).isGreaterThan(2);
        assertThat(ofFrame.totalBytes()).isEqualTo(ofPacket.totalBytes() + 18 * ofPacket.pieces());
        for (int i = 0; i < ofFrame.pieces(); i++) {
            assertThat(piece(ofFrame, i, bytes)).isEqualTo(wrapped("81000007", piece(ofPacket, i, packet)));
        }
    }

    @Test
    void copyIsTheFrame() {
        byte[] bytes = Frames.arpRequest(Frames.A, "0a2a0001");
        Copy copy = new Copy();
        copy.begin(Frames.parse(bytes));
        assertThat(piece(copy, 0, bytes)).isEqualTo(bytes);
        assertThat(copy.totalBytes()).isEqualTo(bytes.length).isEqualTo(copy.largestBytes());
        assertThat(copy.pieces()).isEqualTo(1);
        assertThat(copy.sum(0, ByteBuffer.allocate(0), 0))
                .isEqualTo(Checksum.sum(ByteBuffer.wrap(bytes), 0, bytes.length));
    }

    private static byte[] piece(Cut cut, int i, byte... bytes) {
        byte[] header = new byte[cut.headerBytes() + Cut.SLACK_BYTES];
        cut.writeHeader(i, ByteBuffer.wrap(header), 0);
        return Naive.join(
                Arrays.copyOf(header, cut.headerBytes()),
                Arrays.copyOfRange(bytes, cut.payloadOffset(i), cut.payloadOffset(i) + cut.payloadLength(i)));
    }
}
