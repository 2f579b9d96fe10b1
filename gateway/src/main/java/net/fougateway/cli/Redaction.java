package net.fougateway.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Replaces IP addresses in text by names, the same address always by the same name. */
final class Redaction {

    private static final Pattern CANDIDATE =
            Pattern.compile("(?<![0-9A-Za-z_.:])[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]*(?![0-9A-Za-z_])");

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    /** Eight groups, or fewer with a gap; the last two may be written as IPv4. */
    private static final Pattern IPV6 =
            Pattern.compile("(?=.*::|([^:]+:){7}|([^:]+:){6}.*\\.)[0-9A-Fa-f:]+(:" + IPV4 + ")?");

    private final Map<String, String> names = new HashMap<>();
    private int ipv4;
    private int ipv6;

    String of(String text) {
        return CANDIDATE.matcher(text).replaceAll(match -> name(match.group()));
    }

    private String name(String word) {
        if (IPV4.matcher(word).matches()) {
            return names.computeIfAbsent(word, address -> "ipv4-" + ++ipv4);
        }
        if (IPV6.matcher(word).matches()) {
            return names.computeIfAbsent(word, address -> "ipv6-" + ++ipv6);
        }
        return word;
    }
}
