package net.fougateway.plan;

import java.util.List;
import java.util.stream.Stream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.GatewayConfig.PeerType;
import net.fougateway.host.TunnelRoutes;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Prefix;

/** What a configuration routes into the device. */
final class DeviceRouting {

    private static final Prefix ALL_IPV4 = new Prefix(AddressBits.address(new byte[4]), 0);

    private DeviceRouting() {}

    static TunnelRoutes of(GatewayConfig config, NamedPeers named) {
        List<Prefix> routes = config.routes().install() && !config.isEthernet()
                ? config.standing().stream()
                        .flatMap(peer -> routes(peer, named))
                        .toList()
                : List.of();
        List<Prefix> outer = config.peers().stream()
                .flatMap(peer -> outer(peer, named))
                .distinct()
                .toList();
        return TunnelRoutes.of(config.device().address(), routes, outer);
    }

    /** Not the default route of a peer that is not resolved: it would capture the way to the name servers. */
    private static Stream<Prefix> routes(GatewayConfig.Peer peer, NamedPeers named) {
        boolean resolved = peer.type() != PeerType.FIXED
                || !PeerResolver.address(peer, named).isAnyLocalAddress();
        return peer.allowedIps().stream().filter(prefix -> resolved || prefix.length() > 0);
    }

    /** Where a peer is, or may be. Sockets that are bound to a device do not see the routes of others. */
    private static Stream<Prefix> outer(GatewayConfig.Peer peer, NamedPeers named) {
        if (!peer.outerDevice().isEmpty()) {
            return Stream.empty();
        }
        return switch (peer.type()) {
            case NEXT_HOP -> peer.ranges().stream();
            case SIX_RD -> Stream.of(peer.sixRd().relayPrefix());
            case SIX_TO_FOUR, ISATAP -> Stream.of(ALL_IPV4);
            case FIXED ->
                Stream.of(PeerResolver.address(peer, named))
                        .filter(address -> !address.isAnyLocalAddress())
                        .map(Prefix::host);
        };
    }
}
