package net.fougateway.udp;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import net.fougateway.codec.Bytes;
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
import net.fougateway.route.HostAddresses;
import net.fougateway.route.Peer;
import net.fougateway.tun.TokenBucket;
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
    private static final int FLOW_BYTES = 8;
    private static final int PKTINFO_BYTES = 12;
    private static final int PKTINFO6_BYTES = 20;
    /** Offset of {@code ipi_spec_dst} in {@code struct in_pktinfo}. */
    private static final int PKTINFO_SOURCE = 4;

    private final Peer peer;
    private final SourcePorts sourcePorts;
    private final SourcePorts fragmentedPorts;
    private final Shared shared;
    private final int overheadBytes;
    private final NativeMemory addresses;
    private final int addressLength;
    private final long remoteHigh;
    private final long remoteLow;
    private final EmbeddedAddress embedded;
    private volatile boolean refusesSegments;
    private final InetAddress local;
    private final long localHigh;
    private final long localLow;
    private final boolean carriesSource;
    private final int socketTtl;

    /**
     * What all endpoints of a peer have in common.
     *
     * @param sequence the next GRE sequence number
     * @param icmpLimit how many ICMP errors inner senders get about packets to the peer
     */
    public record Shared(PathMtu pathMtu, AtomicInteger sequence, TokenBucket icmpLimit) {}

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
        carriesSource = local != null && sourcePorts.kind().local().isEmpty();
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
        return shared.pathMtu();
    }

    /** Largest inner packet that reaches the peer unfragmented now, in bytes. */
    public int innerMtuBytes() {
        return shared.pathMtu().bytes() - overheadBytes;
    }

    /**
     * Largest inner packet that its sender may send, in bytes. For IPv6 never less than 1280, below which a sender cannot go (RFC 8200
     * section 5): such packets are fragmented outside the tunnel, as the kernel's {@code sit} does.
     */
    public int senderMtuBytes(boolean innerIpv4) {
        return innerIpv4 ? innerMtuBytes() : Math.max(innerMtuBytes(), Ip.V6_MIN_MTU_BYTES);
    }

    /** Largest UDP payload that reaches the peer unfragmented, in bytes. */
    private int maxDatagramBytes() {
        return innerMtuBytes() + peer.encapsulation().headerBytes();
    }

    /** How many ICMP errors inner senders get about packets to the peer. */
    public TokenBucket icmpLimit() {
        return shared.icmpLimit();
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
            shared.pathMtu().refused();
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
                && (port == port(true) || port == port(false))
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
        return outer == FIXED || outer == outerHigh;
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
                && innerMtuBytes() < (onlyIpv4 ? MIN_FRAGMENT_BYTES : Ip.V6_MIN_MTU_BYTES);
    }

    /** The next GRE sequence number, from 0; always 0 where packets are not numbered. */
    public int nextSequence() {
        return peer.encapsulation().hasSequence() ? shared.sequence().getAndIncrement() : 0;
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
        if (peer.ttl() == Peer.INHERIT_TTL) {
            return Math.max(packet.hopLimit(), 1);
        }
        return socketTtl == 0 ? peer.ttl() : 0;
    }

    /** Writes the control message that says which source address to send from, where the socket is not bound to it; returns its room. */
    int writeSource(ByteBuffer control, int at) {
        if (!carriesSource) {
            return 0;
        }
        if (peer.isIpv4Underlay()) {
            int room = ControlMessage.writeZeros(control, at, UdpSocket.SOL_IP, UdpSocket.IP_PKTINFO, PKTINFO_BYTES);
            Bytes.put32(control, ControlMessage.value(at) + PKTINFO_SOURCE, (int) localHigh);
            return room;
        }
        int room = ControlMessage.writeZeros(control, at, UdpSocket.SOL_IPV6, UdpSocket.IPV6_PKTINFO, PKTINFO6_BYTES);
        Bytes.put64(control, ControlMessage.value(at), localHigh);
        Bytes.put64(control, ControlMessage.value(at) + Long.BYTES, localLow);
        return room;
    }
}
