package net.fougateway.config;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses as text. Never asks a name server. */
final class IpLiteral {

    private static final Pattern CHARACTERS = Pattern.compile("[0-9A-Fa-f.:]+");
    private static final Pattern OCTAL_OR_DECIMAL = Pattern.compile("^0[0-9]+\\.|:0[0-9]+\\.|\\.0[0-9]+");

    private IpLiteral() {}

    /** The address in {@code text}, which may have a zone if it is link-local: {@code fe80::2%eth0}. */
    static Optional<InetAddress> parseZoned(String text) {
        int percent = text.indexOf('%');
        return percent < 0
                ? parse(text)
                : parse(text.substring(0, percent))
                        .filter(address -> !zone(text).isEmpty() && isLinkLocal(address));
    }

    /** What follows the percent sign in {@code text}; empty when there is none. */
    static String zone(String text) {
        return text.substring(text.indexOf('%') < 0 ? text.length() : text.indexOf('%') + 1);
    }

    /** True for an IPv6 address that means something on one link only; IPv4 addresses of this kind are routed like any other. */
    static boolean isLinkLocal(InetAddress address) {
        return address instanceof Inet6Address && address.isLinkLocalAddress();
    }

    /** The address, or nothing when {@code text} is not one. IPv4 addresses in IPv6 notation, and with leading zeros, are not accepted. */
    static Optional<InetAddress> parse(String text) {
        return Optional.of(text)
                .filter(t -> CHARACTERS.matcher(t).matches())
                .filter(t -> !OCTAL_OR_DECIMAL.matcher(t).find())
                .map(NetUtil::createInetAddressFromIpAddressString)
                .filter(address -> address instanceof Inet4Address != text.contains(":"));
    }
}
