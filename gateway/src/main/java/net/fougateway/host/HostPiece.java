package net.fougateway.host;

import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Route;
import net.fougateway.linux.Rule;
import net.fougateway.route.Prefix;

/** One thing that a host is given for a device, and that can be taken back. Two are equal when they are the same thing. */
sealed interface HostPiece {

    /** The {@code ip} command that adds it. */
    String command();

    /** True when the host has it. */
    boolean isIn(HostState state);

    /** True when it cannot be added while the host has {@code other}. */
    default boolean excludes(HostPiece other) {
        return false;
    }

    /** True when it does as well if somebody else has added it, who then keeps it. */
    default boolean mayBeOfOthers() {
        return false;
    }

    /** True for what the device can only have while it has IPv6. */
    default boolean needsIpv6() {
        return false;
    }

    /** Takes it back; one that is not there is fine. */
    void remove(HostTables host) throws LinuxException;

    /**
     * An address of the device.
     *
     * @param withRoute whether the kernel shall route its network into the device by itself
     */
    record Address(String device, Prefix address, boolean withRoute) implements HostPiece {

        @Override
        public String command() {
            return "ip addr add " + address + " dev " + device + (address.isIpv4() ? "" : " nodad")
                    + (withRoute ? "" : " noprefixroute");
        }

        @Override
        public boolean isIn(HostState state) {
            return state.addresses().contains(address);
        }

        @Override
        public boolean excludes(HostPiece other) {
            return other instanceof Address was && was.address.equals(address);
        }

        @Override
        public boolean needsIpv6() {
            return !address.isIpv4();
        }

        @Override
        public void remove(HostTables host) throws LinuxException {
            host.links().removeAddress(device, address);
        }
    }

    /** A route. */
    sealed interface OfRoute extends HostPiece {

        Route route();

        @Override
        default String command() {
            return "ip route add " + route();
        }

        @Override
        default void remove(HostTables host) throws LinuxException {
            host.routes().remove(route());
        }
    }

    /** A route into the device. */
    record Way(Route route) implements OfRoute {

        @Override
        public boolean isIn(HostState state) {
            return state.ways().contains(new HostState.Way(route.destination(), route.table()));
        }

        @Override
        public boolean needsIpv6() {
            return !route.destination().isIpv4();
        }
    }

    /** A route that keeps the outer address of a peer on the underlay. */
    record HostRoute(Route route) implements OfRoute {

        @Override
        public boolean isIn(HostState state) {
            return state.own().contains(route);
        }

        @Override
        public boolean excludes(HostPiece other) {
            return other instanceof HostRoute was && was.route.destination().equals(route.destination());
        }

        @Override
        public boolean mayBeOfOthers() {
            return true;
        }
    }

    /** A rule. */
    record Policy(Rule rule) implements HostPiece {

        @Override
        public String command() {
            return (rule.ipv4() ? "ip" : "ip -6") + " rule add " + rule;
        }

        @Override
        public boolean isIn(HostState state) {
            return state.rules().contains(rule);
        }

        @Override
        public void remove(HostTables host) throws LinuxException {
            host.rules().remove(rule);
        }
    }
}
