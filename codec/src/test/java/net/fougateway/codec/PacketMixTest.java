package net.fougateway.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PacketMixTest {

    private static final int PACKETS = 10_000;
    private static final int FEW = 20;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(VirtioNetHeader.BYTES + Ip.MAX_PACKET_BYTES);
    private final InnerPacket packet = new InnerPacket();
    private final Map<String, Integer> seen = new HashMap<>();

    @BeforeEach
    void look() {
        PacketMix mix = new PacketMix();
        for (int i = 0; i < PACKETS; i++) {
            int length = mix.write(buffer) - VirtioNetHeader.BYTES;
            DropReason verdict = packet.parse(buffer, VirtioNetHeader.BYTES, length);
            count(verdict == null ? "well formed" : verdict.name());
            if (verdict == null) {
                countKinds();
            }
        }
    }

    private void countKinds() {
        boolean tcp = packet.protocol() == Ip.TCP && packet.transportLength() >= Ip.TCP_HEADER_BYTES;
        count("protocol " + packet.protocol() + (packet.isIpv4() ? " in IPv4" : " in IPv6"));
        count("length mod 2 = " + packet.length() % 2);
        count(packet.isFragment() ? "fragment" : "whole");
        count(VirtioNetHeader.needsChecksum(buffer, 0) ? "unfinished" : "finished");
        count("GSO " + VirtioNetHeader.gsoType(buffer, 0));
        if (tcp && packet.transportLength() == Ip.TCP_HEADER_BYTES) {
            count("TCP without options and payload");
        }
        if (tcp && (Bytes.u8(buffer, packet.transportOffset() + Ip.TCP_FLAGS) & Ip.TCP_SYN) != 0) {
            int before = Bytes.u16(buffer, packet.transportOffset() + Ip.TCP_HEADER_BYTES + 2);
            MssClamp.clamp(packet, 1400, true);
            int after = Bytes.u16(buffer, packet.transportOffset() + Ip.TCP_HEADER_BYTES + 2);
            count(before == after ? "SYN left alone" : "SYN clamped");
        }
    }

    private void count(String kind) {
        seen.merge(kind, 1, Integer::sum);
    }

    @Test
    void hasEveryKindManyTimes() {
        for (String kind : List.of(
                "well formed",
                DropReason.HDR_TRUNC.name(),
                "protocol 6 in IPv4",
                "protocol 6 in IPv6",
                "protocol 17 in IPv4",
                "protocol 17 in IPv6",
                "protocol 1 in IPv4",
                "protocol 58 in IPv6",
                "length mod 2 = 0",
                "length mod 2 = 1",
                "fragment",
                "whole",
                "unfinished",
                "finished",
                "GSO " + VirtioNetHeader.GSO_NONE,
                "GSO " + VirtioNetHeader.GSO_TCPV4,
                "GSO " + VirtioNetHeader.GSO_TCPV6,
                "GSO " + VirtioNetHeader.GSO_UDP_L4,
                "SYN clamped",
                "SYN left alone")) {
            assertTrue(seen.getOrDefault(kind, 0) >= FEW, () -> kind + " in " + seen);
        }
    }

    @Test
    void isAlwaysTheSame() {
        Map<String, Integer> before = Map.copyOf(seen);
        seen.clear();

        look();

        assertEquals(before, seen);
    }
}
