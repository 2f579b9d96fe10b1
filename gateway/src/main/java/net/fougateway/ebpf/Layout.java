package net.fougateway.ebpf;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.fougateway.codec.Format;
import net.fougateway.codec.PortPayload;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/** Keys and values of the maps, as {@code fou.h} describes them. */
final class Layout {

    private static final int ADDRESS_BYTES = 20;
    private static final int PEER_BYTES = 72;
    private static final int FAMILY_BITS = 32;

    private Layout() {}

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A copy of what is left in {@code buffer}. */
    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    static byte[] u32(int value) {
        return buffer(Integer.BYTES).putInt(value).array();
    }

    /** A port, as it is on the wire. */
    static byte[] port(int port) {
        return new byte[] {(byte) (port >>> 8), (byte) port};
    }

    /** {@code struct address}. */
    static byte[] address(InetAddress address) {
        return buffer(ADDRESS_BYTES)
                .putInt(address instanceof Inet4Address ? 4 : 6)
                .put(address.getAddress())
                .array();
    }

    /** {@code struct prefix}. */
    static byte[] prefix(Prefix prefix) {
        return buffer(Integer.BYTES + ADDRESS_BYTES)
                .putInt(FAMILY_BITS + prefix.length())
                .put(address(prefix.masked().address()))
                .array();
    }

    /** {@code struct socket}. */
    static byte[] socket(InetAddress address, int port) {
        return buffer(ADDRESS_BYTES + 4).put(address(address)).put(port(port)).array();
    }

    /** {@code struct payload}. */
    static byte[] payload(PortPayload payload) {
        boolean gue = payload.format() == Format.GUE;
        return new byte[] {
            (byte) (gue ? 1 : 0), (byte) (gue ? 0 : payload.protocol().number())
        };
    }

    /** {@code struct settings}. */
    static byte[] settings(long flowKey, int device, boolean shown) {
        return buffer(16).putLong(flowKey).putInt(device).putInt(shown ? 1 : 0).array();
    }

    /** {@code struct traffic} before the first packet. */
    static byte[] noTraffic() {
        return new byte[3 * Long.BYTES];
    }

    /** {@code struct peer}. */
    static byte[] peer(Peer peer, Way way, int flags) {
        boolean inheritsTos = peer.tos() == Peer.INHERIT_TOS;
        return buffer(PEER_BYTES)
                .put(address(way.local()))
                .put(address(peer.remote()))
                .putInt(way.slot())
                .putInt(way.underlay())
                .putInt(way.firstPort())
                .putInt(way.ports())
                .put(port(peer.ports().ipv4()))
                .put(port(peer.ports().ipv6()))
                .putShort((short) way.mtuBytes())
                .putShort((short) flags)
                .put((byte) peer.ttl())
                .put((byte) (inheritsTos ? 0 : peer.tos()))
                .putShort((short) 0)
                .putInt(peer.underlay().mark())
                .array();
    }
}
