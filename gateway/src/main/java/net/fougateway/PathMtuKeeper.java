package net.fougateway;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Routes;
import net.fougateway.log.LogLimit;
import net.fougateway.route.Peer;
import net.fougateway.udp.PathMtu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Looks after the path MTUs on a thread of its own: forgets old ones, and asks the kernel where it refused a datagram. */
final class PathMtuKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(PathMtuKeeper.class);
    private static final LogLimit LIMIT = LogLimit.of(LOG, Level.INFO, "path MTUs that the kernel told");
    /** Less than TCP waits before it sends again. */
    private static final long PERIOD_MILLIS = 100;

    private final Supplier<List<Peer>> peers;
    private final Function<Peer, PathMtu> pathMtus;
    private final Routes routes;

    private PathMtuKeeper(Supplier<List<Peer>> peers, Function<Peer, PathMtu> pathMtus, Routes routes) {
        this.peers = peers;
        this.pathMtus = pathMtus;
        this.routes = routes;
    }

    /** Starts to look after the path MTU of each peer. */
    static Rounds start(Supplier<List<Peer>> peers, Function<Peer, PathMtu> pathMtus, Routes routes) {
        PathMtuKeeper keeper = new PathMtuKeeper(peers, pathMtus, routes);
        return Rounds.every(PERIOD_MILLIS, "path-mtu", keeper::run);
    }

    private void run() {
        for (Peer peer : peers.get()) {
            PathMtu pathMtu = pathMtus.apply(peer);
            if (pathMtu == null) {
                continue;
            }
            pathMtu.age();
            if (pathMtu.takeRefused() && peer.embedded().isEmpty()) {
                ask(peer, pathMtu);
            }
        }
    }

    private void ask(Peer peer, PathMtu pathMtu) {
        try {
            int bytes = routes.routeTo(peer.remote(), peer.local()).pathMtuBytes();
            if (pathMtu.lower(bytes) && LIMIT.permits()) {
                LOG.info("peer {}: the kernel says that the path MTU is {} bytes", peer.name(), bytes);
            }
        } catch (LinuxException e) {
            if (LOG.isDebugEnabled() && LIMIT.permits()) {
                LOG.debug("peer {}: {}", peer.name(), e.getMessage());
            }
        }
    }
}
