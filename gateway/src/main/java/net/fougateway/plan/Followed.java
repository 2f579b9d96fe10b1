package net.fougateway.plan;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.fougateway.route.PeerGroup.Leg;
import net.fougateway.route.Prefix;

/**
 * What the routes of the host say of the peers.
 *
 * @param routes one for each prefix
 * @param members how many members each peer of {@code type: next_hop} has, by its name
 * @param otherTos routes that are for packets of one TOS only, which are not followed
 * @param findings what is wrong with the routes, one sentence each
 */
public record Followed(List<Route> routes, Map<String, Integer> members, int otherTos, List<String> findings) {

    /** When no routes are followed. */
    public static final Followed NOTHING = new Followed(List.of(), Map.of(), 0, List.of());

    /**
     * The route of a prefix.
     *
     * @param protocol who made it, {@code RTPROT_*}
     * @param since when it was first seen as it is
     * @param nextHops as the kernel has them; none when the prefix is on the link, and then {@code allowed_ips} decide
     * @param legs the peers that they are
     */
    public record Route(Prefix prefix, int protocol, int metric, Instant since, List<String> nextHops, List<Leg> legs) {

        /** True when it has next hops, and none of them is a peer: then packets are dropped. */
        public boolean isLost() {
            return !nextHops.isEmpty() && legs.isEmpty();
        }
    }
}
