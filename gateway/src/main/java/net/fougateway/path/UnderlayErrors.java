package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.log.LogLimit;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.tun.IcmpMessage;
import net.fougateway.tun.TunQueue;
import net.fougateway.udp.PeerEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What routers outside the tunnel say about our datagrams: too big ones lower the path MTU of the peer, and the sender of the inner
 * packet is told what became of it, as if there were no tunnel.
 */
public final class UnderlayErrors extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(UnderlayErrors.class);
    private static final LogLimit LIMIT = LogLimit.of(LOG, Level.INFO, "path MTUs that routers told");

    private final TunQueue tun;
    private RouteTable routes;
    private PeerEndpoint[] endpoints;
    private final IcmpMessage icmp;
    private final Accidents accidents;
    private final InnerPacket inner = new InnerPacket();

    /**
     * A handler for all ICMP channels.
     *
     * @param tun TUN queue of the same event loop
     */
    UnderlayErrors(TunQueue tun, Forwarding forwarding, IcmpMessage icmp, Accidents accidents) {
        this.tun = tun;
        this.accidents = accidents;
        this.icmp = icmp;
        use(forwarding);
    }

    /** Goes on with other peers; on the event loop, between two messages. */
    void use(Forwarding forwarding) {
        routes = forwarding.routes();
        endpoints = forwarding.endpoints();
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
        for (PeerEndpoint endpoint : endpoints) {
            if (endpoint != null && endpoint.isAddresseeOf(error)) {
                handle(error, endpoint);
            }
        }
    }

    /** A quote too short to show the inner packet is believed, unless only the inner packet can tell that it was ours. */
    private void handle(UnderlayIcmp error, PeerEndpoint endpoint) {
        boolean shown = findInner(error, endpoint);
        boolean ours = shown || endpoint.isAtOneAddress();
        boolean lowered = ours
                && error.kind() == IcmpError.Kind.TOO_BIG
                && endpoint.pathMtu().lower(error.mtuBytes());
        if (lowered && LIMIT.permits()) {
            LOG.info(
                    "peer {}: a router says that the path MTU is {} bytes",
                    endpoint.peer().name(),
                    error.mtuBytes());
        }
        if (shown) {
            relay(error, endpoint);
        }
    }

    /** True when the quote shows an inner packet that is routed to this peer. */
    private boolean findInner(UnderlayIcmp error, PeerEndpoint endpoint) {
        int offset = error.payloadOffset();
        int length = error.payloadLength();
        int header = endpoint.peer().encapsulation().writtenBytes(error.buffer(), offset, length);
        if (inner.parseQuoted(error.buffer(), offset + header, length - header) != null) {
            return false;
        }
        long outer = endpoint.outerAddress(inner);
        return routes.lookup(inner.isIpv4(), inner.destinationHigh(), inner.destinationLow())
                        == endpoint.peer().index()
                && (outer == PeerEndpoint.FIXED || outer == error.destinationHigh());
    }

    private void relay(UnderlayIcmp error, PeerEndpoint endpoint) {
        boolean tooBig = error.kind() == IcmpError.Kind.TOO_BIG;
        if (tooBig && !inner.isDontFragment()) {
            return;
        }
        int mtuBytes = endpoint.senderMtuBytes(inner.isIpv4());
        if (icmp.prepare(relayedKind(error.kind(), endpoint.peer()), mtuBytes, inner)) {
            icmp.write(tun);
        }
    }

    /** Only an inherited TTL is the sender's own; otherwise a TTL that ran out is a loop outside the tunnel (RFC 2003 section 4.3). */
    private static IcmpError.Kind relayedKind(IcmpError.Kind kind, Peer peer) {
        boolean loop = kind == IcmpError.Kind.TIME_EXCEEDED && peer.ttl() != Peer.INHERIT_TTL;
        return loop ? IcmpError.Kind.UNREACHABLE : kind;
    }
}
