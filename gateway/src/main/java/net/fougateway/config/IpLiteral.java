package net.fougateway.config;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/** IP addresses as text. Never asks a name server. */
final class IpLiteral {

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
        if (!isMadeOfNumbers(text) || hasOctal(text)) {
            return Optional.empty();
        }
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
        return Optional.ofNullable(address).filter(found -> found instanceof Inet4Address == (text.indexOf(':') < 0));
    }

    private static boolean isMadeOfNumbers(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 'f' || (Character.digit(c, 16) < 0 && c != '.' && c != ':')) {
                return false;
            }
        }
        return true;
    }

    /** True when a decimal number has a leading zero. */
    private static boolean hasOctal(String text) {
        int dot = text.indexOf('.');
        int start = text.lastIndexOf(':', dot) + 1;
        for (int i = start; dot >= 0 && i + 1 < text.length(); i++) {
            boolean begins = i == start || text.charAt(i - 1) == '.';
            if (begins && text.charAt(i) == '0' && text.charAt(i + 1) != '.') {
                return true;
            }
        }
        return false;
    }
}
