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
    private static final int UDP_SUPER_PACKETS = 128;
    /** Of inner addresses that are nobody's, or several peers'. */
    private static final int USER_SPACE = -1;

    /** By map, those first that others refer to. */
    private final Map<String, Map<ByteBuffer, byte[]>> maps = new LinkedHashMap<>();

    private final Settings settings;

    /**
     * What holds for all peers.
     *
     * @param flowKey of the flow hash that user space chooses source ports by
     * @param device index of the tunnel device
     * @param sends whether packets to peers may be taken
     * @param shown whether what is taken is to be shown, see {@link FouPrograms#sights}
     */
    public record Settings(long flowKey, int device, SourceCheck.Mode sourceCheck, boolean sends, boolean shown) {}

    private Contents(Settings settings, String... names) {
        this.settings = settings;
        for (String map : names) {
            maps.put(map, new HashMap<>());
        }
        put(SETTINGS, Layout.u32(0), Layout.settings(settings.flowKey(), settings.device(), settings.shown()));
    }

    /** Nothing but the settings. */
    public static Contents of(Settings settings) {
        return new Contents(settings, SETTINGS, SOURCE_PORTS, PEERS, REMOTES, OWNERS, LISTENS);
    }

    /** Other settings, where all else is as before. */
    public static Contents settings(Settings settings) {
        return new Contents(settings, SETTINGS);
    }

    /** The same where inner addresses are whose they were before. */
    public static Contents withoutOwners(Settings settings) {
        return new Contents(settings, SETTINGS, SOURCE_PORTS, PEERS, REMOTES, LISTENS);
    }

    /** Datagrams to an address and port of the host are the gateway's. */
    public Contents listen(InetAddress address, int port, PortPayload payload) {
        put(LISTENS, Layout.socket(address, port), Layout.payload(payload));
        return this;
    }

    /** Source ports from a place on, to which {@link Way} refers. */
    public Contents sourcePorts(int first, int... ports) {
        for (int i = 0; i < ports.length; i++) {
            put(SOURCE_PORTS, Layout.u32(first + i), Layout.port(ports[i]));
        }
        return this;
    }

    /** A peer, and which way it is reached. One that is at no address of its own is user space's, and so is what one device alone may carry. */
    public Contents peer(Peer peer, Way way) {
        if (peer.hasAddress()) {
            put(PEERS, Layout.u32(way.slot()), Layout.peer(peer, way, flags(peer, way)));
            put(REMOTES, Layout.address(peer.remote()), new byte[] {1});
        }
        return this;
    }

    /** Inner addresses are those of the peer of that slot. */
    public Contents owner(Prefix prefix, int slot) {
        put(OWNERS, Layout.prefix(prefix), Layout.u32(slot));
        return this;
    }

    /** Inner addresses are nobody's, or several peers': user space knows. */
    public Contents noOwner(Prefix prefix) {
        return owner(prefix, USER_SPACE);
    }

    /** True when packets to a peer may be taken. */
    public boolean sendsTo(Peer peer, Way way) {
        boolean suits = peer.inKernel() || !way.virtual();
        return settings.sends()
                && peer.hasAddress()
                && way.isThere()
                && suits
                && isPlain(peer.encapsulation())
                && isWide(peer, way)
                && isOfAnyDevice(peer);
    }

    private static boolean isOfAnyDevice(Peer peer) {
        return peer.underlay().device().isEmpty();
    }

    private int flags(Peer peer, Way way) {
        Encapsulation encapsulation = peer.encapsulation();
        return flag(settings.sourceCheck() == SourceCheck.Mode.STRICT && isOfAnyDevice(peer), RECEIVES)
                | flag(sendsTo(peer, way), SENDS)
                | flag(!way.virtual(), UDP_SUPER_PACKETS)
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
