package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What a {@link Coalescer} does with whole batches, whatever its packets are. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class CoalescerBatchTest extends CoalescerCase {

    CoalescerBatchTest(boolean ipv4) {
        super(ipv4);
    }

    @Test
    void fragmentOfTheBatchBeforeKeepsNobodyApart() {
        Coalescer coalescer = new Coalescer(8, true, true, true);
        Merger.merge(coalescer, List.of(udp(0).build(), udp(1).fragment(0, true).build()), new int[2]);
        assertThat(Merger.merge(coalescer, List.of(udp(1).build(), udp(2).build()), new int[2]))
                .extracting(Merger.Run::packets)
                .containsExactly(List.of(0, 1));
    }

    @Test
    void tagsKeepPacketsApart() {
        List<byte[]> packets = List.of(tcp(0).build(), tcp(1).build(), tcp(2).build());
        Coalescer coalescer = new Coalescer(8, true, true, true);
        assertThat(Merger.merge(coalescer, packets, new int[] {5, 5, 6}))
                .extracting(Merger.Run::packets)
                .containsExactly(List.of(0, 1), List.of(2));
        assertThat(coalescer.tag(0)).isEqualTo(5);
        assertThat(coalescer.tag(1)).isEqualTo(6);
    }

    @Test
    void aDeviceWithoutTheOffloadGetsPlainPackets() {
        List<byte[]> packets = List.of(tcp(0).build(), tcp(1).build(), udp(0).build(), udp(1).build());
        assertThat(Merger.merge(new Coalescer(8, false, false, true), packets, new int[4]))
                .extracting(Merger.Run::packets)
                .containsExactly(List.of(0), List.of(1), List.of(2, 3));
        assertThat(Merger.merge(new Coalescer(8, true, true, false), packets, new int[4]))
                .extracting(Merger.Run::packets)
                .containsExactly(List.of(0, 1), List.of(2), List.of(3));
    }

    @Test
    void aRunHasAtMostSoManySegmentsAndBytes() {
        byte[][] small = IntStream.range(0, Coalescer.MAX_SEGMENTS + 1)
                .mapToObj(i -> tcp(i).build())
                .toArray(byte[][]::new);
        assertThat(Merger.groups(small)).extracting(List::size).containsExactly(Coalescer.MAX_SEGMENTS, 1);
        byte[][] large = IntStream.range(0, 50)
                .mapToObj(i -> tcp(0).sequence(i * 1400).payload(1400).build())
                .toArray(byte[][]::new);
        assertThat(Merger.groups(large)).extracting(List::size).containsExactly(46, 4);
    }

    @Test
    void aCoalescerForgetsTheBatchBefore() {
        Coalescer coalescer = new Coalescer(2, true, true, true);
        assertThat(Merger.merge(coalescer, List.of(tcp(0).build()), new int[1])).hasSize(1);
        assertThat(Merger.merge(coalescer, List.of(tcp(1).build(), tcp(2).build()), new int[2]))
                .extracting(Merger.Run::packets)
                .containsExactly(List.of(0, 1));
        assertThat(coalescer.isFull()).isTrue();
        assertThat(coalescer.totalBytes(0)).isEqualTo(2 * tcp(0).build().length);
    }
}
