package net.fougateway.ebpf;

import java.net.InetAddress;
import net.fougateway.route.Peer;

/**
 * What the programs have to know of the way to a peer, beside the peer.
 *
 * @param slot number of the peer in the counters
 * @param local outer source address
 * @param underlay index of the device towards the peer
 * @param firstPort place of its first source port
 * @param ports number of its source ports
 * @param mtuBytes largest outer packet that reaches it
 * @param virtual whether the device hands super-packets and unfinished checksums over as they are, as a veth does
 */
public record Way(int slot, InetAddress local, int underlay, int firstPort, int ports, int mtuBytes, boolean virtual) {

    /** While there is none: what the peer sends may come in. */
    public static Way none(int slot, Peer peer) {
        return new Way(slot, peer.remote(), 0, 0, 0, 0, true);
    }

    /** True when programs can send that way. */
    boolean isThere() {
        return underlay != 0 && ports > 0;
    }
}
