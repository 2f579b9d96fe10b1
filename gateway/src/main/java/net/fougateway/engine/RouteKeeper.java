package net.fougateway.engine;

import java.util.List;
import java.util.function.Function;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.Routes;
import net.fougateway.log.LogLimit;
import net.fougateway.path.PathMtu;
import net.fougateway.route.HostAddresses;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Follows the host while the gateway runs: its addresses, and the MTUs of the routes to the peers, a few in each round. */
final class RouteKeeper {

    /** Between two rounds. */
    static final long PERIOD_MILLIS = 1000;

    private static final Logger log = LoggerFactory.getLogger(RouteKeeper.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.INFO, "MTUs of routes to peers");
    /** Look-ups in one round, so that many peers cost no more than many rounds. */
    private static final int MOST_LOOKUPS = 200;

    private final Links links;
    private final Routes routes;
    private final String device;
    private final HostAddresses addresses;
    private int next;

    /**
     * A keeper of what is known of this host.
     *
     * @param device the TUN device, whose addresses are inside the tunnel
     */
    RouteKeeper(Netlink netlink, String device, HostAddresses addresses) {
        this.links = new Links(netlink);
        this.routes = new Routes(netlink);
        this.device = device;
        this.addresses = addresses;
    }

    void readAddresses() throws LinuxException {
        addresses.use(
                links.addressesOutside(device).stream().map(Prefix::address).toList());
    }

    void round(List<Peer> peers, Function<Peer, PathMtu> pathMtus) throws LinuxException {
        readAddresses();
        for (int i = 0; i < Math.min(peers.size(), MOST_LOOKUPS); i++) {
            next = (next + 1) % peers.size();
            Peer peer = peers.get(next);
            PathMtu pathMtu = peer.hasAddress() ? pathMtus.apply(peer) : null;
            if (pathMtu != null) {
                follow(peer, pathMtu);
            }
        }
    }

    /** While there is no route the last one counts. */
    private void follow(Peer peer, PathMtu pathMtu) {
        try {
            int bytes = routes.routeTo(peer.remote(), peer.underlay()).mtuBytes();
            if (pathMtu.route(bytes) && LIMIT.permits()) {
                log.info("peer {}: the MTU of the route is {} bytes now", peer.name(), bytes);
            }
        } catch (LinuxException e) {
            log.trace("peer {}: {}", peer.name(), e.getMessage());
        }
    }
}
