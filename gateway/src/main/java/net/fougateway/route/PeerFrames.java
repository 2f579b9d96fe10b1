package net.fougateway.route;

import java.util.List;

/**
 * What a peer is to a switch; only looked at where Ethernet is carried.
 *
 * @param macs MAC addresses that are at the peer and nowhere else, each in the low 48 bits
 * @param flood whether it gets frames for everybody, for groups and for unknown addresses
 * @param linkBytes length of an Ethernet header without tags; 0 where IP is carried
 */
public record PeerFrames(List<Long> macs, boolean flood, int linkBytes) {

    /** Where IP is carried. */
    public static final PeerFrames NONE = new PeerFrames(List.of(), false, 0);
}
