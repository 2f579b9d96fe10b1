package net.fougateway.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuperPacketTest {

    @ParameterizedTest
    @CsvSource({"4, 6", "4, 17", "6, 6", "6, 17"})
    void canBeCutIntoItsSegments(int version, int protocol) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(65_600);

        int length = SuperPacket.write(buffer, version, protocol, 43 * 1400 + 7, 1400) - VirtioNetHeader.BYTES;

        InnerPacket packet = new InnerPacket();
        Segmentation segmentation = new Segmentation();
        assertNull(packet.parse(buffer, VirtioNetHeader.BYTES, length));
        assertEquals(version == 4, packet.isIpv4());
        assertTrue(VirtioNetHeader.needsChecksum(buffer, 0));
        assertNull(segmentation.begin(packet, buffer, 0));
        assertEquals(44, segmentation.pieces());
        assertEquals(7, segmentation.payloadLength(43));
        byte[] last = Merger.split(bytes(buffer, length), buffer).get(43);
        assertEquals(List.of(), Naive.problems(last));
    }

    private static byte[] bytes(ByteBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.get(VirtioNetHeader.BYTES, bytes);
        return bytes;
    }
}
