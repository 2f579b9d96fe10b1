package net.fougateway.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import net.fougateway.capture.Captures;
import net.fougateway.log.LogLimit;
import net.fougateway.metrics.MetricsPage;
import net.fougateway.metrics.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The admin port: {@code /metrics}, {@code /livez}, {@code /readyz}, {@code /healthz}, {@code /status} and {@code /capture} over HTTP,
 * and {@code /}, a page that shows {@code /status} to people.
 */
public final class AdminServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.ERROR, "requests that cannot be answered");
    /** One may wait for packets to show. */
    private static final int THREADS = 3;

    private static final long TENTATIVE_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long TENTATIVE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The page consists of what this port serves, and talks to nobody else. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    static {
        limit("sun.net.httpserver.maxReqTime", 2);
        limit("sun.net.httpserver.maxRspTime", 10);
        limit("sun.net.httpserver.idleInterval", 10);
        limit("sun.net.httpserver.maxIdleConnections", 16);
        limit("jdk.httpserver.maxConnections", 64);
    }

    private final Map<String, Function<HttpExchange, Response>> pages = new TreeMap<>();
    private final Supplier<Snapshot> snapshots;
    private final MetricsPage metrics;
    private final HttpServer server;
    private final ExecutorService threads;

    /**
     * Binds and answers from now on.
     *
     * @param address where to listen; port 0 takes a free one
     * @param snapshots asked once for each request, on a thread of the server
     * @param captures show packets to root and to the gateway's own user on this host
     * @throws IOException when the address cannot be bound; the message says what to do
     */
    public AdminServer(InetSocketAddress address, Supplier<Snapshot> snapshots, Captures captures) throws IOException {
        this.snapshots = snapshots;
        metrics = new MetricsPage(snapshots);
        pages.put("/", exchange -> file("index.html", "text/html; charset=utf-8"));
        pages.put("/status.css", exchange -> file("status.css", "text/css; charset=utf-8"));
        pages.put("/status.js", exchange -> file("status.js", "text/javascript; charset=utf-8"));
        pages.put("/metrics", this::metrics);
        pages.put("/livez", exchange -> Response.text(200, "ok\n"));
        pages.put("/readyz", exchange -> readiness());
        pages.put("/healthz", exchange -> readiness());
        pages.put("/status", exchange -> status());
        pages.put("/capture", new CapturePage(captures)::answer);
        server = bind(address);
        threads = Executors.newFixedThreadPool(THREADS, AdminServer::daemon);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** The address it listens on. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    private static HttpServer bind(InetSocketAddress address) throws IOException {
        try {
            return create(address);
        } catch (IOException e) {
            throw new IOException(
                    "cannot serve metrics and status at " + address.getHostString() + ":" + address.getPort() + ": "
                            + e.getMessage() + "; give a free address and port in admin.listen",
                    e);
        }
    }

    /** Waits for an IPv6 address that is tentative, as it is for a second or two after it was given to a device. */
    private static HttpServer create(InetSocketAddress address) throws IOException {
        long end = System.nanoTime() + (address.getAddress() instanceof Inet6Address ? TENTATIVE_NANOS : 0);
        while (true) {
            try {
                return HttpServer.create(address, 0);
            } catch (BindException e) {
                boolean absent = String.valueOf(e.getMessage()).startsWith("Cannot assign");
                if (!absent || System.nanoTime() > end) {
                    throw e;
                }
            }
            LockSupport.parkNanos(TENTATIVE_POLL_NANOS);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "admin");
        thread.setDaemon(true);
        return thread;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, respond(exchange));
        }
    }

    private Response respond(HttpExchange exchange) {
        Function<HttpExchange, Response> page =
                pages.get(exchange.getRequestURI().getPath());
        if (page == null) {
            return Response.text(404, "no such page; there are:\n" + String.join("\n", pages.keySet()) + "\n");
        }
        if (!isRead(exchange)) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Response.text(405, "only GET and HEAD are answered here\n");
        }
        try {
            return page.apply(exchange);
        } catch (RuntimeException e) {
            if (LIMIT.permits()) {
                log.error("cannot answer {}", exchange.getRequestURI(), e);
            }
            return Response.text(500, "the gateway could not answer; its log says why\n");
        }
    }

    private static boolean isRead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("GET") || isHead(exchange);
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    private static Response file(String name, String contentType) {
        try (InputStream in = AdminServer.class.getResourceAsStream(name)) {
            return new Response(200, contentType, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Response metrics(HttpExchange exchange) {
        MetricsPage.Page page = metrics.render(exchange.getRequestHeaders().getFirst("Accept"));
        return new Response(200, page.contentType(), page.body());
    }

    private Response status() {
        return new Response(200, "application/json", StatusJson.write(snapshots.get(), Instant.now()) + "\n");
    }

    private Response readiness() {
        Snapshot snapshot = snapshots.get();
        String conditions = snapshot.conditions().stream()
                .map(condition -> (condition.met() ? "[+] " : "[-] ") + condition.name() + ": " + condition.sentence())
                .collect(Collectors.joining("\n", "", "\n"));
        return snapshot.ready()
                ? Response.text(200, conditions + "ready\n")
                : Response.text(503, conditions + "not ready\n");
    }

    private static void send(HttpExchange exchange, Response response) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", response.contentType());
        response.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.getResponseHeaders().set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        if (isHead(exchange)) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(response.body().length));
            exchange.sendResponseHeaders(response.code(), -1);
            return;
        }
        exchange.sendResponseHeaders(response.code(), response.body().length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(response.body());
        }
    }
}
