package net.fougateway.plan;

import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.route.Underlay;

/** What a plan has to know of the host. To ask changes nothing. */
public interface HostLookups {

    /** The addresses of a name, in the order that the resolver prefers; empty when none is known. */
    List<InetAddress> addresses(String name);

    /**
     * How the kernel would send.
     *
     * @param from how it would be sent
     * @throws LinuxException when there is no way
     */
    RouteInfo route(InetAddress to, Underlay from) throws LinuxException;

    /** The MTU of the way that does not lead through {@code device}, whose routes capture the address; empty when there is none. */
    OptionalInt mtuAround(InetAddress to, String device);

    /** False when the kernel has one routing table for all packets. */
    boolean hasRules();

    /** False when the kernel runs without the family of {@code address}, as with {@code ipv6.disable=1}. */
    boolean isFamilySupported(InetAddress address);

    /** Processors that this process may use. */
    int processors();
}
