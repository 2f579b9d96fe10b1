package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IcmpErrorTest {

    private static final int GAP = 10;

    private final ByteBuffer out = ByteBuffer.allocate(GAP + IcmpError.MAX_BYTES);

    private byte[] error(IcmpError.Kind kind, int mtuBytes, byte[] about) {
        return error(kind, mtuBytes, Merger.parse(about));
    }

    private byte[] error(IcmpError.Kind kind, int mtuBytes, InnerPacket about) {
        Arrays.fill(out.array(), (byte) 0xee);
        int length = IcmpError.write(kind, mtuBytes, about, out, GAP);
        return Arrays.copyOfRange(out.array(), GAP, GAP + length);
    }

    private byte[] unreachable(PacketBuilder about) {
        return error(IcmpError.Kind.UNREACHABLE, 0, about.build());
    }

    @ParameterizedTest
    @CsvSource({"TOO_BIG, 3, 4, 1400", "UNREACHABLE, 3, 1, 0", "TIME_EXCEEDED, 11, 0, 0"})
    void ipv4ErrorIsThatOfTheRfcs(IcmpError.Kind kind, int type, int code, int mtu) {
        byte[] about = PacketBuilder.ipv4().tos(0x13).payload(100).build();

        byte[] error = error(kind, 1400, about);

        byte[] message = icmp(type, code, mtu, about);
        assertThat(error)
                .isEqualTo(PacketBuilder.ipv4()
                        .from("10.2.0.2")
                        .to("10.1.0.1")
                        .tos(0xc0)
                        .id(0)
                        .transport(Ip.ICMP, message)
                        .build());
        assertThat(Naive.checksum(message)).isZero();
    }

    private static byte[] icmp(int type, int code, int rest, byte[] quoted) {
        byte[] message = Naive.join(new byte[] {(byte) type, (byte) code, 0, 0, 0, 0, 0, 0}, quoted);
        Naive.put16(message, 6, rest);
        Naive.put16(message, 2, Naive.checksum(message));
        return message;
    }

    @ParameterizedTest
    @CsvSource({"TOO_BIG, 2, 0, 1400", "UNREACHABLE, 1, 3, 0", "TIME_EXCEEDED, 3, 0, 0"})
    void ipv6ErrorIsThatOfTheRfc(IcmpError.Kind kind, int type, int code, int mtu) {
        byte[] about = PacketBuilder.ipv6().payload(101).build();

        byte[] error = error(kind, 1400, about);

        byte[] message = icmp(type, code, mtu, about);
        PacketBuilder answer = PacketBuilder.ipv6().from("fd00:2::2").to("fd00:1::1");
        byte[] header = answer.transport(Ip.ICMPV6, message).build();
        Naive.put16(message, 2, 0);
        Naive.put16(message, 2, Naive.checksum(Naive.pseudoHeader(header, Ip.ICMPV6, message.length), message));
        assertThat(error).isEqualTo(answer.transport(Ip.ICMPV6, message).build());
    }

    @ParameterizedTest
    @CsvSource({
        "true, 2000, 576",
        "true, 520, 576",
        "true, 519, 575",
        "true, 60000, 576",
        "false, 2000, 1280",
        "false, 1184, 1280",
        "false, 1183, 1279",
        "false, 60000, 1280"
    })
    void quoteEndsWhereTheErrorWouldBeTooLong(boolean ipv4, int payload, int length) {
        byte[] about = PacketBuilder.ip(ipv4).payload(payload).build();

        byte[] error = error(IcmpError.Kind.TOO_BIG, 1300, about);

        int quoteAt = ipv4 ? 28 : 48;
        assertThat(error).hasSize(length).endsWith(Arrays.copyOf(about, length - quoteAt));
        assertThat(Naive.problemsOfIcmp(error)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetThatWasQuotedItselfIsQuotedAsFarAsItGoes(boolean ipv4) {
        byte[] about = PacketBuilder.ip(ipv4).payload(1000).build();
        for (int length = ipv4 ? 20 : 40; length < 80; length++) {
            InnerPacket cut = new InnerPacket();
            assertThat(cut.parseQuoted(ByteBuffer.wrap(about), 0, length)).isNull();

            byte[] error = error(IcmpError.Kind.UNREACHABLE, 0, cut);

            assertThat(error).hasSize((ipv4 ? 28 : 48) + length).endsWith(Arrays.copyOf(about, length));
            assertThat(Naive.problemsOfIcmp(error)).isEmpty();
        }
    }

    @Test
    void noErrorAboutAnError() {
        for (int type = 0; type < 256; type++) {
            byte[] message = icmp(type, 0, 0, new byte[20]);
            boolean four = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
            assertThat(unreachable(PacketBuilder.ipv4().transport(Ip.ICMP, message)).length == 0)
                    .as("ICMP type %d", type)
                    .isEqualTo(four);
            assertThat(unreachable(PacketBuilder.ipv6().transport(Ip.ICMPV6, message)).length == 0)
                    .as("ICMPv6 type %d", type)
                    .isEqualTo(type < 128 || type == 137);
        }
    }

    @Test
    void noErrorAboutAnIcmpMessageWhoseTypeIsNotThere() {
        assertThat(unreachable(PacketBuilder.ipv4().transport(Ip.ICMP))).isEmpty();
        assertThat(unreachable(PacketBuilder.ipv6().transport(Ip.ICMPV6))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noErrorAboutAFragmentButTheFirst(boolean ipv4) {
        assertThat(unreachable(PacketBuilder.ip(ipv4).fragment(0, true).payload(64)))
                .isNotEmpty();
        assertThat(unreachable(PacketBuilder.ip(ipv4).fragment(64, true).payload(64)))
                .isEmpty();
        assertThat(unreachable(PacketBuilder.ip(ipv4).fragment(64, false).payload(64)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255"})
    void noErrorAboutIpv4ThatIsNotFromOneHostToAnother(String address) {
        assertThat(unreachable(PacketBuilder.ipv4().from(address))).isEmpty();
        assertThat(unreachable(PacketBuilder.ipv4().to(address))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "::1", "ff02::1", "ff0e::8"})
    void noErrorAboutIpv6ThatIsNotFromOneHostToAnother(String address) {
        assertThat(unreachable(PacketBuilder.ipv6().from(address))).isEmpty();
        assertThat(unreachable(PacketBuilder.ipv6().to(address))).isEmpty();
    }

    /** Whatever the packet, there is a complete error about it, or none. */
    @Test
    void rubbishNeverThrowsAndErrorsAreAlwaysWellFormed() {
        long seed = 11;
        Random random = new Random(seed);
        InnerPacket packet = new InnerPacket();
        int sent = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = i % 2 == 0 ? Mutations.random(random) : Mutations.mutated(random);
            if (packet.parseQuoted(ByteBuffer.wrap(bytes), 0, bytes.length) != null) {
                continue;
            }
            IcmpError.Kind[] kinds = IcmpError.Kind.values();
            byte[] error = error(kinds[i % kinds.length], 1280, packet);
            if (error.length > 0) {
                assertThat(Naive.problemsOfIcmp(error))
                        .as("seed %d, input %d", seed, i)
                        .isEmpty();
                assertThat(error(IcmpError.Kind.UNREACHABLE, 0, error)).isEmpty();
                sent++;
            }
        }
        assertThat(sent).isGreaterThan(20_000);
    }
}
