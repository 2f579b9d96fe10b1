package net.fougateway.cli;

import io.netty.util.NetUtil;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Replaces IP addresses in text by names, the same address always by the same name. */
final class Redaction {

    private static final Pattern CANDIDATE =
            Pattern.compile("(?<![0-9A-Za-z_.:])[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]*(?![0-9A-Za-z_])");

    private final Map<String, String> names = new HashMap<>();
    private int ipv4;
    private int ipv6;

    String of(String text) {
        return CANDIDATE.matcher(text).replaceAll(match -> name(match.group()));
    }

    private String name(String word) {
        if (NetUtil.isValidIpV4Address(word)) {
            return names.computeIfAbsent(word, address -> "ipv4-" + ++ipv4);
        }
        if (NetUtil.isValidIpV6Address(word)) {
            return names.computeIfAbsent(word, address -> "ipv6-" + ++ipv6);
        }
        return word;
    }
}
