package net.fougateway.engine;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.linux.Routes;
import net.fougateway.linux.SocketAddress;
import net.fougateway.log.LogLimit;
import net.fougateway.path.PathMtu;
import net.fougateway.route.Peer;
import net.fougateway.threads.Rounds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Looks after the path MTUs on a thread of its own: forgets old ones, and asks the kernel where it refused a datagram. */
final class PathMtuKeeper {

    private static final Logger log = LoggerFactory.getLogger(PathMtuKeeper.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.INFO, "path MTUs that the kernel told");
    /** Less than TCP waits before it sends again. */
    private static final long PERIOD_MILLIS = 100;

    private final Supplier<List<Peer>> peers;
    private final Function<Peer, PathMtu> pathMtus;
    private final Routes routes;
    private final IntPredicate hearsIcmp;

    private PathMtuKeeper(
            Supplier<List<Peer>> peers, Function<Peer, PathMtu> pathMtus, Routes routes, IntPredicate hearsIcmp) {
        this.peers = peers;
        this.pathMtus = pathMtus;
        this.routes = routes;
        this.hearsIcmp = hearsIcmp;
    }

    /**
     * Starts to look after the path MTU of each peer.
     *
     * @param hearsIcmp whether the gateway hears of ICMP errors in an address family itself; what the kernel believes of them does not
     *     count then, because it believes forged ones, too
     */
    static Rounds start(
            Supplier<List<Peer>> peers, Function<Peer, PathMtu> pathMtus, Routes routes, IntPredicate hearsIcmp) {
        PathMtuKeeper keeper = new PathMtuKeeper(peers, pathMtus, routes, hearsIcmp);
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
            RouteInfo route = routes.routeTo(peer.remote(), peer.underlay());
            boolean heard = hearsIcmp.test(SocketAddress.family(peer.remote()));
            int bytes = heard ? route.mtuBytes() : route.pathMtuBytes();
            boolean changed = heard ? pathMtu.route(bytes) : pathMtu.lower(bytes);
            if (changed && LIMIT.permits()) {
                log.info("peer {}: the kernel says that the path MTU is {} bytes", peer.name(), bytes);
            }
        } catch (LinuxException e) {
            if (log.isDebugEnabled() && LIMIT.permits()) {
                log.debug("peer {}: {}", peer.name(), e.getMessage());
            }
        }
    }
}
