package net.fougateway.udp;

import java.util.concurrent.atomic.AtomicInteger;
import net.fougateway.codec.Ecn;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.linux.Errno;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.log.LogLimit;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** All that sending to a peer needs: its socket addresses in native memory, its source ports, its path MTU, its TOS and TTL. */
public final class PeerEndpoint {

    /** Answer of {@link #outerAddress}: the peer is at one address. */
    public static final long FIXED = -2;

    private static final Logger LOG = LoggerFactory.getLogger(PeerEndpoint.class);
    private static final LogLimit LIMIT =
            LogLimit.of(LOG, Level.WARN, "peers towards which the kernel refused UDP_SEGMENT");
    /** Where the inner MTU is less than this, IPv4 packets are fragmented outside the tunnel only. */
    private static final int MIN_FRAGMENT_BYTES = 400;

    private static final int SLOT_BYTES = 32;

    private final Peer peer;
    private final SourcePorts sourcePorts;
    private final SourcePorts fragmentedPorts;
    private final PathMtu pathMtu;
    private final int overheadBytes;
    private final NativeMemory addresses;
    private final int addressLength;
    private final long remoteHigh;
    private final long remoteLow;
    private final EmbeddedAddress embedded;
    private final AtomicInteger sequence;
    private volatile boolean refusesSegments;

    /**
     * An endpoint of {@code peer} that sends from {@code sourcePorts}.
     *
     * @param fragmentedPorts like {@code sourcePorts}, but without DF: for what may be fragmented outside the tunnel only
     * @param pathMtu shared by all endpoints of the peer
     * @param sequence likewise
     */
    public PeerEndpoint(
            Peer peer, SourcePorts sourcePorts, SourcePorts fragmentedPorts, PathMtu pathMtu, AtomicInteger sequence) {
        this.peer = peer;
        this.sourcePorts = sourcePorts;
        this.fragmentedPorts = fragmentedPorts;
        this.pathMtu = pathMtu;
        this.sequence = sequence;
        overheadBytes = Overhead.bytes(peer.isIpv4Underlay(), peer.encapsulation());
        addresses = NativeMemory.allocate(2 * SLOT_BYTES);
        addressLength = writeAddress(0, true);
        writeAddress(SLOT_BYTES, false);
        embedded = peer.embedded().orElse(null);
        remoteHigh = AddressBits.high(peer.remote());
        remoteLow = AddressBits.low(peer.remote());
    }

    private int writeAddress(int at, boolean innerIpv4) {
        return SocketAddress.write(addresses.buffer(), at, peer.remote(), port(innerIpv4));
    }

    /** The peer. */
    public Peer peer() {
        return peer;
    }

    /** The sockets that its packets leave from. */
    public SourcePorts sourcePorts() {
        return sourcePorts;
    }

    /** Address of the {@code sockaddr} for inner packets of a family, where {@link #outerAddress} is {@link #FIXED}. */
    long socketAddress(boolean innerIpv4) {
        return addresses.address() + (innerIpv4 ? 0 : SLOT_BYTES);
    }

    /** Destination port for inner packets of a family. */
    int port(boolean innerIpv4) {
        return peer.ports().of(peer.encapsulation().tunnelProtocol(innerIpv4));
    }

    /**
     * Where a packet to this peer has to go: {@link #FIXED} when the peer is at one address, else the IPv4 address inside its destination,
     * {@link EmbeddedAddress#NONE} when that has none.
     */
    public long outerAddress(InnerPacket packet) {
        if (embedded == null) {
            return FIXED;
        }
        return packet.isIpv4() ? EmbeddedAddress.NONE : embedded.of(packet.destinationHigh(), packet.destinationLow());
    }

    /** Largest outer packet that reaches the peer. */
    public PathMtu pathMtu() {
        return pathMtu;
    }

    /** Largest inner packet that reaches the peer unfragmented now, in bytes. */
    public int innerMtuBytes() {
        return pathMtu.bytes() - overheadBytes;
    }

    /**
     * Largest inner packet that its sender may send, in bytes. For IPv6 never less than 1280, below which a sender cannot go (RFC 8200
     * section 5): such packets are fragmented outside the tunnel, as the kernel's {@code sit} does.
     */
    public int senderMtuBytes(boolean innerIpv4) {
        return innerIpv4 ? innerMtuBytes() : Math.max(innerMtuBytes(), Ip.V6_MIN_MTU_BYTES);
    }

    /** True when the peer is at one address, which its packets need not tell. */
    public boolean isAtOneAddress() {
        return embedded == null;
    }

    /** Largest UDP payload that reaches the peer unfragmented, in bytes. */
    private int maxDatagramBytes() {
        return innerMtuBytes() + peer.encapsulation().headerBytes();
    }

    /**
     * True when a datagram may begin a message of several ({@code UDP_SEGMENT}). The kernel must be able to compute their checksums, and it
     * cuts no message into datagrams that exceed the path, although it would fragment each of them alone.
     */
    boolean takesSegments(int bytes) {
        return !refusesSegments && sourcePorts.kind().checksum() && bytes <= maxDatagramBytes();
    }

    /**
     * Notes that the kernel refused a message of several datagrams, but took one of full size alone; it concerns no other peer. EIO is
     * about the segmentation: the device of the route computes no checksums, or IPsec is in the way. Of segments that exceed the path
     * kernels say EMSGSIZE, those before 6.13 EINVAL, so EINVAL says more only where a datagram that exceeds the path is refused too.
     */
    void refuseSegments(int errno) {
        boolean invalid = errno == Errno.EINVAL.number();
        if (invalid || errno == Errno.EMSGSIZE.number()) {
            pathMtu.refused();
        }
        if (errno == Errno.EIO.number() || (invalid && refusesWhatExceedsThePath())) {
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
            LOG.warn(
                    "peer {}: the kernel refused UDP_SEGMENT ({}), so packets to it leave one by one",
                    peer.name(),
                    Errno.text(errno));
        }
    }

    /** True when packets to the peer leave one by one, because the kernel refused them as segments. */
    public boolean refusesSegments() {
        return refusesSegments;
    }

    /** True when an ICMP error is about a datagram to this peer, or to one of the addresses that the peer stands for. */
    public boolean isAddresseeOf(UnderlayIcmp error) {
        int port = error.destinationPort();
        boolean here =
                embedded != null || (error.destinationHigh() == remoteHigh && error.destinationLow() == remoteLow);
        return here
                && error.isIpv4() == peer.isIpv4Underlay()
                && (port == port(true) || port == port(false))
                && (sourcePorts.has(error.sourcePort()) || fragmentedPorts.has(error.sourcePort()));
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
        return ports.socket(numbered ? 0 : flowHash);
    }

    /**
     * True when packets leave without DF, as from the kernel's {@code sit}: the path is narrower than what their senders may send. Those
     * that fit leave so too, from the same source port, so that none overtakes another, here or on the way.
     */
    private boolean fragmentsOutside(boolean onlyIpv4) {
        return sourcePorts.kind().dontFragment()
                && innerMtuBytes() < (onlyIpv4 ? MIN_FRAGMENT_BYTES : Ip.V6_MIN_MTU_BYTES);
    }

    /** The next GRE sequence number, from 0; always 0 where packets are not numbered. */
    public int nextSequence() {
        return peer.encapsulation().hasSequence() ? sequence.getAndIncrement() : 0;
    }

    /** Length of the {@code sockaddr}. */
    int socketAddressLength() {
        return addressLength;
    }

    /** Outer TOS or traffic class for an inner packet. */
    public int outerTos(InnerPacket packet) {
        int inner = packet.trafficClass();
        return Ecn.encapsulated(peer.tos() == Peer.INHERIT_TOS ? inner : peer.tos(), inner);
    }

    /** Outer TTL for an inner packet, or 0 for the one that the socket has. */
    public int outerTtl(InnerPacket packet) {
        return peer.ttl() == Peer.INHERIT_TTL ? packet.hopLimit() : 0;
    }

    /** True when the packet is a datagram to this very endpoint: one of ours that was routed into the tunnel. */
    public boolean isOwnDatagram(InnerPacket packet) {
        return packet.protocol() == Ip.UDP
                && packet.destinationHigh() == remoteHigh
                && packet.destinationLow() == remoteLow
                && packet.isIpv4() == peer.isIpv4Underlay();
    }
}
