package net.fougateway.udp;

import net.fougateway.codec.Ecn;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.SocketAddress;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;

/** All that sending to a peer needs: its socket addresses in native memory, its source ports, its TOS and TTL. */
public final class PeerEndpoint {

    private static final int SLOT_BYTES = 32;

    private final Peer peer;
    private final SourcePorts sourcePorts;
    private final NativeMemory addresses;
    private final int addressLength;
    private final long remoteHigh;
    private final long remoteLow;

    /** An endpoint of {@code peer} that sends from {@code sourcePorts}. */
    public PeerEndpoint(Peer peer, SourcePorts sourcePorts) {
        this.peer = peer;
        this.sourcePorts = sourcePorts;
        addresses = NativeMemory.allocate(2 * SLOT_BYTES);
        addressLength = SocketAddress.write(addresses.buffer(), 0, peer.remote(), peer.portIpv4());
        SocketAddress.write(addresses.buffer(), SLOT_BYTES, peer.remote(), peer.portIpv6());
        remoteHigh = AddressBits.high(peer.remote());
        remoteLow = AddressBits.low(peer.remote());
    }

    /** The peer. */
    public Peer peer() {
        return peer;
    }

    /** The sockets that its packets leave from. */
    public SourcePorts sourcePorts() {
        return sourcePorts;
    }

    /** Address of the {@code sockaddr} for inner packets of {@code tunnelProtocol} 4 or 41. */
    long socketAddress(int tunnelProtocol) {
        return addresses.address() + (tunnelProtocol == Ip.IPIP ? 0 : SLOT_BYTES);
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
