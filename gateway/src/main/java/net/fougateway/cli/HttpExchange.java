package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.fougateway.config.HttpAccess;

/**
 * One request over a connection of its own. HTTP 1.0 (RFC 1945), in which the answer ends with the connection: the JDK's clients speak no
 * Unix sockets, and to load Netty takes a health check longer than all the rest.
 */
final class HttpExchange {

    /** How long the whole may take. */
    static final int TIMEOUT_SECONDS = 5;

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-5]\\d\\d)( .*)?");
    private static final int MOST_HEAD_BYTES = 1 << 16;
    private static final int MOST_BODY_BYTES = 256 << 20;

    private final AdminAddress address;
    private final HttpAccess access;
    private volatile Closeable connection = () -> {};

    HttpExchange(AdminAddress address, HttpAccess access) {
        this.address = address;
        this.access = access;
    }

    /** GET of {@code path}. */
    AdminClient.Answer get(String path) throws IOException, TimeoutException {
        FutureTask<AdminClient.Answer> exchange = new FutureTask<>(() -> exchange(path));
        Thread thread = new Thread(exchange, "admin-client");
        thread.setDaemon(true);
        thread.start();
        try {
            return exchange.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            connection.close();
        }
    }

    private AdminClient.Answer exchange(String path) throws IOException {
        if (address instanceof AdminAddress.Tcp tcp) {
            Socket socket = open(tcp);
            return talk(path, socket.getOutputStream(), socket.getInputStream());
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        connection = channel;
        Path file = Path.of(((AdminAddress.Unix) address).path());
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        channel.connect(UnixDomainSocketAddress.of(file));
        return talk(path, Channels.newOutputStream(channel), Channels.newInputStream(channel));
    }

    private Socket open(AdminAddress.Tcp tcp) throws IOException {
        Socket socket = new Socket();
        connection = socket;
        InetSocketAddress to = new InetSocketAddress(tcp.host(), tcp.port());
        if (to.isUnresolved()) {
            throw new UnknownHostException(tcp.host());
        }
        socket.connect(to);
        if (!tcp.tls()) {
            return socket;
        }
        Socket tls = Tls.client(access, socket, tcp);
        connection = tls;
        return tls;
    }

    private AdminClient.Answer talk(String path, OutputStream out, InputStream in) throws IOException {
        out.write(request(path).getBytes(ISO_8859_1));
        out.flush();
        return read(new BufferedInputStream(in));
    }

    private String request(String path) {
        String host = address instanceof AdminAddress.Tcp tcp ? tcp.hostAndPort() : "localhost";
        String authorization = access.credentials()
                .map(credentials -> "Authorization: Basic "
                        + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)) + "\r\n")
                .orElse("");
        return "GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\nFou-Gateway-Client: 1\r\n" + authorization + "\r\n";
    }

    private static AdminClient.Answer read(InputStream in) throws IOException {
        String status = line(in);
        Matcher matcher = STATUS_LINE.matcher(status);
        if (!matcher.matches()) {
            throw new IOException("it does not speak HTTP");
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.putIfAbsent(
                    line.substring(0, Math.max(colon, 0)),
                    line.substring(colon + 1).strip());
        }
        return new AdminClient.Answer(Integer.parseInt(matcher.group(1)), headers, body(in, headers));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        byte[] body = in.readNBytes(MOST_BODY_BYTES);
        String length = headers.getOrDefault("Content-Length", Integer.toString(body.length));
        if (!length.equals(Integer.toString(body.length))) {
            throw new EOFException("the answer broke off after " + body.length + " of " + length + " bytes");
        }
        return body;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("it closed the connection");
            }
            if (line.length() > MOST_HEAD_BYTES) {
                throw new IOException("it does not speak HTTP");
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }
}
