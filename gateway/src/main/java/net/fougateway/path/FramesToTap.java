package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Ecn;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.VxlanHeader;
import net.fougateway.ethernet.Switching;
import net.fougateway.tun.TunQueue;

/** The way in for Ethernet: as {@link UdpToTun}, but MAC addresses are checked and learned. */
final class FramesToTap extends UdpToTun {

    private final EthernetFrame frame;
    private Switching switching;
    private long nowMillis;

    FramesToTap(TunQueue tap, Coalescer coalescer, EthernetFrame frame, Books books, Accidents accidents) {
        super(tap, coalescer, frame, books, accidents);
        this.frame = frame;
    }

    @Override
    void use(Forwarding forwarding) {
        super.use(forwarding);
        switching = forwarding.switching();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        nowMillis = switching.nowMillis();
        super.channelRead(context, message);
    }

    /** As in the kernel ({@code IP_ECN_decapsulate}) what is not IP has no ECN, and is not dropped for it. */
    @Override
    int ecn(int outerTos) {
        return frame.isIp() ? super.ecn(outerTos) : Ecn.NOT_ECT;
    }

    @Override
    DropReason checkSource() {
        DropReason verdict = super.checkSource();
        VxlanHeader vxlan = vxlan();
        if (verdict == null && vxlan != null) {
            verdict = switching.checkNetwork(vxlan.vni(), peer());
        }
        return verdict == null ? switching.admit(frame, peer(), nowMillis) : verdict;
    }
}
