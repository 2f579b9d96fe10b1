package net.fougateway.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What people write who know WireGuard or {@code ip link}, and what it is here. */
final class ForeignWords {

    private static final String NO_KEYS = ": nothing is encrypted here, so there are no keys: leave it out";

    private static final Map<String, String> INSTEAD = Map.ofEntries(
            Map.entry("endpoint", ": write the address as remote, and the port as port"),
            Map.entry("publickey", NO_KEYS),
            Map.entry("privatekey", NO_KEYS),
            Map.entry("presharedkey", NO_KEYS),
            Map.entry("persistentkeepalive", ": there is no keepalive: leave it out"),
            Map.entry("listenport", ": write listen: [{port: NUMBER}]"),
            Map.entry("interface", ": write device"),
            Map.entry("address", ": write device: {address: [PREFIX]}"),
            Map.entry("mtu", ": write device: {mtu: NUMBER}"),
            Map.entry("fwmark", ": write device: {fwmark: NUMBER}"),
            Map.entry("dport", ": write port"),
            Map.entry("encapdport", ": write port"),
            Map.entry("sport", ": write source_port"),
            Map.entry("encapsport", ": write source_port"),
            Map.entry("encap", ": write encapsulation"),
            Map.entry("csum", ": write checksum, and for GRE gre: {checksum: true}"),
            Map.entry("encapcsum", ": write checksum"),
            Map.entry("encapremcsum", ": write remote_checksum"),
            Map.entry("key", ": write gre: {key: NUMBER}"));

    private static final Pattern HOST_AND_PORT =
            Pattern.compile("([0-9.]+|[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+(?:%[^\\]]+)?]):([0-9]{1,5})");

    private ForeignWords() {}

    /** What to write instead of a key that is not known, for the end of a message. */
    static Optional<String> hint(String key, Collection<String> known) {
        String plain = plain(key);
        return known.stream()
                .filter(word -> plain(word).equals(plain))
                .findFirst()
                .map(word -> ", did you mean \"" + word + "\"?")
                .or(() -> Optional.ofNullable(INSTEAD.get(plain)));
    }

    private static String plain(String word) {
        return word.replaceAll("[_-]", "").toLowerCase(Locale.ROOT);
    }

    /** What to write instead of an address with a port behind it, as an endpoint of WireGuard has. */
    static Optional<String> portHint(String remote) {
        Matcher matcher = HOST_AND_PORT.matcher(remote);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String host = matcher.group(1).replaceAll("[\\[\\]]", "");
        String quoted = host.contains(":") ? "\"" + host + "\"" : host;
        return Optional.of("the port is a key of its own: write remote: " + quoted + " and port: " + matcher.group(2));
    }
}
