package net.fougateway.plan;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.config.GatewayConfig;

/**
 * The peers that are at host names, each at one of the addresses that its name has.
 *
 * @param addresses nothing where none is known that the peer can be at
 * @param problems why that is so, and of names that lead nowhere any more, one sentence each
 */
public record NamedPeers(Map<PeerAtName, Optional<InetAddress>> addresses, List<String> problems) {

    /** None. */
    public static final NamedPeers NONE = new NamedPeers(Map.of(), List.of());

    /** A peer, as long as it is at this name. */
    record PeerAtName(String peer, String name) {

        static PeerAtName of(GatewayConfig.Peer peer) {
            return new PeerAtName(peer.name(), peer.remote());
        }
    }

    /** Copies both. */
    public NamedPeers {
        addresses = Map.copyOf(addresses);
        problems = List.copyOf(problems);
    }

    /** True for a peer that is at a host name. */
    static boolean hasName(GatewayConfig.Peer peer) {
        return peer.type() == GatewayConfig.PeerType.FIXED
                && peer.remoteLiteral().isEmpty();
    }

    /** The names of all such peers of a configuration. */
    static List<String> names(GatewayConfig config) {
        return config.peers().stream()
                .filter(NamedPeers::hasName)
                .map(GatewayConfig.Peer::remote)
                .toList();
    }

    /** Where a peer is. */
    Optional<InetAddress> address(GatewayConfig.Peer peer) {
        return address(PeerAtName.of(peer));
    }

    private Optional<InetAddress> address(PeerAtName key) {
        return addresses.getOrDefault(key, Optional.empty());
    }

    /** The peers that were elsewhere before, one sentence each. */
    public List<String> movedFrom(NamedPeers before, HostLookups host) {
        return addresses.keySet().stream()
                .flatMap(key -> move(key, before.address(key), address(key), host).stream())
                .sorted()
                .toList();
    }

    private static Optional<String> move(
            PeerAtName key, Optional<InetAddress> from, Optional<InetAddress> to, HostLookups host) {
        return from.isEmpty() || to.isEmpty() || from.equals(to)
                ? Optional.empty()
                : Optional.of(move(key, from.get(), to.get(), host));
    }

    private static String move(PeerAtName key, InetAddress from, InetAddress to, HostLookups host) {
        String sentence = host.addresses(key.name()).contains(from)
                ? "peer %s: of the addresses of the name %s it is at %s now, since it cannot be reached at %s"
                : "peer %s: the name %s resolves to %s now, no longer to %s";
        return sentence.formatted(key.peer(), key.name(), NetUtil.toAddressString(to), NetUtil.toAddressString(from));
    }
}
