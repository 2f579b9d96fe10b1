package net.fougateway;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.Routes;
import net.fougateway.path.Forwarding;
import net.fougateway.path.PeerEndpoint;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/**
 * The peers that hold at a time, and what follows from them.
 *
 * @param problems of peers that are not resolved, one sentence each
 */
record Peering(List<Peer> peers, List<String> problems, RouteTable routes, SourceCheck.Mode sourceCheck) {

    /**
     * The peers of a configuration.
     *
     * @param names have been looked up
     * @param routes of the host, for the path MTUs
     */
    static Peering of(GatewayConfig config, HostNames names, Routes routes) {
        ResolvedPeers resolved = PeerResolver.resolve(config, names, routes);
        List<Peer> peers = resolved.peers();
        return new Peering(peers, resolved.problems(), new RouteTable(peers), mode(config.sourceCheck()));
    }

    private static SourceCheck.Mode mode(GatewayConfig.SourceCheck sourceCheck) {
        return switch (sourceCheck) {
            case STRICT -> SourceCheck.Mode.STRICT;
            case LOOSE -> SourceCheck.Mode.LOOSE;
            case OFF -> SourceCheck.Mode.OFF;
        };
    }

    /** Names of peers of {@code config} that are not resolved, where these are its peers. */
    List<String> unresolvedNames(GatewayConfig config) {
        return IntStream.range(0, peers.size())
                .filter(i -> !peers.get(i).isResolved())
                .mapToObj(i -> config.peers().get(i).remote())
                .toList();
    }

    /** What each worker gets to know: a piece of its own, which shares with the others what does not change. */
    Supplier<Forwarding> forwardings(SendingSockets sockets) {
        PeerEndpoint[] endpoints = sockets.endpoints(peers);
        return () -> new Forwarding(peers, routes, sourceCheck, endpoints);
    }
}
