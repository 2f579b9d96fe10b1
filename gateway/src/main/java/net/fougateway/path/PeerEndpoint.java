package net.fougateway.path;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import net.fougateway.codec.Ecn;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.linux.Errno;
import net.fougateway.linux.SocketAddress;
import net.fougateway.log.LogLimit;
import net.fougateway.route.AddressBits;
import net.fougateway.route.HostAddresses;
import net.fougateway.route.Peer;
import net.fougateway.udp.Destination;
import net.fougateway.udp.SourcePorts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** All that sending to a peer needs: where it is, its source ports, its path MTU, its TOS and TTL. Any thread may use it. */
public final class PeerEndpoint {

    private static final Logger log = LoggerFactory.getLogger(PeerEndpoint.class);
    private static final LogLimit LIMIT =
            LogLimit.of(log, Level.WARN, "peers towards which the kernel refused UDP_SEGMENT");
    /** Where the inner MTU is less than this, IPv4 packets are fragmented outside the tunnel only. */
    private static final int MIN_FRAGMENT_BYTES = 400;

    private static final long REFUSED_NANOS = 60_000_000_000L;

    private static final int FLOW_BYTES = 8;

    private final Peer peer;
    private final SourcePorts sourcePorts;
    private final SourcePorts fragmentedPorts;
    private final Shared shared;
    private final int encapsulationBytes;
    private final int overheadBytes;
    private final int linkBytes;
    private final Destination forIpv4;
    private final Destination forIpv6;
    private final long remoteHigh;
    private final long remoteLow;
    private final EmbeddedAddress embedded;
    private volatile boolean refusesSegments;
    private volatile boolean unreachable;
    private volatile long refusedUntilNanos = System.nanoTime();
    private final InetAddress local;
    private final long localHigh;
    private final long localLow;
    private final int socketTtl;

    /**
     * What all endpoints of a peer have in common.
     *
     * @param sequence the next GRE sequence number
     * @param icmpLimit how many ICMP errors inner senders get about packets to the peer
     */
    public record Shared(PathMtu pathMtu, AtomicInteger sequence, TokenBucket icmpLimit) {}

    /** The sockets that packets to {@code peer} leave from. */
    public static SourcePorts.Kind socketKind(Peer peer) {
        return new SourcePorts.Kind(
                SocketAddress.family(peer.remote()),
                peer.local(),
                peer.sourcePort(),
                peer.checksum(),
                peer.pmtuDiscovery(),
                peer.ttl(),
                peer.underlay().device(),
                peer.underlay().mark());
    }

    /**
     * An endpoint of {@code peer} that sends from {@code sourcePorts}.
     *
     * @param fragmentedPorts like {@code sourcePorts}, but without DF: for what may be fragmented outside the tunnel only
     */
    public PeerEndpoint(Peer peer, SourcePorts sourcePorts, SourcePorts fragmentedPorts, Shared shared) {
        this.peer = peer;
        this.sourcePorts = sourcePorts;
        this.fragmentedPorts = fragmentedPorts;
        this.shared = shared;
        socketTtl = sourcePorts.kind().ttl();
        local = peer.local().orElse(null);
        localHigh = local == null ? 0 : AddressBits.high(local);
        localLow = local == null ? 0 : AddressBits.low(local);
        encapsulationBytes = peer.encapsulation().headerBytes();
        overheadBytes = Overhead.bytes(peer.isIpv4Underlay(), peer.encapsulation());
        linkBytes = peer.frames().linkBytes();
        forIpv4 = destination(true);
        forIpv6 = destination(false);
        embedded = peer.embedded().orElse(null);
        remoteHigh = AddressBits.high(peer.remote());
        remoteLow = AddressBits.low(peer.remote());
    }

    private Destination destination(boolean innerIpv4) {
        Optional<InetAddress> source = sourcePorts.kind().local().isEmpty() ? peer.local() : Optional.empty();
        int port = peer.ports().of(peer.encapsulation().tunnelProtocol(innerIpv4));
        return new Destination(peer.remote(), port, source);
    }

    public Peer peer() {
        return peer;
    }

    /** The sockets that its packets leave from. */
    public SourcePorts sourcePorts() {
        return sourcePorts;
    }

    /** Longest header that goes between UDP header and inner packet, in bytes. */
    int encapsulationBytes() {
        return encapsulationBytes;
    }

    /** Where inner packets of a family go, where {@link #outerAddress} says nothing else. */
    Destination destinationOf(boolean innerIpv4) {
        return innerIpv4 ? forIpv4 : forIpv6;
    }

    /**
     * Where a packet to this peer has to go: {@link Destination#FIXED} when the peer is at one address, else the IPv4 address inside its
     * destination, {@link EmbeddedAddress#NONE} when that has none.
     */
    public long outerAddress(InnerPacket packet) {
        if (embedded == null) {
            return Destination.FIXED;
        }
        return packet.isIpv4() ? EmbeddedAddress.NONE : embedded.of(packet.destinationHigh(), packet.destinationLow());
    }

    /** Largest outer packet that reaches the peer. */
    public PathMtu pathMtu() {
        return shared.pathMtu();
    }

    /** Largest inner packet, or frame with its Ethernet header, that reaches the peer unfragmented now, in bytes. */
    public int innerMtuBytes() {
        return shared.pathMtu().bytes() - overheadBytes;
    }

    /**
     * Largest IP packet that its sender may send, in bytes. For IPv6 never less than 1280, below which a sender cannot go (RFC 8200
     * section 5): such packets are fragmented outside the tunnel, as the kernel's {@code sit} does.
     */
    public int senderMtuBytes(InnerPacket packet) {
        int bytes = innerMtuBytes() - packet.linkBytes();
        return packet.isIpv4() ? bytes : Math.max(bytes, Ip.V6_MIN_MTU_BYTES);
    }

    /** How many ICMP errors inner senders get about packets to the peer. */
    public TokenBucket icmpLimit() {
        return shared.icmpLimit();
    }

    /**
     * Longest datagram that may be put together with others ({@code UDP_SEGMENT}), in bytes; 0 for none. The kernel must be able to compute
     * their checksums, and it cuts no message into datagrams that exceed the path, although it would fragment each of them alone.
     */
    int maxSegmentBytes() {
        boolean takesSegments = !refusesSegments && sourcePorts.kind().checksum();
        return takesSegments ? innerMtuBytes() + encapsulationBytes : 0;
    }

    /**
     * Notes that the kernel refused a message of several datagrams, but took one of full size alone; it concerns no other peer. EIO is
     * about the segmentation: the device of the route computes no checksums, or IPsec is in the way. Of segments that exceed the path
     * kernels say EMSGSIZE, those before 6.13 EINVAL, so EINVAL says more only where a datagram that exceeds the path is refused too.
     */
    void refuseSegments(int errno) {
        boolean invalid = Errno.EINVAL.is(errno);
        if (invalid || Errno.EMSGSIZE.is(errno)) {
            shared.pathMtu().refused();
        }
        if (Errno.EIO.is(errno) || (invalid && refusesWhatExceedsThePath())) {
            leaveOneByOne(errno);
        }
    }

    private boolean refusesWhatExceedsThePath() {
        return sourcePorts.kind().dontFragment() && !fragmentsOutside(false);
    }

    private void leaveOneByOne(int errno) {
        boolean known = refusesSegments;
        refusesSegments = true;
        if (!known && LIMIT.permits()) {
            log.warn(
                    "peer {}: the kernel refused UDP_SEGMENT ({}), so packets to it leave one by one",
                    peer.name(),
                    Errno.text(errno));
        }
    }

    /** True when packets to the peer leave one by one, because the kernel refused them as segments. */
    public boolean refusesSegments() {
        return refusesSegments;
    }

    /** Notes that a packet could not be sent to the peer, or did not reach it: it may be elsewhere. */
    void unreachable() {
        unreachable = true;
    }

    /** True when that happened since this was last asked. */
    public boolean takeUnreachable() {
        boolean taken = unreachable;
        unreachable = false;
        return taken;
    }

    /** Notes that the machine of the peer says that nobody has the port. */
    void refused() {
        refusedUntilNanos = System.nanoTime() + REFUSED_NANOS;
    }

    /** True when that was within the last minute. */
    public boolean isRefused() {
        return refusedUntilNanos - System.nanoTime() > 0;
    }

    /**
     * True when a datagram that is quoted in an ICMP error can have been one of ours, as far as its outer headers tell.
     *
     * @param ours the host's own addresses
     */
    public boolean canHaveSent(UnderlayIcmp error, HostAddresses ours) {
        int port = error.destinationPort();
        boolean here =
                embedded != null || (error.destinationHigh() == remoteHigh && error.destinationLow() == remoteLow);
        return here
                && error.isIpv4() == peer.isIpv4Underlay()
                && (port == forIpv4.port() || port == forIpv6.port())
                && (sourcePorts.has(error.sourcePort()) || fragmentedPorts.has(error.sourcePort()))
                && isSource(error, ours);
    }

    private boolean isSource(UnderlayIcmp error, HostAddresses ours) {
        return local == null
                ? ours.has(error.isIpv4(), error.sourceHigh(), error.sourceLow())
                : error.sourceHigh() == localHigh && error.sourceLow() == localLow;
    }

    /**
     * True when a packet goes to an outer address.
     *
     * @param outerHigh IPv4 address in the low 32 bits; only looked at where the inner packet tells where the peer is
     */
    public boolean goesTo(InnerPacket packet, long outerHigh) {
        long outer = outerAddress(packet);
        return outer == Destination.FIXED || outer == outerHigh;
    }

    /** True when a source port of ours can be told only by who has seen a datagram. */
    public boolean isUnguessable(int port) {
        return sourcePorts.has(port) ? sourcePorts.isUnguessable() : fragmentedPorts.isUnguessable();
    }

    /**
     * True when a packet to this peer leaves from a source port: the one that its flow has, or that of what is fragmented outside.
     *
     * @param packet inner packet, as it was quoted; a fragment, or one that is cut before its ports, does not tell its flow
     */
    public boolean leavesFrom(int port, InnerPacket packet, FlowHash flowHash) {
        boolean flowShown = !packet.isFragment() && packet.transportLength() >= FLOW_BYTES;
        return fragmentedPorts.has(port)
                || (flowShown ? sourcePorts.port(socketHash(flowHash.of(packet))) == port : sourcePorts.has(port));
    }

    /** True when the path is wide enough for IPv4 packets that may be fragmented to be fragmented inside the tunnel. */
    public boolean fragmentsInside() {
        return innerMtuBytes() >= MIN_FRAGMENT_BYTES;
    }

    /**
     * The socket for a flow, by its {@link FlowHash}. Numbered packets all leave from one, because a receiver that checks the
     * numbers drops what others have overtaken.
     *
     * @param innerIpv4 whether the inner packet is IPv4, else IPv6
     */
    int socket(int flowHash, boolean innerIpv4) {
        boolean numbered = peer.encapsulation().hasSequence();
        SourcePorts ports = fragmentsOutside(innerIpv4 && !numbered) ? fragmentedPorts : sourcePorts;
        return ports.socket(socketHash(flowHash));
    }

    private int socketHash(int flowHash) {
        return peer.encapsulation().hasSequence() ? 0 : flowHash;
    }

    /**
     * True when packets leave without DF, as from the kernel's {@code sit}: the path is narrower than what their senders may send. Those
     * that fit leave so too, from the same source port, so that none overtakes another, here or on the way.
     */
    private boolean fragmentsOutside(boolean onlyIpv4) {
        return sourcePorts.kind().dontFragment()
                && innerMtuBytes() - linkBytes < (onlyIpv4 ? MIN_FRAGMENT_BYTES : Ip.V6_MIN_MTU_BYTES);
    }

    /** The next GRE sequence number, from 0; always 0 where packets are not numbered. */
    public int nextSequence() {
        return peer.encapsulation().hasSequence() ? shared.sequence().getAndIncrement() : 0;
    }

    /** Outer TOS or traffic class for an inner packet. */
    public int outerTos(InnerPacket packet) {
        int inner = packet.trafficClass();
        return Ecn.encapsulated(peer.tos() == Peer.INHERIT_TOS ? inner : peer.tos(), inner);
    }

    /** Outer TTL for an inner packet, or 0 for the one that the socket has. */
    public int outerTtl(InnerPacket packet) {
        if (peer.ttl() == Peer.INHERIT_TTL) {
            return Math.max(packet.hopLimit(), 1);
        }
        return socketTtl == 0 ? peer.ttl() : 0;
    }
}
