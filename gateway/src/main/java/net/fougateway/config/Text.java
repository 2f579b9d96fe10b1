package net.fougateway.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.regex.Pattern;

/** What a {@code String} setting may hold. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Text {

    /** The form. */
    Form value();

    /** Forms of text. */
    enum Form {
        INTERFACE_NAME(
                "an interface name (1..15 characters, no space, slash, colon or percent sign)",
                "^(?!\\.\\.?$)[!-$&-.0-9;-~]{1,15}$"),
        PEER_NAME("a name of 1..64 letters, digits, dots, underscores or hyphens", "^[A-Za-z0-9._-]{1,64}$"),
        PATH("the path of a file", "^[^\\x00-\\x1f]{1,4096}$"),
        PEM("text in PEM form", "(?s)^.*-----BEGIN .*$"),
        BCRYPT(
                "a bcrypt hash, as 'htpasswd -nBC 10 NAME' makes it",
                "^\\$2[abxy]\\$(0[4-9]|1[0-6])\\$[./A-Za-z0-9]{53}$"),
        PASSWORD("a password of 1..128 characters", "^.{1,128}$"),
        HEADER("one line of text", "^[\\x20-\\x7e]{1,4096}$"),
        HOST("an IP address, without %DEVICE, or a host name", "^[A-Za-z0-9.:-]{1,253}$"),
        HOST_OR_PREFIX(
                "an IP address, a link-local one with its interface such as fe80::2%eth0, or a host name; or, for type: next_hop, prefixes such as 172.16.0.0/12",
                "^[A-Za-z0-9.:/-]{1,253}(%[!-$&-.0-9;-~]{1,15})?$");

        private static final Pattern HOST_NAME = Pattern.compile(
                "(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.?");

        private final String allowed;
        private final Pattern pattern;

        Form(String allowed, String regex) {
            this.allowed = allowed;
            pattern = Pattern.compile(regex);
        }

        String allowed() {
            return allowed;
        }

        /** True when the text must not be shown to anybody, also when it is wrong. */
        boolean isSecret() {
            return this == PEM || this == BCRYPT || this == PASSWORD;
        }

        String regex() {
            return pattern.pattern();
        }

        boolean accepts(String text) {
            return pattern.matcher(text).matches()
                    && switch (this) {
                        case HOST -> isHost(text);
                        case HOST_OR_PREFIX ->
                            isHost(text)
                                    || IpLiteral.parseZoned(text).isPresent()
                                    || GatewayConfig.Peer.range(text).isPresent();
                        default -> true;
                    };
        }

        private static boolean isHost(String text) {
            return IpLiteral.parse(text).isPresent() || HOST_NAME.matcher(text).matches();
        }
    }
}
