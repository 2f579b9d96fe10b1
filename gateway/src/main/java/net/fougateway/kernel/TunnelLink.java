package net.fougateway.kernel;

import java.util.List;
import net.fougateway.route.Prefix;

/**
 * A tunnel device of the kernel.
 *
 * @param type of the device
 * @param protocols IP protocols that it sends: 47, or 4 and 41, or one of them
 * @param gue whether it sends GUE, else FOU
 * @param port of the gateway that takes this
 * @param remoteChecksum whether it leaves inner checksums to the gateway
 * @param ttl outer TTL or hop limit, 0 for that of the inner packet
 * @param mtuBytes largest inner packet
 * @param addresses of the device
 * @param routes into the device
 * @param sources prefixes that the gateway accepts inner packets from
 */
record TunnelLink(
        TunnelType type,
        List<Integer> protocols,
        boolean gue,
        int port,
        boolean remoteChecksum,
        int ttl,
        int mtuBytes,
        List<Prefix> addresses,
        List<Prefix> routes,
        List<Prefix> sources) {}
