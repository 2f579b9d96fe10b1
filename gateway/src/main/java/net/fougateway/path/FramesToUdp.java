package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import net.fougateway.capture.Border;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.InnerPacket;
import net.fougateway.ethernet.Flooding;
import net.fougateway.ethernet.Switching;

/**
 * The way out for Ethernet: as {@link TunToUdp}, but frames go by their MAC addresses, those for everybody, for groups and for unknown
 * addresses to every peer that floods reach. Each copy counts as a packet.
 */
final class FramesToUdp extends TunToUdp {

    private final EthernetFrame frame;
    private final Outgoing outgoing;
    private final FloodLimit floods;
    private final Books books;
    private Switching switching;
    private long nowMillis;

    FramesToUdp(
            EthernetFrame frame,
            FloodLimit floods,
            Outbox outbox,
            SenderNotices notices,
            Books books,
            Accidents accidents) {
        this(new Outgoing(frame), frame, floods, outbox, notices, books, accidents);
    }

    private FramesToUdp(
            Outgoing outgoing,
            EthernetFrame frame,
            FloodLimit floods,
            Outbox outbox,
            SenderNotices notices,
            Books books,
            Accidents accidents) {
        super(outgoing, outbox, notices, books, accidents);
        this.outgoing = outgoing;
        this.frame = frame;
        this.floods = floods;
        this.books = books;
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

    @Override
    DropReason route(InnerPacket packet) {
        if (!EthernetFrame.isSource(frame.source())) {
            return DropReason.MAC_SOURCE_INVALID;
        }
        switching.seenHere(frame, nowMillis);
        long destination = frame.destination();
        if (EthernetFrame.isGroup(destination)) {
            return flood(destination == EthernetFrame.BROADCAST ? Flooding.BROADCAST : Flooding.MULTICAST);
        }
        int peer = switching.peer(frame, nowMillis);
        return peer == Switching.NONE ? flood(Flooding.UNKNOWN) : send(peer);
    }

    private DropReason flood(Flooding cause) {
        if (switching.floodedPeers() == 0) {
            return DropReason.NO_ROUTE;
        }
        if (!floods.take(cause)) {
            return DropReason.FLOOD_LIMIT;
        }
        DropReason verdict = outgoing.multiply();
        if (verdict == null) {
            sendToAll();
        }
        return verdict;
    }

    private void sendToAll() {
        for (int i = 0; i < switching.floodedPeers(); i++) {
            outgoing.countAnew();
            DropReason verdict = send(switching.floodedPeer(i));
            books.received(outgoing.wirePackets(), outgoing.wireBytes());
            if (verdict != null) {
                drop(verdict);
            }
        }
        outgoing.countNoMore();
    }

    private void drop(DropReason verdict) {
        books.dropped(verdict, outgoing.wirePackets(), outgoing.wireBytes());
        if (books.shows(verdict)) {
            books.show(outgoing.dataAddress() + frame.frameOffset(), frame.frameBytes());
            books.shown(Border.TUN, verdict);
        }
    }
}
