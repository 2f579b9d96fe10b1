package net.fougateway.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunnelPacketTest {

    private static final String OUTER = "45000050000040004011b8c5c0a87f97c0a87f98";
    private static final String UDP = "a11215b3003c0000";

    @ParameterizedTest
    @CsvSource({
        "450000281234400040060000 0a0a0a01 0a0a0a02 9c441e61 000000000000000050020000 00000000 0000000000000000 00000000,"
                + " 10.10.10.1:40004 > 10.10.10.2:7777 TCP",
        "450000341234400040010000 0a0a0a01 0a0a0a02 080012340001000100000000000000000000000000000000 0000000000000000,"
                + " 10.10.10.1 > 10.10.10.2 ICMP",
        "6000000000083a40 fd000010000000000000000000000001 fd000010000000000000000000000002 8000123400010001 00000000,"
                + " fd00:10::1 > fd00:10::2 ICMPv6",
        "450000141234400040320000 0a0a0a01 0a0a0a02 0000000000000000000000000000000000000000000000000000000000000000,"
                + " 10.10.10.1 > 10.10.10.2 protocol 50",
    })
    void saysWhatIsInside(String inner, String text) {
        TunnelPacket packet = parse(OUTER + UDP + inner.replace(" ", ""));
        assertThat(packet).hasToString("192.168.127.151:41234 > 192.168.127.152:5555 UDP | " + text);
    }

    @ParameterizedTest
    @CsvSource({
        "4500001c000040004001b8c5c0a87f97c0a87f98 0800123400010001",
        "4500001c000040004011b8c5c0a87f97c0a87f98 a11215b300080000",
        "4500",
    })
    void knowsWhatIsNotOfTheTunnel(String packet) {
        assertThat(parse(packet.replace(" ", ""))).isNull();
    }

    private static TunnelPacket parse(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return TunnelPacket.parse(ByteBuffer.wrap(bytes), bytes.length);
    }
}
