package net.fougateway.migration;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.fougateway.route.Prefix;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** An object that {@code ip -j} printed. What is not there reads as empty, zero or false, as the versions of iproute2 differ in it. */
record IpJson(Map<?, ?> fields) {

    private static final Pattern FIRST_OF_AN_ARRAY = Pattern.compile("(?m)^\\[");

    /**
     * All objects of the arrays in {@code text}, which stand one after the other, each at the beginning of a line.
     *
     * @throws IOException when it is something else; the message is a sentence for the user
     */
    static List<IpJson> read(String text) throws IOException {
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        String documents = FIRST_OF_AN_ARRAY.matcher(text).replaceAll("---\n[");
        List<IpJson> objects = new ArrayList<>();
        try {
            for (Object array : new Load(settings).loadAllFromString(documents)) {
                if (!(array instanceof List<?> items)) {
                    throw new IOException("this is not what ip -j prints: no array begins a line");
                }
                objects(items).forEach(objects::add);
            }
        } catch (YamlEngineException e) {
            throw new IOException("this is not what ip -j prints: " + e.getMessage(), e);
        }
        return objects;
    }

    private static Stream<IpJson> objects(List<?> items) {
        return items.stream()
                .filter(item -> item instanceof Map<?, ?> map && !map.isEmpty())
                .map(item -> new IpJson((Map<?, ?>) item));
    }

    boolean has(String key) {
        return fields.containsKey(key);
    }

    /** Also a number, as text. */
    String text(String key) {
        return has(key) && fields.get(key) != null ? fields.get(key).toString() : "";
    }

    /** Also from text, where it may be hexadecimal. */
    int number(String key) {
        try {
            return text(key).isEmpty() ? 0 : Integer.decode(text(key));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    boolean flag(String key) {
        return Boolean.TRUE.equals(fields.get(key));
    }

    /** Nothing where it says any. Of an IPv6 address with an IPv4 address inside, such as ::192.0.2.1, the latter. */
    Optional<InetAddress> address(String key) {
        return parse(text(key)).filter(address -> !address.isAnyLocalAddress());
    }

    /** Nothing for what is no address. */
    static Optional<InetAddress> parse(String text) {
        return Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(text));
    }

    /** An address or a prefix; nothing for an IPv6 address with an IPv4 address inside, which the kernel gives each {@code sit} by itself. */
    Optional<Prefix> prefix(String key) {
        String[] parts = text(key).split("/", 2);
        return hasIpv4Inside(key)
                ? Optional.empty()
                : parse(parts[0])
                        .map(address -> parts.length == 1
                                ? Prefix.host(address)
                                : new Prefix(address, Integer.parseInt(parts[1])));
    }

    boolean hasIpv4Inside(String key) {
        return text(key).contains(":") && text(key).contains(".");
    }

    IpJson object(String key) {
        return new IpJson(fields.get(key) instanceof Map<?, ?> map ? map : Map.of());
    }

    Stream<IpJson> objects(String key) {
        return objects(list(key));
    }

    List<String> texts(String key) {
        return list(key).stream().map(String::valueOf).toList();
    }

    private List<?> list(String key) {
        return fields.get(key) instanceof List<?> list ? list : List.of();
    }
}
