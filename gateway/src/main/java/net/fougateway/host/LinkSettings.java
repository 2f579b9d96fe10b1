package net.fougateway.host;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Prefix;

/**
 * What a TUN device needs from the host before packets reach it.
 *
 * @param device name of the existing device
 * @param addresses interface addresses with their prefix lengths; empty to leave addressing to the host
 * @param mtuBytes MTU of the device
 * @param unicastOnly whether the host shall keep its own multicast (router solicitations, group reports) out of the device
 * @param adopting whether addresses and routes that are there already are the gateway's own, left by an earlier one
 * @param txQueueLengthPackets transmit queue length of the device
 * @param routes prefixes to send into the device
 * @param outerAddresses addresses of the peers on the underlay, which must not be sent into the device
 */
public record LinkSettings(
        String device,
        List<Prefix> addresses,
        int mtuBytes,
        boolean unicastOnly,
        boolean adopting,
        int txQueueLengthPackets,
        List<Prefix> routes,
        List<InetAddress> outerAddresses) {

    /** Copies the lists. */
    public LinkSettings {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        outerAddresses = List.copyOf(outerAddresses);
    }

    /**
     * The routes to add: a default route as its two halves, which the host's own default route survives; none for a prefix
     * that the kernel routes already because it lies within the network of an interface address; none for the outer
     * address of a peer alone, which stays on the underlay.
     */
    public List<Prefix> routesToAdd() {
        PrefixCover networks = new PrefixCover(addresses);
        Set<Prefix> outer = outerAddresses.stream().map(Prefix::host).collect(Collectors.toSet());
        return routes.stream()
                .map(Prefix::masked)
                .flatMap(LinkSettings::halvesOfDefault)
                .filter(route -> !networks.covers(route) && !outer.contains(route))
                .distinct()
                .toList();
    }

    /** The outer addresses that the device's routes or networks would capture without host routes of their own. */
    public List<InetAddress> capturedOuterAddresses() {
        PrefixCover captured = new PrefixCover(
                Stream.concat(addresses.stream(), routesToAdd().stream()).toList());
        return outerAddresses.stream()
                .filter(outer -> !outer.isLinkLocalAddress() && !outer.isMulticastAddress())
                .filter(outer -> captured.covers(Prefix.host(outer)))
                .distinct()
                .toList();
    }

    /** True when every address of {@code inner} is one of {@code outer}, whose host bits do not matter. */
    static boolean contains(Prefix outer, Prefix inner) {
        return outer.length() <= inner.length() && outer.covers(inner.address());
    }

    private static Stream<Prefix> halvesOfDefault(Prefix prefix) {
        if (prefix.length() > 0) {
            return Stream.of(prefix);
        }
        byte[] upper = prefix.address().getAddress();
        upper[0] = (byte) 0x80;
        return Stream.of(new Prefix(prefix.address(), 1), new Prefix(AddressBits.address(upper), 1));
    }
}
