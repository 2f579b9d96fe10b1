package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FouDecapsulatorTest {

    private final InnerPacket inner = new InnerPacket();

    private DropReason decapsulate(byte[] bytes, int ipproto) {
        return FouDecapsulator.decapsulate(ByteBuffer.wrap(bytes), 0, bytes.length, ipproto, inner);
    }

    @Test
    void aPortForAnyProtocolTakesBothFamilies() {
        assertThat(decapsulate(PacketBuilder.ipv4().build(), FouDecapsulator.ANY))
                .isNull();
        assertThat(decapsulate(PacketBuilder.ipv6().build(), FouDecapsulator.ANY))
                .isNull();
    }

    @Test
    void aPortForOneProtocolTakesThatOnly() {
        assertThat(decapsulate(PacketBuilder.ipv4().build(), Ip.IPIP)).isNull();
        assertThat(decapsulate(PacketBuilder.ipv6().build(), Ip.IPV6)).isNull();
        assertThat(decapsulate(PacketBuilder.ipv4().build(), Ip.IPV6)).isEqualTo(DropReason.UNHANDLED_PROTO);
        assertThat(decapsulate(PacketBuilder.ipv6().build(), Ip.IPIP)).isEqualTo(DropReason.UNHANDLED_PROTO);
    }

    @Test
    void aBadHeaderChecksumIsMalformed() {
        assertThat(decapsulate(PacketBuilder.ipv4().badIpChecksum().build(), FouDecapsulator.ANY))
                .isEqualTo(DropReason.IP_INHDR);
    }

    @Test
    void anEmptyDatagramIsTooSmall() {
        assertThat(decapsulate(new byte[0], FouDecapsulator.ANY)).isEqualTo(DropReason.PKT_TOO_SMALL);
    }

    @Test
    void theTransportChecksumIsNobodysBusinessHere() {
        assertThat(decapsulate(PacketBuilder.ipv4().payload(9).badChecksum().build(), FouDecapsulator.ANY))
                .isNull();
    }

    /** Whatever passes goes on through everything that comes behind, in a buffer that ends with it. */
    @Test
    void rubbishNeverThrows() {
        long seed = 7;
        Random random = new Random(seed);
        Coalescer coalescer = new Coalescer(8, true, true, true);
        ByteBuffer virtio = ByteBuffer.allocate(VirtioNetHeader.BYTES);
        int passed = 0;
        for (int i = 0; i < 300_000; i++) {
            byte[] bytes = i % 3 == 0 ? Mutations.random(random) : Mutations.mutated(random);
            DropReason verdict = decapsulate(bytes, new int[] {0, 4, 41}[random.nextInt(3)]);
            if (verdict != null) {
                assertThat(verdict.in(Direction.UDP_TO_TUN))
                        .as("seed %d, input %d", seed, i)
                        .isTrue();
                continue;
            }
            passed++;
            coalescer.begin(inner.buffer());
            coalescer.add(inner, 0);
            coalescer.add(inner, 0);
            for (int run = 0; run < coalescer.runs(); run++) {
                coalescer.finish(run, virtio, 0);
            }
            assertThat(coalescer.runs()).as("seed %d, input %d", seed, i).isBetween(1, 2);
        }
        assertThat(passed).isGreaterThan(30_000);
    }
}
