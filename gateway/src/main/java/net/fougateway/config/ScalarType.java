package net.fougateway.config;

import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.fougateway.ethernet.MacAddress;
import net.fougateway.route.Prefix;

/**
 * How text becomes a value of one type, and how people and the JSON Schema are told.
 *
 * @param values what is allowed, completes "must be …"
 * @param schema keywords of JSON Schema
 * @param parser null or an {@link IllegalArgumentException} for text that is not allowed; the exception's message tells more
 */
record ScalarType(String values, Map<String, Object> schema, Function<String, Object> parser) {

    private static final String UNIX = "unix:";
    private static final int UNIX_PATH_BYTES = 107;

    /** Without user name and password, which would show in the log. */
    private static final Pattern HTTP_URL = Pattern.compile("^https?://[^\\s/?#@]+/[^\\s#]+$");

    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");
    private static final Pattern PORT_RANGE = Pattern.compile("([0-9]{1,5})-([0-9]{1,5})");
    private static final Pattern ADDRESS_AND_PORT = Pattern.compile("(?:([0-9.]+)|\\[([0-9A-Fa-f:.]+)]):([0-9]{1,5})");

    /** The value that {@code text} stands for; an {@link IllegalArgumentException} has a message for the user. */
    Object parse(String text) {
        Object value = parser.apply(text);
        if (value == null) {
            throw new IllegalArgumentException(
                    quote(text) + " is not allowed: " + LeadingZeros.hint(text).orElse("it must be " + values));
        }
        return value;
    }

    /** {@code type} is the component's type, or that of its items. */
    static ScalarType of(Class<?> type, RecordComponent component) {
        if (type == int.class || type == Integer.class) {
            return integer(component.getAnnotation(Range.class));
        }
        if (type == String.class) {
            return text(component.getAnnotation(Text.class).value());
        }
        if (type.isEnum()) {
            return oneOf(type.getEnumConstants());
        }
        return WITHOUT_ANNOTATION.get(type);
    }

    private static final Map<Class<?>, ScalarType> WITHOUT_ANNOTATION = Map.of(
            boolean.class,
            new ScalarType("true or false", Map.of("type", "boolean"), ScalarType::bool),
            InetAddress.class,
            new ScalarType(
                    "an IP address",
                    Map.of("type", "string", "anyOf", List.of(Map.of("format", "ipv4"), Map.of("format", "ipv6"))),
                    text -> IpLiteral.parse(text).orElse(null)),
            Prefix.class,
            string("a prefix such as 10.42.2.0/24", "^[0-9A-Fa-f.:]+/[0-9]{1,3}$", ScalarType::prefix),
            SourcePortRange.class,
            string(
                    "two ports in ascending order such as 32768-60999",
                    "^[0-9]{1,5}-[0-9]{1,5}$",
                    ScalarType::portRange),
            RoutingTable.class,
            new ScalarType(
                    "off, main or the number of a table",
                    Map.of(
                            "anyOf",
                            List.of(
                                    Map.of("enum", List.of("off", "main")),
                                    new TreeMap<>(Map.of("type", "integer", "minimum", 1, "maximum", 0xffffffffL)))),
                    ScalarType::routingTable),
            FirewallMark.class,
            new ScalarType(
                    "auto, off or a number such as 51820 or 0xca6c",
                    Map.of(
                            "anyOf",
                            List.of(
                                    Map.of("enum", List.of("auto", "off")),
                                    new TreeMap<>(Map.of("type", "integer", "minimum", 1, "maximum", 0xffffffffL)),
                                    new TreeMap<>(Map.of("type", "string", "pattern", "^0x[0-9A-Fa-f]{1,8}$")))),
                    ScalarType::firewallMark),
            GreKey.class,
            new ScalarType(
                    "0..4294967295 or four numbers such as 10.0.0.1",
                    Map.of(
                            "anyOf",
                            List.of(
                                    new TreeMap<>(Map.of("type", "integer", "minimum", 0, "maximum", 0xffffffffL)),
                                    new TreeMap<>(Map.of("type", "string", "format", "ipv4")))),
                    ScalarType::greKey),
            MacAddress.class,
            string(
                    "a MAC address such as 02:00:00:00:00:01",
                    MacAddress.REGEX,
                    text -> MacAddress.parse(text).orElse(null)),
            SocketAddress.class,
            string(
                    "an IP address and a port such as 127.0.0.1:15555 or [::1]:15555, or unix: and an absolute path",
                    "^(([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}|unix:/.{1,106})$",
                    ScalarType::socketAddress),
            URI.class,
            string(
                    "an http or https URL with a path, such as http://localhost:4318/v1/metrics",
                    HTTP_URL.pattern(),
                    ScalarType::httpUrl));

    private static ScalarType integer(Range range) {
        Map<String, Object> numbers =
                new TreeMap<>(Map.of("type", "integer", "minimum", range.min(), "maximum", range.max()));
        String span = range.min() + ".." + range.max();
        if (range.word().isEmpty()) {
            return new ScalarType(span, numbers, text -> number(text, range.min(), range.max()));
        }
        return new ScalarType(
                range.word() + " or " + span,
                Map.of("anyOf", List.of(Map.of("const", range.word()), numbers)),
                text -> text.equals(range.word())
                        ? Integer.valueOf(range.wordValue())
                        : number(text, range.min(), range.max()));
    }

    private static ScalarType text(Text.Form form) {
        return string(form.allowed(), form.regex(), text -> {
            if (form.isSecret() && !form.accepts(text)) {
                throw new IllegalArgumentException("what is written here, and not shown, must be " + form.allowed());
            }
            if (form == Text.Form.HOST_OR_PREFIX && !form.accepts(text)) {
                ForeignWords.portHint(text).ifPresent(hint -> {
                    throw new IllegalArgumentException(quote(text) + " is not allowed: " + hint);
                });
            }
            return form.accepts(text) ? text : null;
        });
    }

    private static ScalarType string(String values, String regex, Function<String, Object> parser) {
        return new ScalarType(values, Map.of("type", "string", "pattern", regex), parser);
    }

    private static ScalarType oneOf(Object[] constants) {
        List<String> words = Arrays.stream(constants).map(ScalarType::word).toList();
        String last = words.get(words.size() - 1);
        return new ScalarType(
                String.join(", ", words.subList(0, words.size() - 1)) + " or " + last,
                Map.of("enum", words.stream().map(ScalarType::jsonWord).toList()),
                text -> words.contains(text) ? constants[words.indexOf(text)] : null);
    }

    /** Constants that say how they are written are written so; the others in small letters. */
    private static String word(Object constant) {
        String said = constant.toString();
        return said.equals(((Enum<?>) constant).name()) ? said.toLowerCase(Locale.ROOT) : said;
    }

    private static Object jsonWord(String word) {
        return word.chars().allMatch(Character::isDigit) ? (Object) Integer.valueOf(word) : word;
    }

    private static Object bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> null;
        };
    }

    private static Integer number(String text, int min, int max) {
        if (!NUMBER.matcher(text).matches()) {
            return null;
        }
        int number = Integer.parseInt(text);
        return number >= min && number <= max ? Integer.valueOf(number) : null;
    }

    /** A prefix; nothing when {@code text} is none. */
    static Optional<Prefix> tryPrefix(String text) {
        try {
            return Optional.of((Prefix) prefix(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Object prefix(String text) {
        int slash = text.indexOf('/');
        InetAddress address = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(() ->
                        notAPrefix(text, LeadingZeros.hint(text).orElse("write it like 10.42.2.0/24 or fd00:42::/64")));
        int bits = address.getAddress().length * 8;
        if (slash < 0) {
            throw notAPrefix(text, "for the single address write " + text + "/" + bits);
        }
        Integer length = number(text.substring(slash + 1), 0, bits);
        if (length == null) {
            throw notAPrefix(text, LeadingZeros.hint(text).orElse("the length must be 0.." + bits));
        }
        return new Prefix(address, length);
    }

    private static IllegalArgumentException notAPrefix(String text, String why) {
        return new IllegalArgumentException(quote(text) + " is not a prefix: " + why);
    }

    /** The tables "local" and "default" have no routes of a device that anybody follows. */
    private static Object routingTable(String text) {
        return switch (text) {
            case "off" -> RoutingTable.OFF;
            case "main" -> RoutingTable.MAIN;
            default ->
                text.matches("[1-9][0-9]{0,9}") && Long.parseLong(text) <= 0xffffffffL
                        ? new RoutingTable((int) Long.parseLong(text))
                        : null;
        };
    }

    /** As {@code wg} and {@code ip} take it, in decimal or hexadecimal digits. */
    private static Object firewallMark(String text) {
        if (text.equals("auto") || text.equals("off")) {
            return text.equals("auto") ? FirewallMark.AUTO : FirewallMark.OFF;
        }
        if (!text.matches("[1-9][0-9]{0,9}|0x[0-9A-Fa-f]{1,8}")) {
            return null;
        }
        long number = Long.decode(text);
        return number >= 1 && number <= 0xffffffffL ? new FirewallMark(number) : null;
    }

    /** As {@code ip link} takes it: a number, or dotted as an IPv4 address. */
    private static Object greKey(String text) {
        if (text.matches("0|[1-9][0-9]{0,9}")) {
            long number = Long.parseLong(text);
            return number <= 0xffffffffL ? new GreKey((int) number) : null;
        }
        return IpLiteral.parse(text)
                .map(InetAddress::getAddress)
                .filter(bytes -> bytes.length == Integer.BYTES)
                .map(bytes -> new GreKey(ByteBuffer.wrap(bytes).getInt()))
                .orElse(null);
    }

    private static Object portRange(String text) {
        Matcher matcher = PORT_RANGE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        Integer min = number(matcher.group(1), 1, 65535);
        Integer max = number(matcher.group(2), 1, 65535);
        return min == null || max == null || min > max ? null : new SourcePortRange(min, max);
    }

    private static Object socketAddress(String text) {
        return text.startsWith(UNIX) ? unixSocket(text.substring(UNIX.length())) : addressAndPort(text);
    }

    private static Object unixSocket(String path) {
        if (path.getBytes(StandardCharsets.UTF_8).length > UNIX_PATH_BYTES) {
            throw new IllegalArgumentException(quote(path) + " is longer than the " + UNIX_PATH_BYTES
                    + " bytes that the kernel takes for the path of a Unix socket: give a shorter one");
        }
        return path.matches("/[^\\x00-\\x1f]*[^\\x00-\\x1f/]") ? UnixDomainSocketAddress.of(path) : null;
    }

    private static Object addressAndPort(String text) {
        Matcher matcher = ADDRESS_AND_PORT.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        Integer port = number(matcher.group(3), 1, 65535);
        Optional<InetAddress> address = IpLiteral.parse(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        return port == null || address.isEmpty() ? null : new InetSocketAddress(address.get(), port);
    }

    private static Object httpUrl(String text) {
        try {
            URI url = new URI(text);
            boolean port = url.getPort() == -1 || number(Integer.toString(url.getPort()), 1, 65535) != null;
            return HTTP_URL.matcher(text).matches() && url.getHost() != null && port ? url : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** {@code text} in quotes, cut and without control characters, fit for one line. */
    static String quote(String text) {
        String cut = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return cut.codePoints()
                .mapToObj(c -> Character.isISOControl(c) ? "?" : Character.toString(c))
                .collect(Collectors.joining("", "\"", "\""));
    }
}
