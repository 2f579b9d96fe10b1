package net.fougateway.ebpf;

import java.net.InetAddress;

/**
 * What the programs have to know of the way to a peer, beside the peer.
 *
 * @param slot number of the peer in the counters
 * @param local outer source address
 * @param underlay index of the device towards the peer
 * @param firstPort place of its first source port
 * @param ports number of its source ports
 * @param mtuBytes largest outer packet that reaches it
 */
public record Way(int slot, InetAddress local, int underlay, int firstPort, int ports, int mtuBytes) {}
