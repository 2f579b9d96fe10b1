package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedAddressTest {

    private static final EmbeddedAddress WHOLE = EmbeddedAddress.sixRapidDeployment(0x20010db8_00000000L, 32, 0, 0);
    private static final EmbeddedAddress TEN =
            EmbeddedAddress.sixRapidDeployment(0x20010db8_00000000L, 32, 10 << 24, 8);
    private static final EmbeddedAddress ONE =
            EmbeddedAddress.sixRapidDeployment(0x20010db8_00000000L, 64, 0x0a010203, 32);

    @SuppressWarnings("AddressSelection")
    private static byte[] bytes(String literal) throws UnknownHostException {
        return InetAddress.getByName(literal).getAddress();
    }

    private static EmbeddedAddress kind(String name) {
        return switch (name) {
            case "6to4" -> EmbeddedAddress.SIX_TO_FOUR;
            case "isatap" -> EmbeddedAddress.ISATAP;
            case "6rd" -> WHOLE;
            case "6rd of 10/8" -> TEN;
            default -> ONE;
        };
    }

    @ParameterizedTest
    @CsvSource({
        "6to4, 2002:c000:0201::1, 192.0.2.1",
        "6to4, 2003:c000:0201::1,",
        "6to4, 2002:e000:0001::1,", // multicast
        "6to4, 2002:7f00:0001::1,", // loopback
        "6to4, 2002:0000:0001::1,",
        "6to4, 2002:ffff:ffff::1,", // broadcast
        "isatap, fe80::5efe:192.0.2.1, 192.0.2.1",
        "isatap, 2001:db8::200:5efe:10.0.0.9, 10.0.0.9",
        "isatap, 2001:db8::100:5efe:10.0.0.9,",
        "isatap, 2001:db8::1,",
        "6rd, 2001:db8:c000:0201::1, 192.0.2.1",
        "6rd, 2001:db9:c000:0201::1,",
        "6rd of 10/8, 2001:db8:0102:03ff::1, 10.1.2.3",
        "6rd of one, 2001:db8::1, 10.1.2.3",
    })
    void theAddressIsFound(String kind, String ipv6, String ipv4) throws UnknownHostException {
        ByteBuffer address = ByteBuffer.wrap(bytes(ipv6));
        long expected = ipv4 == null
                ? EmbeddedAddress.NONE
                : ByteBuffer.wrap(bytes(ipv4)).getInt() & 0xffffffffL;

        assertThat(kind(kind).of(address.getLong(0), address.getLong(8))).isEqualTo(expected);
    }
}
