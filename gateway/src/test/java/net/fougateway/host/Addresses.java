package net.fougateway.host;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.fougateway.route.Prefix;

/** Addresses and prefixes as text. */
final class Addresses {

    private Addresses() {}

    static Prefix prefix(String text) {
        String[] parts = text.split("/", 2);
        return parts.length == 1
                ? Prefix.host(address(text))
                : new Prefix(address(parts[0]), Integer.parseInt(parts[1]));
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
