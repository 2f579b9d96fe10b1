package net.fougateway.udp;

import net.fougateway.codec.Ecn;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;

/** All that sending to a peer needs: its socket addresses in native memory, its source ports, its TOS and TTL. */
public final class PeerEndpoint {

    /** Answer of {@link #outerAddress}: the peer is at one address. */
    public static final long FIXED = -2;

    private static final int SLOT_BYTES = 32;

    private final Peer peer;
    private final SourcePorts sourcePorts;
    private final NativeMemory addresses;
    private final int addressLength;
    private final long remoteHigh;
    private final long remoteLow;
    private final EmbeddedAddress embedded;
    private int sequence;

    /** An endpoint of {@code peer} that sends from {@code sourcePorts}. */
    public PeerEndpoint(Peer peer, SourcePorts sourcePorts) {
        this.peer = peer;
        this.sourcePorts = sourcePorts;
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

    /** Largest UDP payload that reaches the peer unfragmented, in bytes. */
    int maxDatagramBytes() {
        return peer.innerMtuBytes() + peer.encapsulation().headerBytes();
    }

    /**
     * The socket for a flow, by its {@link FlowHash}. Numbered packets all leave from one, because a receiver that checks the
     * numbers drops what others have overtaken.
     */
    public int socket(int flowHash) {
        return sourcePorts.socket(peer.encapsulation().hasSequence() ? 0 : flowHash);
    }

    /** The next GRE sequence number, from 0. Only one worker may ask where packets are numbered. */
    public int nextSequence() {
        return sequence++;
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
