package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Layout of {@code struct virtio_net_hdr}: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset. */
class VirtioNetHeaderTest {

    private static final int OFFSET = 3;

    @Test
    void readsTheFieldsInTheByteOrderOfTheHost() {
        ByteBuffer buffer = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
        buffer.put(OFFSET, (byte) 1);
        buffer.put(OFFSET + 1, (byte) (VirtioNetHeader.GSO_TCPV6 | 0x80));
        buffer.putShort(OFFSET + 2, (short) 60);
        buffer.putShort(OFFSET + 4, (short) 0xfff0);
        buffer.putShort(OFFSET + 6, (short) 40);
        buffer.putShort(OFFSET + 8, (short) 16);
        assertThat(VirtioNetHeader.needsChecksum(buffer, OFFSET)).isTrue();
        assertThat(VirtioNetHeader.gsoType(buffer, OFFSET)).isEqualTo(VirtioNetHeader.GSO_TCPV6);
        assertThat(VirtioNetHeader.gsoSize(buffer, OFFSET)).isEqualTo(0xfff0);
        assertThat(VirtioNetHeader.checksumStart(buffer, OFFSET)).isEqualTo(40);
        assertThat(VirtioNetHeader.checksumOffset(buffer, OFFSET)).isEqualTo(16);
        buffer.put(OFFSET, (byte) 2);
        assertThat(VirtioNetHeader.needsChecksum(buffer, OFFSET)).isFalse();
    }

    @Test
    void writesTheFieldsInTheByteOrderOfTheHost() {
        ByteBuffer buffer = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
        VirtioNetHeader.writeSuperPacket(buffer, OFFSET, VirtioNetHeader.GSO_UDP_L4, 48, 1400, 40, 6);
        assertThat(buffer.get(OFFSET)).isEqualTo((byte) 1);
        assertThat(buffer.get(OFFSET + 1)).isEqualTo((byte) 5);
        assertThat(buffer.getShort(OFFSET + 2)).isEqualTo((short) 48);
        assertThat(buffer.getShort(OFFSET + 4)).isEqualTo((short) 1400);
        assertThat(buffer.getShort(OFFSET + 6)).isEqualTo((short) 40);
        assertThat(buffer.getShort(OFFSET + 8)).isEqualTo((short) 6);
    }

    @Test
    void aPlainHeaderIsTenZeroes() {
        byte[] bytes = new byte[20];
        Arrays.fill(bytes, (byte) 0xaa);
        VirtioNetHeader.writePlain(ByteBuffer.wrap(bytes), OFFSET);
        byte[] expected = new byte[20];
        Arrays.fill(expected, (byte) 0xaa);
        Arrays.fill(expected, OFFSET, OFFSET + 10, (byte) 0);
        assertThat(bytes).isEqualTo(expected);
    }
}
