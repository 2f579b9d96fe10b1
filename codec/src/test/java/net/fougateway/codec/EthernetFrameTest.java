package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EthernetFrameTest {

    private static final byte[] PACKET =
            PacketBuilder.ipv4().tos(0x2b).udp(1000, 53).payload(40).build();

    private final EthernetFrame frame = new EthernetFrame();

    private DropReason parse(byte... bytes) {
        return frame.parse(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    @ParameterizedTest
    @CsvSource({"'', 14, 0", "81002007, 18, 7", "88a80064 81000007, 22, 100", "88a80fff, 18, 4095"})
    void ipIsFoundBehindTags(String tags, int headerBytes, int vlan) {
        byte[] bytes = Frames.tagged(Frames.B, Frames.A, tags, PACKET);

        assertThat(parse(bytes)).isNull();

        assertThat(frame.source()).isEqualTo(0x02000000000aL);
        assertThat(frame.destination()).isEqualTo(0x02000000000bL);
        assertThat(frame.vlan()).isEqualTo(vlan);
        assertThat(frame.etherType()).isEqualTo(0x0800);
        assertThat(frame.linkBytes()).isEqualTo(headerBytes);
        assertThat(frame.offset()).isEqualTo(headerBytes);
        assertThat(frame.frameOffset()).isZero();
        assertThat(frame.frameBytes()).isEqualTo(bytes.length);
        assertThat(frame.isIp() && frame.isIpv4()).isTrue();
        assertThat(frame.trafficClass()).isEqualTo(0x2b);
        assertThat(frame.transportLength()).isEqualTo(48);
        assertThat(frame.isPadded()).isFalse();
    }

    @Test
    void thirdTagIsAPayloadLikeAnyOther() {
        assertThat(parse(Frames.tagged(Frames.B, Frames.A, "8100000181000002 81000003", PACKET)))
                .isNull();
        assertThat(frame.isIp()).isFalse();
        assertThat(frame.linkBytes()).isEqualTo(EthernetFrame.MAX_HEADER_BYTES);
        assertThat(frame.etherType()).isEqualTo(0x8100);
    }

    @Test
    void whatHasNoIpGoesByItsMacAddresses() {
        assertThat(parse(Frames.arpRequest(Frames.A, "0a2a0001"))).isNull();

        assertThat(frame.isIp() || frame.isIpv4() || frame.isFragment()).isFalse();
        assertThat(frame.sourceHigh()).isEqualTo(frame.source());
        assertThat(frame.destinationHigh()).isEqualTo(EthernetFrame.BROADCAST);
        assertThat(frame.isDontFragment()).isTrue();
        assertThat(frame.trafficClass()).isZero();
        assertThat(frame.transportLength()).isZero();
        assertThat(frame.isHeaderIntact()).isTrue();
    }

    @Test
    void flowsWithoutIpAreToldApartByMacAddressesAndEtherType() {
        FlowHash hash = new FlowHash(1);
        int one = hash.of(Frames.parse(Frames.other(Frames.B, Frames.A, "8847", new byte[40])));
        byte[] other = new byte[40];
        Arrays.fill(other, (byte) 9);

        assertThat(hash.of(Frames.parse(Frames.other(Frames.B, Frames.A, "8847", other))))
                .isEqualTo(one);
        assertThat(hash.of(Frames.parse(Frames.other(Frames.A, Frames.B, "8847", other))))
                .isNotEqualTo(one);
        assertThat(hash.of(Frames.parse(Frames.other(Frames.B, Frames.A, "8863", other))))
                .isNotEqualTo(one);
    }

    /** A flow has the same source port, whichever device it comes from. */
    @Test
    void flowHashIsThatOfThePacketInside() {
        FlowHash hash = new FlowHash(1);
        byte[] bytes = Frames.tagged(Frames.B, Frames.A, "81000007", PACKET);
        assertThat(hash.of(Frames.parse(bytes))).isEqualTo(hash.of(Merger.parse(PACKET)));
    }

    @Test
    void paddingBelongsToTheFrame() {
        byte[] bytes = Frames.padded(Frames.ip(
                Frames.B, Frames.A, PacketBuilder.ipv4().udp(1, 2).payload(1).build()));

        assertThat(parse(bytes)).isNull();

        assertThat(frame.isPadded()).isTrue();
        assertThat(frame.length()).isEqualTo(29);
        assertThat(frame.frameBytes()).isEqualTo(60);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13})
    void runtIsTooSmall(int bytes) {
        assertThat(parse(new byte[bytes])).isEqualTo(DropReason.PKT_TOO_SMALL);
    }

    @ParameterizedTest
    @CsvSource({
        "8100, HDR_TRUNC",
        "8100000088a800, HDR_TRUNC",
        "0800, PKT_TOO_SMALL",
        "08006500, PKT_TOO_SMALL",
        "86dd6000, PKT_TOO_SMALL"
    })
    void whatIsCutShortIsRefused(String rest, DropReason expected) {
        assertThat(parse(Frames.bytes(Frames.B + Frames.A + rest))).isEqualTo(expected);
    }

    @Test
    void etherTypeAndVersionMustAgree() {
        byte[] packet = PacketBuilder.ipv6().udp(1, 2).payload(30).build();
        assertThat(parse(Frames.other(Frames.B, Frames.A, "0800", packet))).isEqualTo(DropReason.UNHANDLED_PROTO);
        assertThat(parse(Frames.other(Frames.B, Frames.A, "86dd", PACKET))).isEqualTo(DropReason.UNHANDLED_PROTO);
    }

    @Test
    void answerGoesBackOnTheSameVlan() {
        byte[] bytes = Frames.tagged(Frames.B, Frames.A, "81000007", PACKET);
        ByteBuffer out = ByteBuffer.allocate(30);

        assertThat(Frames.parse(bytes).writeLinkHeaderOfAnswer(out, 2)).isEqualTo(18);

        assertThat(Arrays.copyOfRange(out.array(), 2, 20))
                .isEqualTo(Frames.bytes(Frames.A + Frames.B + "81000007" + "0800"));
    }

    @ParameterizedTest
    @CsvSource({
        "02:00:00:00:00:01, true",
        "00:00:00:00:00:00, false",
        "01:00:5e:00:00:01, false",
        "ff:ff:ff:ff:ff:ff, false"
    })
    void onlyOneMachineIsASource(String mac, boolean source) {
        EthernetFrame parsed = Frames.parse(Frames.ip(Frames.B, mac, PACKET));
        assertThat(EthernetFrame.isSource(parsed.source())).isEqualTo(source);
        byte[] error = new byte[IcmpError.MAX_BYTES];
        assertThat(IcmpError.write(IcmpError.Kind.UNREACHABLE, 0, parsed, ByteBuffer.wrap(error), 0) > 0)
                .isEqualTo(source);
    }

    @Test
    void noErrorAboutWhatWentToAll() {
        ByteBuffer out = ByteBuffer.allocate(IcmpError.MAX_BYTES);
        EthernetFrame toAll = Frames.parse(Frames.ip(Frames.ALL, Frames.A, PACKET));
        EthernetFrame arp = Frames.parse(Frames.other(Frames.B, Frames.A, "0806", new byte[28]));
        assertThat(IcmpError.write(IcmpError.Kind.TOO_BIG, 1400, toAll, out, 0)).isZero();
        assertThat(IcmpError.write(IcmpError.Kind.TOO_BIG, 1400, arp, out, 0)).isZero();
    }

    /** Whatever the bytes: a verdict, or parts that lie inside the frame. */
    @Test
    void rubbishNeverThrowsAndPartsLieInside() {
        long seed = 17;
        Random random = new Random(seed);
        int good = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] inside = i % 2 == 0 ? Mutations.random(random) : Mutations.mutated(random);
            String[] types = {"0800", "86dd", "81000001", "88a8000181000002 86dd", "0806", ""};
            byte[] bytes = Naive.join(Frames.bytes(Frames.B + Frames.A + types[random.nextInt(types.length)]), inside);
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length);
            if (parse(cut) == null) {
                good++;
                assertThat(frame.linkBytes()).as("seed %d, round %d", seed, i).isBetween(14, 22);
                assertThat(frame.end()).as("seed %d, round %d", seed, i).isLessThanOrEqualTo(cut.length);
                assertThat(frame.transportOffset()).isBetween(frame.offset(), frame.end());
            }
        }
        assertThat(good).isGreaterThan(20_000);
    }
}
