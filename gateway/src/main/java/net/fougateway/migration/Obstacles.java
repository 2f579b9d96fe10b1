package net.fougateway.migration;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a tunnel device does that the gateway does not, or does otherwise. */
final class Obstacles {

    private Obstacles() {}

    /**
     * Why a device cannot be taken over; nothing if it can.
     *
     * @param hears whether a port is open for IPv4 (true) or IPv6
     */
    static Optional<String> of(TunnelDevice device, String type, Predicate<Boolean> hears) {
        return Stream.of(
                        when(!device.up(), "it is down"),
                        when(device.carriesEthernet(), device.kind() + " carries Ethernet"),
                        when(device.info().flag("external"), "each packet has an other end of its own (external)"),
                        when(device.info().text("proto").equals("mplsip"), "it carries MPLS"),
                        when(
                                !device.isInUdp(),
                                "it sends without UDP: give both ends encap fou first, or a fou-gateway each"),
                        when(
                                !device.isGreSymmetric(),
                                "its GRE header has other options in one direction than in the other"),
                        when(
                                device.remote()
                                        .filter(InetAddress::isMulticastAddress)
                                        .isPresent(),
                                "its remote is a multicast group"),
                        when(
                                isOneOfManySites(type) && device.local().isEmpty(),
                                "it has no local, which type: " + type + " needs"),
                        when(
                                !hears.test(device.isIpv4Underlay()),
                                "no FOU or GUE port is open for " + (device.isIpv4Underlay() ? "IPv4" : "IPv6")
                                        + ", so that nothing can come back"))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static boolean isOneOfManySites(String type) {
        return !type.equals(Migration.FIXED) && !type.equals(Migration.NEXT_HOP);
    }

    /** What is otherwise than with the device, for one that is taken over. */
    static List<String> differences(TunnelDevice device) {
        return Stream.of(
                        when(
                                !device.master().isEmpty(),
                                "it belongs to " + device.master() + ": ip link set fou0 master " + device.master()),
                        when(
                                device.info().number("fwmark") != 0,
                                "its outer packets have fwmark " + device.info().text("fwmark")
                                        + "; those of all peers have device.fwmark"),
                        when(
                                device.info().flag("oseq"),
                                "its packets are numbered, now from 0 again: the other end drops those below the number of before,"
                                        + " unless its device, or its gateway, starts anew too"),
                        when(
                                device.info().flag("ip6_tnl_f_rcv_dscp_copy"),
                                "it copies the outer DSCP to the inner packet, which stays as it is here"),
                        when(
                                device.info().flag("ip6_tnl_f_use_orig_flowlabel"),
                                "it copies the inner flow label; here each inner flow has one of its own"))
                .flatMap(Optional::stream)
                .map(sentence -> device.name() + ": " + sentence)
                .toList();
    }

    private static Optional<String> when(boolean condition, String sentence) {
        return condition ? Optional.of(sentence) : Optional.empty();
    }
}
