package net.fougateway.config;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses as text. Never asks a name server. */
final class IpLiteral {

    private static final Pattern CHARACTERS = Pattern.compile("[0-9A-Fa-f.:]+");
    private static final Pattern OCTAL_OR_DECIMAL = Pattern.compile("^0[0-9]+\\.|:0[0-9]+\\.|\\.0[0-9]+");

    private IpLiteral() {}

    /** The address, or nothing when {@code text} is not one. IPv4 addresses in IPv6 notation, and with leading zeros, are not accepted. */
    static Optional<InetAddress> parse(String text) {
        return Optional.of(text)
                .filter(t -> CHARACTERS.matcher(t).matches())
                .filter(t -> !OCTAL_OR_DECIMAL.matcher(t).find())
                .map(NetUtil::createInetAddressFromIpAddressString)
                .filter(address -> address instanceof Inet4Address != text.contains(":"));
    }
}
