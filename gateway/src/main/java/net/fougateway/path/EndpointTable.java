package net.fougateway.path;

import java.util.Arrays;
import net.fougateway.codec.Bytes;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.route.AddressTable;
import net.fougateway.route.PairTable;
import net.fougateway.route.Peer;

/**
 * Endpoints by outer address and port: whose datagram something is, at a cost that does not grow with the peers. Peers whose outer
 * address is inside the inner one are at no address, or at any. Immutable.
 */
final class EndpointTable {

    /** Answer where there is none, or no more. */
    static final int NONE = -1;

    private final PeerEndpoint[] endpoints;
    private final AddressTable first = new AddressTable();
    private final PairTable ports = new PairTable();
    private final PairTable shapes = new PairTable();
    private final int[] nextAtAddress;
    private final int[] nextShape;
    private final int[] last;
    private int firstAnywhere = NONE;

    EndpointTable(PeerEndpoint... endpoints) {
        this.endpoints = endpoints;
        nextAtAddress = unlinked(endpoints.length);
        nextShape = unlinked(endpoints.length);
        last = unlinked(endpoints.length);
        for (int i = 0; i < endpoints.length; i++) {
            if (endpoints[i] != null) {
                add(i, endpoints[i].peer());
            }
        }
    }

    private static int[] unlinked(int length) {
        int[] links = new int[length];
        Arrays.fill(links, NONE);
        return links;
    }

    private void add(int i, Peer peer) {
        int place = place(i, peer);
        if (place != i) {
            nextAtAddress[last[place]] = i;
            if (shapes.get(place, shape(i)) == PairTable.NONE) {
                nextShape[i] = nextShape[place];
                nextShape[place] = i;
            }
        }
        last[place] = i;
        shapes.putIfAbsent(place, shape(i), i);
        Peer.Ports to = peer.ports();
        for (int port : new int[] {to.ipv4(), to.ipv6(), to.gre()}) {
            ports.putIfAbsent(place, port, i);
        }
    }

    private int place(int i, Peer peer) {
        if (peer.hasAddress()) {
            first.putIfAbsent(peer.remote(), i);
            return first.get(peer.remote());
        }
        if (firstAnywhere == NONE) {
            firstAnywhere = i;
        }
        return firstAnywhere;
    }

    /** Endpoints with the same one have the inner packet at the same place. */
    private long shape(int i) {
        Peer peer = endpoints[i].peer();
        return (long) peer.encapsulation().format().ordinal() << 32
                | peer.encapsulation().greBytes();
    }

    /** True when a packet is a datagram to one of the peers: the underlay is routed into the tunnel. */
    boolean isOuter(InnerPacket packet) {
        if (packet.protocol() != Ip.UDP || packet.isLaterFragment() || packet.transportLength() < Ip.UDP_HEADER_BYTES) {
            return false;
        }
        int place = first.get(packet.isIpv4(), packet.destinationHigh(), packet.destinationLow());
        return place != AddressTable.NONE
                && ports.get(place, Bytes.u16(packet.buffer(), packet.transportOffset() + 2)) != PairTable.NONE;
    }

    /** The first of the endpoints that an error may concern, with the others behind it. */
    int first(UnderlayIcmp error) {
        int place = first.get(error.isIpv4(), error.destinationHigh(), error.destinationLow());
        return hasPort(place, error) ? place : firstAnywhere(error);
    }

    /** The first of the endpoints that are at no address of their own, if an error may concern one. */
    int firstAnywhere(UnderlayIcmp error) {
        return error.isIpv4() && hasPort(firstAnywhere, error) ? firstAnywhere : NONE;
    }

    private boolean hasPort(int place, UnderlayIcmp error) {
        return place != NONE && ports.get(place, error.destinationPort()) != PairTable.NONE;
    }

    /** The next one at the same address. */
    int next(int endpoint) {
        return nextAtAddress[endpoint];
    }

    /** The next one at the same address whose header is of another length: a handful at most. */
    int nextShape(int endpoint) {
        return nextShape[endpoint];
    }

    /** True when both have the inner packet at the same place. */
    boolean areAlike(int endpoint, int other) {
        return shape(endpoint) == shape(other);
    }

    PeerEndpoint get(int endpoint) {
        return endpoints[endpoint];
    }
}
