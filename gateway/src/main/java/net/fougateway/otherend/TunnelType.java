package net.fougateway.otherend;

import java.util.List;
import net.fougateway.codec.Ip;

/** The kernel's tunnel devices that can send through FOU and GUE. */
enum TunnelType {
    IPIP("ipip", "ipip"),
    SIT("sit", "sit"),
    GRE("gre", "ip_gre"),
    IP6TNL("ip6tnl", "ip6_tunnel"),
    IP6GRE("ip6gre", "ip6_gre");

    private final String keyword;
    private final String module;

    TunnelType(String keyword, String module) {
        this.keyword = keyword;
        this.module = module;
    }

    /** What {@code ip link add … type} and {@code Kind=} call it. */
    String keyword() {
        return keyword;
    }

    /** Kernel module that has it. */
    String module() {
        return module;
    }

    /** Name for the device. */
    String device() {
        return "fou-" + keyword;
    }

    /** True when it runs over IPv4. */
    boolean isIpv4Underlay() {
        return this == IPIP || this == SIT || this == GRE;
    }

    /** True when it sends GRE, protocol 47. */
    boolean isGre() {
        return this == GRE || this == IP6GRE;
    }

    /** The types that together carry {@code tunnelProtocols}, which are 47 alone or of 4 and 41. */
    static List<TunnelType> carrying(List<Integer> tunnelProtocols, boolean ipv4Underlay) {
        if (!ipv4Underlay) {
            return List.of(tunnelProtocols.contains(Ip.GRE) ? IP6GRE : IP6TNL);
        }
        return tunnelProtocols.stream()
                .map(protocol -> switch (protocol) {
                    case Ip.IPIP -> IPIP;
                    case Ip.IPV6 -> SIT;
                    default -> GRE;
                })
                .toList();
    }

    /** Those of {@code tunnelProtocols} that this type carries. */
    List<Integer> carried(List<Integer> tunnelProtocols) {
        return switch (this) {
            case IPIP -> List.of(Ip.IPIP);
            case SIT -> List.of(Ip.IPV6);
            default -> tunnelProtocols;
        };
    }

    /** True when inner packets of a family go through it. */
    boolean carriesFamily(boolean ipv4) {
        return this != (ipv4 ? SIT : IPIP);
    }
}
