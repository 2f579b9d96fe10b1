package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FragmentationTest {

    private static List<byte[]> fragments(byte[] packet, int mtuBytes) {
        Fragmentation fragmentation = new Fragmentation();
        fragmentation.begin(Merger.parse(packet), mtuBytes);
        List<byte[]> fragments = new ArrayList<>();
        for (int i = 0; i < fragmentation.pieces(); i++) {
            byte[] header = new byte[3 + fragmentation.headerBytes()];
            fragmentation.writeHeader(i, ByteBuffer.wrap(header), 3);
            int from = fragmentation.payloadOffset(i);
            fragments.add(Naive.join(
                    Arrays.copyOfRange(header, 3, header.length),
                    Arrays.copyOfRange(packet, from, from + fragmentation.payloadLength(i))));
        }
        assertThat(fragmentation.totalBytes())
                .isEqualTo(
                        fragments.stream().mapToInt(fragment -> fragment.length).sum());
        return fragments;
    }

    private static PacketBuilder packet() {
        return PacketBuilder.ipv4().dontFragment(false).id(4711).tos(0x12).ttl(33);
    }

    @ParameterizedTest
    @CsvSource({"1472, 1000, 2", "3000, 1400, 3", "65507, 1472, 46", "1973, 1000, 3", "1096, 1128, 1"})
    void fragmentsAreThoseOfTheRfc(int payload, int mtu, int count) {
        byte[] packet = packet().payload(payload).build();

        List<byte[]> fragments = fragments(packet, mtu);

        assertThat(fragments).hasSize(count);
        byte[] data = Arrays.copyOfRange(packet, 20, packet.length);
        int step = (mtu - 20) / 8 * 8;
        for (int i = 0; i < count; i++) {
            byte[] part = Arrays.copyOfRange(data, i * step, Math.min((i + 1) * step, data.length));
            assertThat(fragments.get(i))
                    .as("fragment %d", i)
                    .hasSizeLessThanOrEqualTo(mtu)
                    .isEqualTo(packet().fragment(i * step, i < count - 1)
                            .transport(Ip.UDP, part)
                            .build());
        }
    }

    @Test
    void fragmentCanBeCutAgain() {
        byte[] middle = packet().fragment(800, true)
                .transport(Ip.UDP, PacketBuilder.pattern(1600))
                .build();
        List<byte[]> fragments = fragments(middle, 820);
        assertThat(fragments.stream().map(fragment -> Naive.u16(fragment, 6)))
                .containsExactly(0x2000 | 100, 0x2000 | 200);
        byte[] last = packet().fragment(800, false)
                .transport(Ip.UDP, PacketBuilder.pattern(1600))
                .build();
        assertThat(fragments(last, 820).stream().map(fragment -> Naive.u16(fragment, 6)))
                .containsExactly(0x2000 | 100, 200);
    }

    @Test
    void onlyOptionsToBeCopiedAreInLaterFragments() {
        byte[] options = {(byte) 0x94, 4, 0, 0, 7, 7, 4, 1, 2, 3, 4, 1};
        byte[] packet = packet().ipOptions(options).payload(1000).build();

        List<byte[]> fragments = fragments(packet, 632);

        assertThat(fragments).hasSize(2);
        assertThat(Arrays.copyOfRange(fragments.get(0), 20, 32)).isEqualTo(options);
        assertThat(Arrays.copyOfRange(fragments.get(1), 20, 32))
                .isEqualTo(new byte[] {(byte) 0x94, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1});
        assertThat(fragments)
                .allSatisfy(fragment ->
                        assertThat(Naive.checksum(Arrays.copyOf(fragment, 32))).isZero());
    }

    /** Also where options are malformed, and where a fragment claims an impossible place. */
    @Test
    void payloadOfAllFragmentsIsThatOfThePacket() {
        long seed = 19;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] options = new byte[4 * random.nextInt(11)];
            random.nextBytes(options);
            byte[] transport = new byte[random.nextInt(3000)];
            random.nextBytes(transport);
            PacketBuilder builder = packet().ipOptions(options);
            if (random.nextBoolean()) {
                builder.fragment(8 * random.nextInt(8192), random.nextBoolean());
            }
            byte[] packet = builder.transport(Ip.UDP, transport).build();
            int mtu = 68 + random.nextInt(1500);
            byte[] all = {};
            int place = Naive.u16(packet, 6) & 0x1fff;
            for (byte[] fragment : fragments(packet, mtu)) {
                int header = 20 + options.length;
                assertThat(fragment).as("seed %d, input %d", seed, i).hasSizeLessThanOrEqualTo(Math.max(mtu, header));
                assertThat(Naive.u16(fragment, 2)).isEqualTo(fragment.length);
                assertThat(Naive.checksum(Arrays.copyOf(fragment, header))).isZero();
                assertThat(Naive.u16(fragment, 6) & 0x1fff).isEqualTo(place + all.length / 8 & 0x1fff);
                all = Naive.join(all, Arrays.copyOfRange(fragment, header, fragment.length));
            }
            assertThat(all).as("seed %d, input %d", seed, i).isEqualTo(transport);
        }
    }
}
