package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import net.fougateway.config.HttpAccess;

/** Asks the admin port of a running gateway, over TCP, TLS or a Unix socket. */
public final class AdminClient {

    private static final String UNIX = "unix:";
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";

    private final AdminAddress address;
    private final HttpAccess access;

    private AdminClient(AdminAddress address, HttpAccess access) {
        this.address = address;
        this.access = access;
    }

    /**
     * Parses {@code HOST:PORT}, {@code https://HOST:PORT} or {@code unix:PATH}; an IPv6 address stands in brackets, an IPv4 address may. Of
     * several, as {@code admin.listen} may have, it takes the Unix socket, which asks for least, or the first.
     *
     * @throws IllegalArgumentException for something else; the message is for the user
     */
    public static AdminClient parse(String text) {
        List<String> addresses =
                Stream.of(text.split(",", -1)).map(String::strip).toList();
        String chosen = addresses.stream()
                .filter(address -> address.startsWith(UNIX))
                .findFirst()
                .orElse(addresses.get(0));
        return new AdminClient(address(chosen), HttpAccess.NONE);
    }

    private static AdminAddress address(String text) {
        if (text.startsWith(UNIX) && text.length() > UNIX.length()) {
            return new AdminAddress.Unix(text.substring(UNIX.length()));
        }
        boolean tls = text.startsWith(HTTPS);
        String rest = tls || text.startsWith(HTTP) ? text.substring(text.indexOf("//") + 2) : text;
        String hostAndPort = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        int colon = hostAndPort.lastIndexOf(':');
        if (colon <= 0 || !hostAndPort.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT, https://HOST:PORT or unix:PATH");
        }
        return new AdminAddress.Tcp(
                withoutBrackets(hostAndPort.substring(0, colon)),
                Integer.parseInt(hostAndPort.substring(colon + 1)),
                tls);
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** The same, which shows and wants to see what {@code shown} says. */
    AdminClient with(HttpAccess shown) {
        return new AdminClient(address, shown);
    }

    /**
     * GET of {@code path}.
     *
     * @throws IOException when nothing sensible answers; the message is a sentence for the user
     */
    public Answer get(String path) throws IOException {
        try {
            return new HttpExchange(address, access).get(path);
        } catch (ConnectException | NoSuchFileException e) {
            throw new IOException("no gateway answers at " + this + ": is it running? (admin.listen)", e);
        } catch (UnknownHostException e) {
            throw new IOException("no address is known for the host of " + this + " (admin.listen)", e);
        } catch (TimeoutException e) {
            throw new IOException(
                    this + " does not answer within " + HttpExchange.TIMEOUT_SECONDS + " s (admin.listen)", e);
        } catch (SSLException e) {
            throw new IOException(
                    "no TLS with " + this + ": " + e.getMessage() + " (--http-config, admin.web_config)", e);
        } catch (IOException e) {
            throw new IOException(this + " does not answer as a gateway: " + reason(e) + " (admin.listen)", e);
        }
    }

    private static String reason(IOException failure) {
        return Optional.ofNullable(failure.getMessage()).orElse(failure.toString());
    }

    @Override
    public String toString() {
        return address.toString();
    }

    /** Status code, headers (their names in any case) and body of a response. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Answer(int code, Map<String, String> headers, byte[] bytes) {

        /** The body as text. */
        public String body() {
            return new String(bytes, UTF_8);
        }

        /**
         * The number in a header.
         *
         * @throws IOException when there is none, because the answer is not a gateway's
         */
        long number(String header) throws IOException {
            try {
                return Long.parseLong(headers.getOrDefault(header, "none"));
            } catch (NumberFormatException e) {
                throw new IOException("this is no answer of a gateway: " + header + " is no number (admin.listen)", e);
            }
        }
    }
}
