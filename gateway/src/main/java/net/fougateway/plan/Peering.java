package net.fougateway.plan;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.config.GatewayConfig;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/**
 * The peers that hold at a time, and what follows from them.
 *
 * @param peers in the order of their indexes
 * @param mark of all outer packets, 0 for none
 * @param problems of peers whose names lead nowhere, one sentence each
 * @param followed what the routes of the host add to it
 */
public record Peering(
        List<Peer> peers,
        int mark,
        List<String> problems,
        RouteTable routes,
        SourceCheck.Mode sourceCheck,
        Followed followed) {

    /** The peers of a configuration. */
    static Peering of(GatewayConfig config, HostLookups host, NamedPeers named, int mark) {
        List<Peer> peers = PeerResolver.resolve(config, host, named).stream()
                .map(peer -> peer.marked(mark))
                .toList();
        return new Peering(
                peers, mark, named.problems(), RouteTable.ofAllowedIps(peers), config.sourceCheck(), Followed.NOTHING);
    }

    /**
     * A member of a peer of {@code type: next_hop}.
     *
     * @param name of the member
     * @param remote its outer address
     */
    public static Peer member(
            GatewayConfig config, HostLookups host, GatewayConfig.Peer template, String name, InetAddress remote) {
        return PeerResolver.member(config, host, template, name, remote);
    }

    /** The peer that an inner address belongs to, the first of several. */
    public Optional<Peer> owner(InetAddress address) {
        int target =
                routes.lookup(address instanceof Inet4Address, AddressBits.high(address), AddressBits.low(address));
        int peer = RouteTable.isGroup(target) ? routes.leg(target, 0) : target;
        return peer == RouteTable.NONE ? Optional.empty() : Optional.of(peers.get(peer));
    }
}
