package net.fougateway;

import java.util.List;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.Routes;
import net.fougateway.path.Forwarding;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/** The peers that hold at a time, and what follows from them. */
record Peering(List<Peer> peers, RouteTable routes, SourceCheck.Mode sourceCheck) {

    /**
     * The peers of a configuration.
     *
     * @param routes of the host, for the path MTUs
     * @throws StartException with every name that does not resolve
     */
    static Peering of(GatewayConfig config, Routes routes) throws StartException {
        List<Peer> peers = PeerResolver.resolve(config.peers(), routes);
        return new Peering(peers, new RouteTable(peers), mode(config.sourceCheck()));
    }

    private static SourceCheck.Mode mode(GatewayConfig.SourceCheck sourceCheck) {
        return switch (sourceCheck) {
            case STRICT -> SourceCheck.Mode.STRICT;
            case LOOSE -> SourceCheck.Mode.LOOSE;
            case OFF -> SourceCheck.Mode.OFF;
        };
    }

    /** What one worker gets to know. */
    Forwarding forwarding(SendingSockets sockets) {
        return new Forwarding(peers, routes, sourceCheck, sockets.endpoints(peers));
    }
}
