package net.fougateway.path;

import java.util.List;
import net.fougateway.ethernet.Switching;
import net.fougateway.route.GreCheck;
import net.fougateway.route.Peer;
import net.fougateway.route.RouteCache;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;

/** All that a worker knows of the peers, in one piece, so that it can be exchanged between two batches. Belongs to one worker. */
public final class Forwarding {

    private final List<String> names;
    private final RouteTable routes;
    private final PeerEndpoint[] endpoints;
    private final EndpointTable table;
    private final TokenBucket[] unresolved;
    private final RouteCache cache;
    private final SourceCheck sources;
    private final GreCheck gre;
    private final boolean complete;
    private final Switching switching;

    /**
     * What follows from the peers.
     *
     * @param peers in the order of their indexes
     * @param endpoints by peer index, null for a peer that is not resolved; of this worker alone
     * @param complete false where routes of the host are followed, and the next one may come in a moment
     */
    public Forwarding(
            List<Peer> peers,
            RouteTable routes,
            SourceCheck.Mode sourceCheck,
            PeerEndpoint[] endpoints,
            boolean complete) {
        this(peers, routes, sourceCheck, endpoints, complete, null);
    }

    /**
     * The same where Ethernet is carried.
     *
     * @param switching says which peer a frame goes to, and checks sources
     */
    public static Forwarding ofFrames(
            List<Peer> peers, RouteTable routes, PeerEndpoint[] endpoints, Switching switching) {
        return new Forwarding(peers, routes, SourceCheck.Mode.OFF, endpoints, true, switching);
    }

    private Forwarding(
            List<Peer> peers,
            RouteTable routes,
            SourceCheck.Mode sourceCheck,
            PeerEndpoint[] endpoints,
            boolean complete,
            Switching switching) {
        this.complete = complete;
        this.switching = switching;
        names = peers.stream().map(Peer::name).toList();
        this.routes = routes;
        this.endpoints = endpoints;
        table = new EndpointTable(endpoints);
        unresolved = peers.stream()
                .map(peer -> peer.isResolved() ? null : TokenBucket.ofIcmpErrors(System::nanoTime))
                .toArray(TokenBucket[]::new);
        cache = new RouteCache(routes);
        sources = new SourceCheck(sourceCheck, peers, cache);
        gre = new GreCheck(peers);
    }

    /** Names of the peers, by index. */
    public List<String> names() {
        return names;
    }

    RouteTable routes() {
        return routes;
    }

    /** Look-ups in the routes: destinations of what goes out are sources of what comes back. */
    RouteCache cache() {
        return cache;
    }

    PeerEndpoint[] endpoints() {
        return endpoints;
    }

    EndpointTable table() {
        return table;
    }

    /** How many ICMP errors senders get about packets to peers that are not resolved, by peer index, null for the others. */
    TokenBucket[] unresolved() {
        return unresolved;
    }

    /** True when where no route leads none will: senders are told so. */
    boolean isComplete() {
        return complete;
    }

    SourceCheck sources() {
        return sources;
    }

    GreCheck gre() {
        return gre;
    }

    /** Where Ethernet is carried, else {@code null}. */
    Switching switching() {
        return switching;
    }
}
