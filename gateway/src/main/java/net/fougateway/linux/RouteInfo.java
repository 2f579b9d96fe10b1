package net.fougateway.linux;

import java.net.InetAddress;
import java.util.Optional;

/**
 * How the kernel would send to an address.
 *
 * @param interfaceIndex output interface
 * @param device name of the output interface
 * @param mtuBytes MTU of the route, else of the interface
 * @param pathMtuBytes MTU that the kernel learned of the path, which it forgets after a while, else {@code mtuBytes}
 * @param preferredSource source address the kernel would choose
 * @param gateway next hop; empty when the address is on the link
 * @param local true when the address is the host's own
 * @param broadcast true when it stands for all hosts of a network that this host is in
 */
public record RouteInfo(
        int interfaceIndex,
        String device,
        int mtuBytes,
        int pathMtuBytes,
        Optional<InetAddress> preferredSource,
        Optional<InetAddress> gateway,
        boolean local,
        boolean broadcast) {}
