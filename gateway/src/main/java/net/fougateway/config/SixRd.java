package net.fougateway.config;

import net.fougateway.route.Prefix;

/** Prefixes of 6rd (RFC 5969). {@link #prefix} is null when it is not given. */
public record SixRd(
        @Setting(doc = "IPv6 prefix of all sites; required for type: 6rd.")
        Prefix prefix,

        @Setting(
                def = "0.0.0.0/0",
                doc = "IPv4 prefix that all sites have in common; its bits are not in the IPv6 addresses.")
        Prefix relayPrefix) {

    /** Nothing given. */
    static final SixRd NONE =
            new SixRd(null, new Prefix(IpLiteral.parse("0.0.0.0").orElseThrow(), 0));
}
