package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks the admin port of a running gateway.
 *
 * @param host name or address
 * @param port TCP port
 */
public record AdminClient(String host, int port) {

    private static final int TIMEOUT_MILLIS = 5_000;

    /** Parses {@code HOST:PORT}; an IPv6 address stands in brackets, an IPv4 address may. */
    public static AdminClient parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || !text.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
        }
        return new AdminClient(
                withoutNeedlessBrackets(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    }

    private static String withoutNeedlessBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") && !host.contains(":")
                ? host.substring(1, host.length() - 1)
                : host;
    }

    /**
     * GET of {@code path}.
     *
     * @throws IOException when nothing sensible answers; the message is a sentence for the user
     */
    public Answer get(String path) throws IOException {
        try {
            return exchange(path);
        } catch (ConnectException e) {
            throw new IOException("no gateway answers at " + this + ": is it running? (admin.listen)", e);
        } catch (UnknownHostException e) {
            throw new IOException("no address is known for the host of " + this + " (admin.listen)", e);
        } catch (SocketTimeoutException e) {
            throw new IOException(this + " does not answer within " + TIMEOUT_MILLIS / 1000 + " s (admin.listen)", e);
        } catch (IOException e) {
            throw new IOException(this + " does not answer as a gateway: " + e.getMessage() + " (admin.listen)", e);
        }
    }

    private Answer exchange(String path) throws IOException {
        URL url = new URL("http", host, port, path);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestProperty("Fou-Gateway-Client", "1");
        int code = connection.getResponseCode();
        try (InputStream body = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(code, headers(connection), body == null ? new byte[0] : body.readAllBytes());
        }
    }

    /** Names of headers are the same in capitals and small letters; the status line has none. */
    private static Map<String, List<String>> headers(HttpURLConnection connection) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        connection.getHeaderFields().forEach((name, values) -> headers.put(name == null ? "" : name, values));
        return headers;
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }

    /** Status code, headers and body of a response. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Answer(int code, Map<String, List<String>> headers, byte[] bytes) {

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
                return Long.parseLong(
                        headers.getOrDefault(header, List.of("none")).get(0));
            } catch (NumberFormatException e) {
                throw new IOException("this is no answer of a gateway: " + header + " is no number (admin.listen)", e);
            }
        }
    }
}
