package net.fougateway.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.route.Prefix;
import org.junit.jupiter.api.Test;

final class NetlinkMessageTest {

    private static final int NLM_F_CAPPED_ACK_TLVS = 0x300;

    @Test
    void requestReadsBackAsMessage() throws Exception {
        ByteBuffer request = new NetlinkRequest(24, 0x600)
                .bytes(Sockets.AF_INET6, 64, 0, 0)
                .attribute(1, InetAddress.getByName("fd00:42::"))
                .attribute(3, "fou0")
                .attributeU32(4, 7)
                .finish(99, 5);

        NetlinkMessage message = NetlinkMessage.parse(request).get(0);

        assertThat(message.type()).isEqualTo(24);
        assertThat(message.flags()).isEqualTo(0x605);
        assertThat(message.sequence()).isEqualTo(99);
        assertThat(message.payload().get(1)).isEqualTo((byte) 64);
        NetlinkAttributes attributes = message.attributes(4);
        assertThat(attributes.address(1)).contains(InetAddress.getByName("fd00:42::"));
        assertThat(attributes.text(3)).contains("fou0");
        assertThat(attributes.u32(4)).contains(7);
        assertThat(attributes.u32(5)).isEmpty();
    }

    @Test
    void requestCanBeSentTwice() {
        NetlinkRequest request = new NetlinkRequest(26, 0).u32(1);
        ByteBuffer first = request.finish(1, 1);
        int length = first.remaining();
        assertThat(request.finish(2, 1).remaining()).isEqualTo(length).isEqualTo(20);
    }

    @Test
    void errorCarriesTheKernelsExplanation() {
        NetlinkMessage capped = parse(new NetlinkRequest(2, NLM_F_CAPPED_ACK_TLVS)
                .u32(-22)
                .bytes(new int[NetlinkMessage.HEADER_BYTES])
                .attribute(1, "Nexthop has invalid gateway"));
        assertThat(capped.isLast()).isTrue();
        assertThat(capped.errno()).isEqualTo(Errno.EINVAL.number());
        assertThat(capped.extendedAcknowledgement()).contains("Nexthop has invalid gateway");
    }

    @Test
    void explanationFollowsTheEchoedRequest() {
        NetlinkMessage echoed = parse(new NetlinkRequest(2, 0x200)
                .u32(-17)
                .u32(20)
                .bytes(new int[NetlinkMessage.HEADER_BYTES])
                .attribute(1, "taken"));
        assertThat(echoed.extendedAcknowledgement()).contains("taken");
        NetlinkMessage done = parse(new NetlinkRequest(3, 0x200).u32(-2).attribute(1, "no table"));
        assertThat(done.extendedAcknowledgement()).contains("no table");
    }

    @Test
    void brokenLengthsEndTheParsing() {
        ByteBuffer datagram = ByteBuffer.allocate(40).order(ByteOrder.nativeOrder());
        datagram.putInt(0, 16).putInt(16, 400);
        assertThat(NetlinkMessage.parse(datagram)).hasSize(1);
        ByteBuffer attributes = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder());
        attributes.putShort(0, (short) 8).putShort(2, (short) 1).putShort(8, (short) 3);
        assertThat(new NetlinkAttributes(attributes).u32(1)).contains(0);
    }

    @Test
    void multipathRouteHasOneLegPerNextHop() throws Exception {
        NetlinkMessage message = parse(new NetlinkRequest(24, 0)
                .bytes(Sockets.AF_INET, 0, 0, 0, RouteMessage.RT_TABLE_MAIN, 4, 0, RouteMessage.RTN_UNICAST)
                .u32(0)
                .attribute(9, nextHops()));
        InetAddress gateway = InetAddress.getByName("fe80::1");
        Prefix any = new Prefix(InetAddress.getByName("0.0.0.0"), 0);
        assertThat(new RouteMessage(message).legs(Map.of(3, "eth0", 4, "eth1")))
                .isEqualTo(List.of(new Route(any, "eth0"), new Route(any, "eth1", Optional.of(gateway))));
    }

    private static byte[] nextHops() throws Exception {
        ByteBuffer hops = ByteBuffer.allocate(40).order(ByteOrder.nativeOrder());
        hops.putShort((short) 8).putShort((short) 0).putInt(3);
        hops.putShort((short) 30).putShort((short) 0).putInt(4);
        hops.putShort((short) 22).putShort((short) RouteMessage.RTA_VIA).putShort((short) Sockets.AF_INET6);
        hops.put(InetAddress.getByName("fe80::1").getAddress());
        return hops.array();
    }

    @Test
    void mappedAddressStaysIpv6() {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        assertThat(NetlinkAttributes.toAddress(mapped).getAddress()).hasSize(16);
    }

    @Test
    void errorNumbersHaveNamesAndTexts() {
        assertThat(Errno.nameOf(2)).isEqualTo("ENOENT");
        assertThat(Errno.nameOf(113)).isEqualTo("EHOSTUNREACH");
        assertThat(Errno.nameOf(0)).isEqualTo("errno_0");
        assertThat(Errno.nameOf(4000)).isEqualTo("errno_4000");
        assertThat(Errno.text(2)).isEqualTo("No such file or directory");
    }

    private static NetlinkMessage parse(NetlinkRequest request) {
        return NetlinkMessage.parse(request.finish(1, 0)).get(0);
    }
}
