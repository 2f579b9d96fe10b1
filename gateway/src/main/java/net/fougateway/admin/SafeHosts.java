package net.fougateway.admin;

import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;

/**
 * Under which names the port may be asked. A page of somebody else's can make a browser look up the page's own name anew, and lead it to this
 * port (DNS rebinding); so a name that others may own is refused. An address, a name without a dot, and names of zones that nobody can
 * register lead nowhere else.
 */
final class SafeHosts {

    /** RFC 6761, RFC 6762, RFC 8375, ICANN's {@code internal}, and what Kubernetes and home routers use. */
    private static final List<String> NOBODYS_ZONES = List.of(
            ".localhost",
            ".local",
            ".internal",
            ".home.arpa",
            ".lan",
            ".test",
            ".example",
            ".invalid",
            ".cluster.local");

    private SafeHosts() {}

    /** True for an address, or {@code localhost}. */
    static boolean isAddress(String host) {
        return host.equals("localhost") || NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    /** True when whoever asks by this name cannot have been led here by somebody else. */
    static boolean isSafe(String host) {
        String name = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        return isAddress(name) || !name.contains(".") || NOBODYS_ZONES.stream().anyMatch(name::endsWith);
    }
}
