package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.log.LogLimit;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What routers outside the tunnel say about our datagrams: too big ones lower the path MTU of the peer, and the sender of the inner
 * packet is told what became of it, as if there were no tunnel.
 */
public class UnderlayErrors extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(UnderlayErrors.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.INFO, "path MTUs that routers told");

    private final FlowHash flowHash;
    private final HostAddresses ours;
    private final SenderNotices notices;
    private final WorkerCounters counters;
    private final Accidents accidents;
    private final InnerPacket inner;
    private RouteTable routes;
    private EndpointTable table;
    private boolean cutBeforeInner;

    /**
     * A handler for all ICMP channels.
     *
     * @param flowHash that chose the source ports
     * @param ours the host's own addresses
     * @param inner holds what is quoted: IP packets, or Ethernet frames
     */
    UnderlayErrors(
            InnerPacket inner,
            FlowHash flowHash,
            HostAddresses ours,
            SenderNotices notices,
            WorkerCounters counters,
            Accidents accidents) {
        this.flowHash = flowHash;
        this.ours = ours;
        this.notices = notices;
        this.counters = counters;
        this.accidents = accidents;
        this.inner = inner;
    }

    /** Goes on with other peers; on the event loop, between two messages. */
    void use(Forwarding forwarding) {
        routes = forwarding.routes();
        table = forwarding.table();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        accidents.caught(context.channel(), cause);
    }

    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        UnderlayIcmp error = (UnderlayIcmp) message;
        int first = table.first(error);
        if (first == EndpointTable.NONE) {
            return;
        }
        boolean believed = believe(error, first);
        int anywhere = table.firstAnywhere(error);
        if (!believed && anywhere != EndpointTable.NONE && anywhere != first) {
            believed = believe(error, anywhere);
        }
        if (!believed) {
            counters.icmpErrorIgnored();
        }
    }

    /** A quote that shows the inner packet tells the peer; one too short for that concerns all peers there whose datagram it can be. */
    private boolean believe(UnderlayIcmp error, int first) {
        cutBeforeInner = false;
        for (int shape = first; shape != EndpointTable.NONE; shape = table.nextShape(shape)) {
            PeerEndpoint endpoint = findInner(error, shape);
            if (endpoint != null) {
                heed(error, endpoint);
                relay(error, endpoint);
                return true;
            }
        }
        return cutBeforeInner && believeCut(error, first);
    }

    /** The peer that the quoted inner packet is routed to, if the datagram can be ours with that inside; else {@code null}. */
    private PeerEndpoint findInner(UnderlayIcmp error, int shape) {
        int offset = error.payloadOffset();
        int length = error.payloadLength();
        Encapsulation encapsulation = table.get(shape).peer().encapsulation();
        int header = encapsulation.writtenBytes(error.buffer(), offset, length);
        DropReason verdict = inner.parseQuoted(error.buffer(), offset + header, length - header);
        cutBeforeInner |= verdict == DropReason.PKT_TOO_SMALL || verdict == DropReason.HDR_TRUNC;
        int peer = verdict == null ? receiver(inner, shape) : RouteTable.NONE;
        if (peer == RouteTable.NONE || table.get(peer) == null || !table.areAlike(peer, shape)) {
            return null;
        }
        PeerEndpoint endpoint = table.get(peer);
        int greAt = offset + header - encapsulation.greBytes();
        return endpoint.canHaveSent(error, ours)
                        && endpoint.goesTo(inner, error.destinationHigh())
                        && endpoint.peer().encapsulation().hasWrittenGre(error.buffer(), greAt, inner.grePayload())
                        && endpoint.leavesFrom(error.sourcePort(), inner, flowHash)
                ? endpoint
                : null;
    }

    /**
     * The peer that a quoted packet was sent to, or {@link RouteTable#NONE}.
     *
     * @param quoted the peer, or one like it, to whose address it was on the way
     */
    int receiver(InnerPacket packet, int quoted) {
        int target = routes.lookup(packet.isIpv4(), packet.destinationHigh(), packet.destinationLow());
        return RouteTable.isGroup(target) ? routes.peer(target, flowHash.of(packet)) : target;
    }

    /** Only a source port that cannot be guessed can vouch for such a quote, and then for the path MTU alone. */
    private boolean believeCut(UnderlayIcmp error, int first) {
        boolean believed = false;
        for (int i = first; i != EndpointTable.NONE; i = table.next(i)) {
            PeerEndpoint endpoint = table.get(i);
            if (endpoint.peer().hasAddress()
                    && endpoint.canHaveSent(error, ours)
                    && endpoint.isUnguessable(error.sourcePort())) {
                heed(error, endpoint);
                believed = true;
            }
        }
        return believed;
    }

    private static void heed(UnderlayIcmp error, PeerEndpoint endpoint) {
        if (error.kind() == IcmpError.Kind.TOO_BIG) {
            lower(error, endpoint);
        } else if (relayedKind(error.kind(), endpoint.peer()) == IcmpError.Kind.UNREACHABLE) {
            endpoint.unreachable();
            if (error.isPortUnreachable()) {
                endpoint.refused();
            }
        }
    }

    private static void lower(UnderlayIcmp error, PeerEndpoint endpoint) {
        if (endpoint.pathMtu().lower(error.mtuBytes()) && LIMIT.permits()) {
            log.info(
                    "peer {}: a router says that the path MTU is {} bytes",
                    endpoint.peer().name(),
                    error.mtuBytes());
        }
    }

    private void relay(UnderlayIcmp error, PeerEndpoint endpoint) {
        boolean tooBig = error.kind() == IcmpError.Kind.TOO_BIG;
        if (tooBig && !inner.isDontFragment()) {
            return;
        }
        int mtuBytes = endpoint.senderMtuBytes(inner);
        notices.tell(relayedKind(error.kind(), endpoint.peer()), mtuBytes, inner, endpoint.icmpLimit());
    }

    /** Only an inherited TTL is the sender's own; otherwise a TTL that ran out is a loop outside the tunnel (RFC 2003 section 4.3). */
    private static IcmpError.Kind relayedKind(IcmpError.Kind kind, Peer peer) {
        boolean loop = kind == IcmpError.Kind.TIME_EXCEEDED && peer.ttl() != Peer.INHERIT_TTL;
        return loop ? IcmpError.Kind.UNREACHABLE : kind;
    }
}
