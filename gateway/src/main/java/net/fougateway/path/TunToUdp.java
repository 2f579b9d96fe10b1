package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import net.fougateway.capture.Border;
import net.fougateway.codec.Cut;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Fragmentation;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.route.RouteCache;
import net.fougateway.route.RouteTable;
import net.fougateway.tun.ReadBatch;

/**
 * The way out: packets from the TUN device are routed to a peer, cut into segments, encapsulated and sent. Of those that do not fit the
 * path the sender is told, or they are fragmented where the sender allows it.
 */
public class TunToUdp extends ChannelInboundHandlerAdapter {

    private final Outbox outbox;
    private final SenderNotices notices;
    private final Books books;
    private final Accidents accidents;
    private final Outgoing outgoing;
    private final Fragmentation fragmentation = new Fragmentation();
    private final TokenBucket noRouteLimit = TokenBucket.ofIcmpErrors(System::nanoTime);
    private RouteTable routes;
    private RouteCache cache;
    private PeerEndpoint[] endpoints;
    private EndpointTable table;
    private TokenBucket[] unresolved;
    private boolean complete;

    /**
     * A handler for the TUN channel of one worker.
     *
     * @param outgoing takes what the device gives
     * @param notices tell senders what did not fit
     */
    TunToUdp(Outgoing outgoing, Outbox outbox, SenderNotices notices, Books books, Accidents accidents) {
        this.outgoing = outgoing;
        this.outbox = outbox;
        this.notices = notices;
        this.books = books;
        this.accidents = accidents;
    }

    /** Goes on with other peers; on the event loop, between two batches. */
    void use(Forwarding forwarding) {
        routes = forwarding.routes();
        cache = forwarding.cache();
        endpoints = forwarding.endpoints();
        table = forwarding.table();
        unresolved = forwarding.unresolved();
        complete = forwarding.isComplete();
        outbox.use(endpoints);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReadBatch batch = (ReadBatch) message;
        int packets = 0;
        outbox.clear();
        for (int i = 0; i < batch.packets(); i++) {
            take(batch, i);
            packets += outgoing.wirePackets();
        }
        try {
            outbox.flush();
        } catch (RuntimeException e) {
            lose(e);
        }
        books.batch(packets);
    }

    private void take(ReadBatch batch, int index) {
        try {
            DropReason verdict = forward(batch, index);
            books.received(outgoing.wirePackets(), outgoing.wireBytes());
            if (verdict != null) {
                books.dropped(verdict, outgoing.wirePackets(), outgoing.wireBytes());
            }
            show(batch, index, verdict);
        } catch (RuntimeException e) {
            books.received(1, batch.length(index));
            show(batch, index, DropReason.INTERNAL_ERROR);
            lose(e);
        }
    }

    private void show(ReadBatch batch, int index, DropReason verdict) {
        if (books.shows(verdict)) {
            books.show(batch.dataAddress() + batch.offset(index), batch.length(index));
            books.shown(Border.TUN, verdict);
        }
    }

    /** Gives up what was not sent yet, so that nothing of it gets into what follows. */
    private void lose(RuntimeException failure) {
        outbox.clear();
        books.lost(failure);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        accidents.caught(context.channel(), cause);
    }

    private DropReason forward(ReadBatch batch, int index) {
        DropReason verdict = outgoing.take(batch, index);
        if (verdict != null) {
            return verdict;
        }
        InnerPacket packet = outgoing.packet();
        verdict = route(packet);
        if (verdict != null) {
            long nowMillis = System.currentTimeMillis();
            books.lastDropped(verdict, nowMillis, packet.isIpv4(), packet.destinationHigh(), packet.destinationLow());
        }
        return verdict;
    }

    /** Sends the packet in hand where it has to go; returns why it cannot, or {@code null}. */
    DropReason route(InnerPacket packet) {
        int target = cache.lookup(packet.isIpv4(), packet.destinationHigh(), packet.destinationLow());
        if (target == RouteTable.NONE) {
            if (complete) {
                notices.tell(IcmpError.Kind.UNREACHABLE, 0, packet, noRouteLimit);
            }
            return DropReason.NO_ROUTE;
        }
        int peer = RouteTable.isGroup(target) ? routes.peer(target, outbox.flowOf(packet)) : target;
        return send(peer);
    }

    /** Sends it to a peer; returns why it cannot, or {@code null}. */
    final DropReason send(int peer) {
        return endpoints[peer] == null ? unresolved(peer) : send(endpoints[peer]);
    }

    private DropReason unresolved(int peer) {
        notices.tell(IcmpError.Kind.UNREACHABLE, 0, outgoing.packet(), unresolved[peer]);
        return DropReason.PEER_UNRESOLVED;
    }

    private DropReason send(PeerEndpoint to) {
        if (table.isOuter(outgoing.packet())) {
            return DropReason.ROUTING_LOOP;
        }
        if (!outgoing.address(to)) {
            return DropReason.NO_EMBEDDED_ADDRESS;
        }
        if (to.peer().mssClamp()) {
            outgoing.clampMss();
        }
        int largestBytes = outgoing.largestBytes();
        return largestBytes > to.innerMtuBytes() && to.peer().pmtuDiscovery()
                ? sendOversized(to, largestBytes)
                : sendFitting();
    }

    private DropReason sendOversized(PeerEndpoint to, int largestBytes) {
        InnerPacket packet = outgoing.packet();
        if (!packet.isDontFragment() && to.fragmentsInside()) {
            return sendFragments(to);
        }
        int mtuBytes = to.senderMtuBytes(packet);
        if (!packet.isDontFragment() || largestBytes - packet.linkBytes() <= mtuBytes) {
            return sendFitting();
        }
        notices.tell(IcmpError.Kind.TOO_BIG, mtuBytes, packet, to.icmpLimit());
        return DropReason.PKT_TOO_BIG;
    }

    private DropReason sendFitting() {
        DropReason verdict = outgoing.prepare();
        if (verdict == null) {
            outbox.add(outgoing, outgoing.cut(), outgoing.dataAddress());
        }
        return verdict;
    }

    private DropReason sendFragments(PeerEndpoint to) {
        DropReason verdict = outgoing.prepareForFragments();
        Cut cut = outgoing.cut();
        for (int i = 0; verdict == null && i < cut.pieces(); i++) {
            boolean asItLies = cut.headerBytes() == 0;
            InnerPacket piece = asItLies
                    ? outgoing.packet()
                    : outbox.writeOut(cut, i, outgoing.packet().buffer());
            fragmentation.begin(piece, to.innerMtuBytes());
            outgoing.recount(fragmentation);
            outbox.add(outgoing, fragmentation, asItLies ? outgoing.dataAddress() : outbox.address());
        }
        return verdict;
    }
}
