package net.fougateway.otherend;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Format;
import net.fougateway.codec.PortPayload;
import net.fougateway.config.GatewayConfig;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/**
 * What the kernel at the other end of a peer needs, so that each side takes what the other sends.
 *
 * @param peer the peer, which is this kernel, or all sites of which this kernel is one
 * @param gateway outer address of this gateway, or {@link #UNKNOWN}
 * @param ports UDP ports to open
 * @param links tunnel devices
 * @param remarks what differs from the configuration, because the kernel cannot do otherwise; a sentence each
 * @param ranges where the machines are of which this kernel is one, when routes lead to them; else empty
 */
public record KernelSetup(
        Peer peer,
        String gateway,
        List<Port> ports,
        List<TunnelLink> links,
        List<String> remarks,
        List<Prefix> ranges) {

    /** Stands for an outer address of this gateway that is not known. */
    public static final String UNKNOWN = "OUR_ADDRESS";

    /** Stands for the outer address of a kernel that is one of many sites. */
    static final String SITE = "SITE_ADDRESS";

    /** Stands for the outer address of a kernel that is one of the machines that routes lead to. */
    static final String MACHINE = "MACHINE_ADDRESS";

    /**
     * A UDP port of the kernel.
     *
     * @param number the port
     * @param payload GUE, or FOU with one inner protocol
     */
    record Port(int number, PortPayload payload) {

        /** True for a GUE port. */
        boolean isGue() {
            return payload.format() == Format.GUE;
        }
    }

    /**
     * The set-up for one peer.
     *
     * @param peer resolved from {@code config}
     * @param gateway outer address of this gateway, as far as it is known
     */
    public static KernelSetup of(GatewayConfig config, Peer peer, Optional<InetAddress> gateway) {
        return of(config, peer, gateway, List.of());
    }

    /**
     * The set-up for any of the machines of a peer of {@code type: next_hop}.
     *
     * @param member as a machine of this peer is
     * @param gateway outer address of this gateway, as far as it is known
     * @param ranges where the machines are
     */
    public static KernelSetup ofMember(
            GatewayConfig config, Peer member, Optional<InetAddress> gateway, List<Prefix> ranges) {
        return of(config, member, gateway, ranges);
    }

    private static KernelSetup of(GatewayConfig config, Peer peer, Optional<InetAddress> gateway, List<Prefix> ranges) {
        return new SetupPlan(config, peer, ranges)
                .toSetup(gateway.map(NetUtil::toAddressString).orElse(UNKNOWN));
    }

    /** The kernel's outer address, or what stands for it. */
    String kernel() {
        if (isMember()) {
            return MACHINE;
        }
        return isSite() ? SITE : NetUtil.toAddressString(peer.remote());
    }

    /** True when the kernel's routes say where packets go, so that its devices have no other end. */
    boolean isMember() {
        return !ranges.isEmpty();
    }

    /** True when the kernel finds outer addresses inside inner ones, as the gateway does. */
    boolean isSite() {
        return peer.embedded().isPresent();
    }
}
