package net.fougateway.host;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;
import net.fougateway.linux.Route;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/**
 * What {@link HostRules} look at: the host at one moment.
 *
 * @param device the TUN device, which is up
 * @param mtuBytes its MTU
 * @param reversePathFilter effective {@code rp_filter} of the device: 0 off, 1 strict, 2 loose
 * @param families those in which peers have prefixes
 * @param prefixes ways to the peers' prefixes, as far as they were looked up
 * @param peers ways to the peers, as far as they were looked up
 * @param conntrack the connection table
 */
record HostFacts(
        String device,
        int mtuBytes,
        int reversePathFilter,
        List<Family> families,
        List<PrefixWay> prefixes,
        List<PeerWay> peers,
        Conntrack conntrack) {

    /**
     * An address family.
     *
     * @param addressed whether the device has an address other than a link-local one
     * @param forwardingOff path of the sysctl that keeps packets from being forwarded, if there is one
     * @param strayPackets that were dropped because they were for another address than this host's
     */
    record Family(boolean ipv4, boolean addressed, Optional<String> forwardingOff, long strayPackets) {}

    /**
     * Where the kernel sends packets to a prefix that has no more specific route.
     *
     * @param device empty when there is no route
     */
    record PrefixWay(Prefix prefix, String peer, Optional<String> device) {}

    /**
     * Where the kernel sends packets to a peer.
     *
     * @param mtuBytes MTU of the route
     * @param underlay a route for the peer's outer address alone that does not lead into the tunnel, if there is a way
     */
    record PeerWay(Peer peer, String device, int mtuBytes, Optional<Route> underlay) {

        int innerMtuBytes() {
            return Overhead.innerMtuBytes(outerMtuBytes(), peer.isIpv4Underlay(), peer.encapsulation())
                    - peer.frames().linkBytes();
        }

        /** The sum for people. */
        String explanation() {
            return Overhead.explain(
                    outerMtuBytes(),
                    peer.isIpv4Underlay(),
                    peer.encapsulation(),
                    peer.frames().linkBytes());
        }

        private int outerMtuBytes() {
            return Math.min(mtuBytes, Ip.MAX_PACKET_BYTES);
        }
    }

    /**
     * The connection table.
     *
     * @param max 0 when the kernel has none
     * @param ports UDP ports of the tunnel
     */
    record Conntrack(long entries, long max, Set<Integer> ports) {}
}
