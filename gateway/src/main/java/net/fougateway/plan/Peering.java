package net.fougateway.plan;

import java.util.List;
import java.util.stream.IntStream;
import net.fougateway.config.GatewayConfig;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/**
 * The peers that hold at a time, and what follows from them.
 *
 * @param problems of peers that are not resolved, one sentence each
 */
public record Peering(List<Peer> peers, List<String> problems, RouteTable routes, SourceCheck.Mode sourceCheck) {

    /** The peers of a configuration. */
    static Peering of(GatewayConfig config, HostLookups host) {
        ResolvedPeers resolved = PeerResolver.resolve(config, host);
        List<Peer> peers = resolved.peers();
        return new Peering(peers, resolved.problems(), RouteTable.ofAllowedIps(peers), config.sourceCheck());
    }

    /** Names of peers of {@code config} that are not resolved, where these are its peers. */
    public List<String> unresolvedNames(GatewayConfig config) {
        return IntStream.range(0, peers.size())
                .filter(i -> !peers.get(i).isResolved())
                .mapToObj(i -> config.peers().get(i).remote())
                .toList();
    }
}
