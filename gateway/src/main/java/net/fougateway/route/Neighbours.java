package net.fougateway.route;

import java.util.Arrays;
import java.util.List;
import net.fougateway.codec.Format;
import net.fougateway.codec.GreHeader;

/**
 * Tells peers at one outer address apart, by all that a datagram shows: our own address that it came to, its GRE key, its format, its
 * inner source, and the port that it came to, in this order. What fits none of them does not count, so that there always is an answer.
 * The cost of a look-up does not grow with the peers. Belongs to one worker.
 *
 * <p>Each of them is entered under every combination of what it has and "any"; the first one in the configuration wins.
 */
final class Neighbours {

    /** Stands for whatever a datagram has. */
    private static final int ANY = 0;

    private static final int NO_LOCAL = 1;
    private static final int FIRST_LOCAL = 2;
    private static final long BARE = 1;
    private static final long NO_KEY = 2;
    private static final long FIRST_KEY = 4;

    private final AddressTable places = new AddressTable();
    private final AddressTable locals = new AddressTable();
    private final PairTable table = new PairTable();
    private final boolean[] isShared;
    private final int[] place;
    private final int[] local;
    private final long[] greKey;
    private final long[] sent;
    private final long[] format;

    private int localOfDatagram = NO_LOCAL;
    private int portOfDatagram;
    private long formatOfDatagram = number(Format.FOU);

    Neighbours(List<Peer> peers) {
        int count = peers.size();
        isShared = new boolean[count];
        place = new int[count];
        local = new int[count];
        greKey = new long[count];
        sent = new long[count];
        format = new long[count];
        Arrays.fill(place, AddressTable.NONE);
        List<Peer> placed = peers.stream().filter(Peer::hasAddress).toList();
        placed.forEach(this::describe);
        placed.stream().filter(peer -> isShared[place[peer.index()]]).forEach(this::enter);
    }

    private void describe(Peer peer) {
        int i = peer.index();
        places.putIfAbsent(peer.remote(), i);
        place[i] = places.get(peer.remote());
        isShared[place[i]] |= place[i] != i;
        peer.local().ifPresent(address -> locals.putIfAbsent(address, FIRST_LOCAL + i));
        local[i] = peer.local().map(locals::get).orElse(NO_LOCAL);
        greKey[i] = number(peer.gre().keyed(), peer.gre().key());
        sent[i] = peer.encapsulation().gre() == null ? BARE : greKey[i] + 1;
        format[i] = number(peer.encapsulation().format());
    }

    private void enter(Peer peer) {
        int i = peer.index();
        for (int oneLocal : new int[] {ANY, local[i]}) {
            for (long oneGre : new long[] {ANY, greKey[i], sent[i]}) {
                for (long oneFormat : new long[] {ANY, format[i]}) {
                    Peer.Ports ports = peer.ports();
                    for (int port : new int[] {ANY, ports.ipv4(), ports.ipv6(), ports.gre()}) {
                        table.putIfAbsent(high(place[i], oneLocal, port), low(oneGre, oneFormat), i);
                    }
                }
            }
        }
    }

    private static long number(Format format) {
        return format.ordinal() + 1L;
    }

    /** An even number, and the odd one behind it for peers that are sent GRE too. */
    private static long number(boolean keyed, int key) {
        return keyed ? FIRST_KEY + 2 * (key & 0xffffffffL) : NO_KEY;
    }

    private static long high(int place, int local, int port) {
        return (long) place << 40 | (long) local << 16 | port;
    }

    private static long low(long gre, long format) {
        return gre << 2 | format;
    }

    /** The first peer at an outer address, or {@link AddressTable#NONE}. */
    int first(boolean ipv4, long high, long low) {
        return places.get(ipv4, high, low);
    }

    /** True when others are where this peer is, the first one there. */
    boolean isShared(int firstPeer) {
        return isShared[firstPeer];
    }

    /** True when both are at one address. */
    boolean areTogether(int peer, int other) {
        return peer == other || (place[peer] != AddressTable.NONE && place[peer] == place[other]);
    }

    /** Takes what the packets of a datagram have in common: where and how they came. */
    void at(boolean ipv4, long localHigh, long localLow, int port, Format payload) {
        localOfDatagram = Math.max(locals.get(ipv4, localHigh, localLow), NO_LOCAL);
        portOfDatagram = port;
        formatOfDatagram = number(payload);
    }

    /**
     * Which peer sent a packet.
     *
     * @param firstPeer where it came from
     * @param header its GRE header, or {@code null}
     * @param owner of the inner source, or {@link RouteTable#NONE}
     */
    int sender(int firstPeer, GreHeader header, int owner) {
        int at = place[firstPeer];
        int bestLocal = local(at);
        long bestGre = gre(at, bestLocal, header);
        long bestFormat = find(at, bestLocal, bestGre, formatOfDatagram, ANY) < 0 ? ANY : formatOfDatagram;
        if (owner != RouteTable.NONE && place[owner] == at && fits(owner, bestLocal, bestGre, bestFormat)) {
            return owner;
        }
        int atPort = find(at, bestLocal, bestGre, bestFormat, portOfDatagram);
        return atPort >= 0 ? atPort : find(at, bestLocal, bestGre, bestFormat, ANY);
    }

    private int find(int at, int wantedLocal, long wantedGre, long wantedFormat, int port) {
        return table.get(high(at, wantedLocal, port), low(wantedGre, wantedFormat));
    }

    private int local(int at) {
        if (find(at, localOfDatagram, ANY, ANY, ANY) >= 0) {
            return localOfDatagram;
        }
        return find(at, NO_LOCAL, ANY, ANY, ANY) >= 0 ? NO_LOCAL : ANY;
    }

    private long gre(int at, int bestLocal, GreHeader header) {
        long key = header == null ? BARE : number(header.hasKey(), header.key());
        if (header != null && find(at, bestLocal, key + 1, ANY, ANY) >= 0) {
            return key + 1;
        }
        return find(at, bestLocal, key, ANY, ANY) >= 0 ? key : ANY;
    }

    private boolean fits(int peer, int wantedLocal, long wantedGre, long wantedFormat) {
        return (wantedLocal == ANY || wantedLocal == local[peer])
                && (wantedGre == ANY || wantedGre == greKey[peer] || wantedGre == sent[peer])
                && (wantedFormat == ANY || wantedFormat == format[peer]);
    }
}
