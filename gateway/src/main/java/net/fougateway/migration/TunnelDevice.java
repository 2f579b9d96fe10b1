package net.fougateway.migration;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Format;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Overhead;
import net.fougateway.route.Prefix;

/**
 * A tunnel device of the kernel.
 *
 * @param kind what {@code ip link add … type} calls it
 * @param master the bridge or VRF that it belongs to; empty for none
 * @param addresses of the device, each with the length of its network
 * @param info what the kind alone has
 */
record TunnelDevice(
        String name, String kind, boolean up, int mtuBytes, String master, List<Prefix> addresses, IpJson info) {

    private static final Set<String> IP_TUNNELS = Set.of("ipip", "sit", "gre", "ip6tnl", "ip6gre");
    private static final Set<String> ETHERNET_TUNNELS = Set.of("gretap", "ip6gretap", "erspan", "ip6erspan", "vxlan");
    /** Those that are there as soon as the modules are. */
    private static final Set<String> FALLBACKS =
            Set.of("tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip6tnl0", "ip6gre0");

    /** Prefix of 6to4. */
    static final String SIX_TO_FOUR = "2002::/16";

    private static final int USUAL_PATH_MTU_BYTES = 1500;
    private static final int ENCAPSULATION_LIMIT_BYTES = 8;
    /** Low bit of a TOS: the kernel takes it from the inner packet. */
    private static final int INHERIT = 1;

    /** From an object of {@code ip -d -j address}; nothing for what is no tunnel. */
    static Optional<TunnelDevice> of(IpJson json) {
        IpJson linkinfo = json.object("linkinfo");
        TunnelDevice device = new TunnelDevice(
                json.text("ifname"),
                linkinfo.text("info_kind"),
                json.texts("flags").contains("UP"),
                json.number("mtu"),
                json.text("master"),
                json.objects("addr_info").flatMap(TunnelDevice::address).toList(),
                linkinfo.object("info_data"));
        return Optional.of(device).filter(found -> found.carriesIp() || found.carriesEthernet());
    }

    private static Stream<Prefix> address(IpJson json) {
        return json
                .address("local")
                .filter(address -> !address.isLinkLocalAddress() && !json.hasIpv4Inside("local"))
                .map(address -> new Prefix(address, json.number("prefixlen")))
                .stream();
    }

    boolean carriesIp() {
        return IP_TUNNELS.contains(kind);
    }

    boolean carriesEthernet() {
        return ETHERNET_TUNNELS.contains(kind);
    }

    /** True for one that nobody made. */
    boolean isFallback() {
        return FALLBACKS.contains(name);
    }

    boolean isIpv4Underlay() {
        return !kind.startsWith("ip6");
    }

    Optional<InetAddress> remote() {
        return info.address("remote");
    }

    Optional<InetAddress> local() {
        return info.address("local");
    }

    boolean isGre() {
        return kind.equals("gre") || kind.equals("ip6gre");
    }

    IpJson encap() {
        return info.object("encap");
    }

    boolean isInUdp() {
        return encap().number("dport") != 0;
    }

    boolean isGue() {
        return encap().text("type").equals("gue");
    }

    boolean hasChecksum() {
        return encap().flag(isIpv4Underlay() ? "csum" : "csum6");
    }

    boolean hasRemoteChecksum() {
        return isGue() && encap().flag("remcsum");
    }

    int ttl() {
        return Math.max(info.number("ttl"), Math.max(info.number("hoplimit"), info.number("hop_limit")));
    }

    boolean inheritsTos() {
        return isIpv4Underlay() ? tos() == INHERIT : info.flag("ip6_tnl_f_use_orig_tclass");
    }

    int tos() {
        return Math.max(info.number("tos"), info.number("tclass"));
    }

    /** Over IPv6 the kernel does nothing else. */
    boolean discoversPathMtu() {
        return !isIpv4Underlay() || info.flag("pmtudisc");
    }

    /** False where the two directions of GRE differ. */
    boolean isGreSymmetric() {
        return info.text("ikey").equals(info.text("okey"))
                && info.flag("icsum") == info.flag("ocsum")
                && info.flag("iseq") == info.flag("oseq");
    }

    boolean isIsatap() {
        return info.flag("isatap");
    }

    /** Prefix of 6rd, which is 2002::/16 where nobody set another. */
    String sixRd() {
        return info.has("prefix") ? info.text("prefix") + "/" + info.number("prefixlen") : SIX_TO_FOUR;
    }

    /** IPv4 prefix that all sites of 6rd have in common. */
    String sixRdRelay() {
        return info.has("relay_prefix")
                ? info.text("relay_prefix") + "/" + info.number("relay_prefixlen")
                : "0.0.0.0/0";
    }

    /** True unless somebody made it smaller than what follows from the headers on a link of 1500 bytes. */
    boolean hasUsualMtu() {
        Gre gre = isGre() ? new Gre(!info.text("okey").isEmpty(), 0, info.flag("ocsum"), info.flag("oseq")) : null;
        Encapsulation sent = Encapsulation.of(isGue() ? Format.GUE : Format.FOU, hasRemoteChecksum(), gre);
        int usual = Overhead.innerMtuBytes(USUAL_PATH_MTU_BYTES, isIpv4Underlay(), sent);
        boolean limit = !isIpv4Underlay() && info.number("encap_limit") != 0;
        return mtuBytes >= usual - (limit ? ENCAPSULATION_LIMIT_BYTES : 0);
    }
}
