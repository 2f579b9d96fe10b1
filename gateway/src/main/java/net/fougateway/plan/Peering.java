package net.fougateway.plan;

import java.util.List;
import net.fougateway.config.GatewayConfig;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/**
 * The peers that hold at a time, and what follows from them.
 *
 * @param problems of peers whose names lead nowhere, one sentence each
 */
public record Peering(List<Peer> peers, List<String> problems, RouteTable routes, SourceCheck.Mode sourceCheck) {

    /** The peers of a configuration. */
    static Peering of(GatewayConfig config, HostLookups host, NamedPeers named) {
        List<Peer> peers = PeerResolver.resolve(config, host, named);
        return new Peering(peers, named.problems(), RouteTable.ofAllowedIps(peers), config.sourceCheck());
    }
}
