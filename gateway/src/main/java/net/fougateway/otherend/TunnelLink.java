package net.fougateway.otherend;

import java.util.List;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Format;
import net.fougateway.route.Prefix;

/**
 * A tunnel device of the kernel.
 *
 * @param type of the device
 * @param protocols IP protocols that it sends: 47, or 4 and 41, or one of them
 * @param encapsulation of what it sends
 * @param port of the gateway that takes this
 * @param ttl outer TTL or hop limit, 0 for that of the inner packet
 * @param mtuBytes largest inner packet
 * @param addresses of the device
 * @param routes into the device
 * @param sources prefixes that the gateway accepts inner packets from
 */
record TunnelLink(
        TunnelType type,
        List<Integer> protocols,
        Encapsulation encapsulation,
        int port,
        int ttl,
        int mtuBytes,
        List<Prefix> addresses,
        List<Prefix> routes,
        List<Prefix> sources) {

    /** True when it sends GUE, else FOU. */
    boolean isGue() {
        return encapsulation.format() == Format.GUE;
    }
}
