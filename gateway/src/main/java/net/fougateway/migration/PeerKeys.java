package net.fougateway.migration;

import io.netty.util.NetUtil;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** What a tunnel device is in the words of a peer: keys and values of the configuration, where they differ from the defaults. */
final class PeerKeys {

    private static final int DEFAULT_TTL = 64;
    private static final int DSCP = 0xfc;

    private final Map<String, String> keys = new LinkedHashMap<>();

    private PeerKeys() {}

    /** All but the port, the prefixes, and where the machines of a device without other end are. */
    static Map<String, String> of(TunnelDevice device, String type) {
        PeerKeys peer = new PeerKeys();
        peer.underlay(device, type);
        peer.encapsulation(device, type);
        peer.outerHeader(device);
        return peer.keys;
    }

    private void put(boolean differs, String key, Object value) {
        if (differs) {
            keys.put(key, value.toString());
        }
    }

    private void underlay(TunnelDevice device, String type) {
        put(!type.equals(Migration.FIXED), "type", type);
        device.remote().ifPresent(remote -> put(true, "remote", YamlText.scalar(NetUtil.toAddressString(remote))));
        device.local().ifPresent(local -> put(true, "local", YamlText.scalar(NetUtil.toAddressString(local))));
        put(device.info().has("link"), "device", YamlText.scalar(device.info().text("link")));
    }

    private void encapsulation(TunnelDevice device, String type) {
        int sourcePort = device.encap().number("sport");
        put(device.isGue(), "encapsulation", "gue");
        put(device.isGre(), "protocol", "gre");
        put(sourcePort != 0, "source_port", sourcePort);
        put(!device.hasChecksum(), "checksum", false);
        put(device.hasRemoteChecksum(), "remote_checksum", true);
        put(device.isGre() && !gre(device.info()).equals("{}"), "gre", gre(device.info()));
        put(type.equals(Migration.SIX_RD), "6rd", sixRd(device));
    }

    private static String gre(IpJson info) {
        StringJoiner gre = new StringJoiner(", ", "{", "}");
        if (info.has("okey")) {
            gre.add("key: " + key(info.text("okey")));
        }
        if (info.flag("ocsum")) {
            gre.add("checksum: true");
        }
        if (info.flag("oseq")) {
            gre.add("sequence: true");
        }
        return gre.toString();
    }

    /** iproute2 writes it as an IPv4 address; a small one was a number. */
    private static String key(String address) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        return bytes != null && bytes[0] == 0 && bytes[1] == 0
                ? Integer.toString((bytes[2] & 0xff) << Byte.SIZE | (bytes[3] & 0xff))
                : address;
    }

    private static String sixRd(TunnelDevice device) {
        return "{prefix: %s, relay_prefix: %s}"
                .formatted(YamlText.scalar(device.sixRd()), YamlText.scalar(device.sixRdRelay()));
    }

    private void outerHeader(TunnelDevice device) {
        put(device.ttl() != DEFAULT_TTL, "ttl", device.ttl() == 0 ? "inherit" : device.ttl());
        put(!device.inheritsTos(), "tos", device.tos() & DSCP);
        put(!device.discoversPathMtu(), "pmtu_discovery", false);
    }
}
