package net.fougateway.ebpf;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Format;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;
import net.fougateway.codec.PortPayload;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import net.fougateway.route.SourceCheck;

/** All that the programs are to know at a time. What it leaves out stays with user space. Not thread-safe. */
public final class Contents {

    static final String OWNERS = "owners";
    static final String PEERS = "peers";
    static final String REMOTES = "remotes";
    static final String LISTENS = "listens";
    static final String SOURCE_PORTS = "source_ports";
    static final String SETTINGS = "settings";

    /** Of {@code enum peer_flags}. */
    private static final int RECEIVES = 1;

    private static final int SENDS = 2;
    private static final int GUE = 4;
    private static final int CHECKSUM = 8;
    private static final int DONT_FRAGMENT = 16;
    private static final int TOS = 32;
    private static final int CLAMP = 64;

    /** By map, those first that others refer to. */
    private final Map<String, Map<ByteBuffer, byte[]>> maps = new LinkedHashMap<>();

    private final SourceCheck.Mode sourceCheck;

    /**
     * Nothing but the settings.
     *
     * @param flowKey of the flow hash that user space chooses source ports by
     * @param device index of the tunnel device
     */
    public Contents(long flowKey, int device, SourceCheck.Mode sourceCheck) {
        this.sourceCheck = sourceCheck;
        for (String map : new String[] {SETTINGS, SOURCE_PORTS, PEERS, REMOTES, OWNERS, LISTENS}) {
            maps.put(map, new HashMap<>());
        }
        put(SETTINGS, Layout.u32(0), Layout.settings(flowKey, device));
    }

    /** Datagrams to an address and port of the host are the gateway's. */
    public Contents listen(InetAddress address, int port, PortPayload payload) {
        put(LISTENS, Layout.socket(address, port), Layout.payload(payload));
        return this;
    }

    /** The source port at a place, to which {@link Way} refers. */
    public Contents sourcePort(int place, int port) {
        put(SOURCE_PORTS, Layout.u32(place), Layout.port(port));
        return this;
    }

    /**
     * A peer, its addresses, and which way it is reached. One that is at no address of its own is user space's, and so is what one
     * device alone may carry, or a mark leads another way.
     */
    public Contents peer(Peer peer, Way way) {
        if (peer.hasAddress()) {
            put(PEERS, Layout.u32(way.slot()), Layout.peer(peer, way, flags(peer, way)));
            put(REMOTES, Layout.address(peer.remote()), new byte[] {1});
        }
        for (Prefix prefix : peer.allowedIps()) {
            put(OWNERS, Layout.prefix(prefix), Layout.u32(way.slot()));
        }
        return this;
    }

    private int flags(Peer peer, Way way) {
        Encapsulation encapsulation = peer.encapsulation();
        boolean anyDevice = peer.underlay().device().isEmpty();
        boolean anyWay = anyDevice && peer.underlay().mark() == 0;
        return flag(sourceCheck == SourceCheck.Mode.STRICT && anyDevice, RECEIVES)
                | flag(isPlain(encapsulation) && isWide(peer, way) && anyWay, SENDS)
                | flag(encapsulation.format() == Format.GUE, GUE)
                | flag(peer.checksum(), CHECKSUM)
                | flag(peer.pmtuDiscovery(), DONT_FRAGMENT)
                | flag(peer.tos() != Peer.INHERIT_TOS, TOS)
                | flag(peer.mssClamp(), CLAMP);
    }

    private static int flag(boolean set, int value) {
        return set ? value : 0;
    }

    private static boolean isPlain(Encapsulation encapsulation) {
        return encapsulation.gre() == null && !encapsulation.remoteChecksum();
    }

    /** False where the path is narrower than IPv6 needs: there user space sends from other sockets, without DF. */
    private static boolean isWide(Peer peer, Way way) {
        return way.mtuBytes() - Overhead.bytes(peer.isIpv4Underlay(), peer.encapsulation()) >= Ip.V6_MIN_MTU_BYTES;
    }

    private void put(String map, byte[] key, byte... value) {
        maps.get(map).put(ByteBuffer.wrap(key), value);
    }

    /** Keys and values by map; a map comes behind those that it refers to. */
    Map<String, Map<ByteBuffer, byte[]>> maps() {
        return maps;
    }
}
