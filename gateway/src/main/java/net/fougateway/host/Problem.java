package net.fougateway.host;

import java.util.Map;
import net.fougateway.linux.Errno;
import net.fougateway.linux.LinuxException;

/**
 * Something the host refused.
 *
 * @param what what was tried, on what, and the kernel's words
 * @param remedy what the operator can do about it; empty when nothing better than {@code what} is known
 */
public record Problem(String what, String remedy) {

    private static final Map<Integer, String> REMEDIES = Map.of(
            Errno.EPERM.number(), "run as root or with CAP_NET_ADMIN",
            Errno.EEXIST.number(),
                    "something else owns it: remove it there, take it out of device.address or allowed_ips,"
                            + " or leave routes to the host with routes.install: false",
            Errno.ENODEV.number(), "the device must exist in this network namespace",
            Errno.ENETUNREACH.number(), "the underlay needs a route to the peer before the tunnel takes it over",
            Errno.EACCES.number(), "IPv6 is off on the device: sysctl net.ipv6.conf.<device>.disable_ipv6=0",
            Errno.EINVAL.number(), "see that device.mtu is 68 to 65535, and at least 1280 for IPv6");

    /** The refusal with the remedy for its error number. */
    static Problem of(LinuxException refusal) {
        return new Problem(refusal.getMessage(), REMEDIES.getOrDefault(refusal.errno(), ""));
    }

    @Override
    public String toString() {
        return remedy.isEmpty() ? what : what + " (" + remedy + ")";
    }
}
