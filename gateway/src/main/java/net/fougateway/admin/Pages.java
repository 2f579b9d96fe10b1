package net.fougateway.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
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
 * What the admin port answers: {@code /metrics}, {@code /livez}, {@code /readyz}, {@code /healthz}, {@code /status}, {@code /routes} and {@code /capture}, and
 * {@code /}, a page that shows {@code /status} to people.
 */
final class Pages {

    private static final Logger log = LoggerFactory.getLogger(Pages.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.ERROR, "requests that cannot be answered");

    /** The page consists of what this port serves, and talks to nobody else. */
    private static final Map<String, String> SECURITY = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff");

    private final Map<String, Function<Request, Response>> pages = new TreeMap<>();
    private final Supplier<Snapshot> snapshots;
    private final MetricsPage metrics;

    /**
     * All pages.
     *
     * @param snapshots asked once for each request, on the thread that answers
     */
    Pages(Supplier<Snapshot> snapshots, Captures captures) {
        this.snapshots = snapshots;
        metrics = new MetricsPage(snapshots);
        pages.put("/", request -> file("index.html", "text/html; charset=utf-8"));
        pages.put("/status.css", request -> file("status.css", "text/css; charset=utf-8"));
        pages.put("/status.js", request -> file("status.js", "text/javascript; charset=utf-8"));
        pages.put("/metrics", this::metrics);
        pages.put("/livez", request -> Response.text(200, "ok\n"));
        pages.put("/readyz", this::readiness);
        pages.put("/healthz", this::readiness);
        pages.put("/status", request -> status());
        pages.put("/routes", request -> routes());
        pages.put("/macs", request -> macs());
        pages.put("/capture", new CapturePage(captures)::answer);
    }

    /** The page {@code /metrics}. */
    MetricsPage metrics() {
        return metrics;
    }

    /** The answer to a request; also to one that is wrong. */
    Response answer(Request request) {
        Response response = respond(request);
        Map<String, String> headers = new HashMap<>(SECURITY);
        headers.putAll(response.headers());
        return new Response(response.code(), response.contentType(), headers, response.body());
    }

    private Response respond(Request request) {
        if (request.way().protection() == Request.Protection.PLAIN && !SafeHosts.isSafe(request.host())) {
            return Response.text(
                    421,
                    "this port is not asked as '" + request.host()
                            + "', a name that others may lead here: use its address, or a " + "name without a dot\n");
        }
        Function<Request, Response> page = pages.get(request.path());
        if (page == null) {
            return Response.text(404, "no such page; there are:\n" + String.join("\n", pages.keySet()) + "\n");
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return new Response(
                    405,
                    Response.TEXT,
                    Map.of("Allow", "GET, HEAD"),
                    Response.text(405, "only GET and HEAD are answered here\n").body());
        }
        try {
            return page.apply(request);
        } catch (RuntimeException | LinkageError e) {
            if (LIMIT.permits()) {
                log.error("cannot answer {}", request.path(), e);
            }
            return Response.text(500, "the gateway could not answer; its log says why\n");
        }
    }

    private static Response file(String name, String contentType) {
        try (InputStream in = Pages.class.getResourceAsStream(name)) {
            return new Response(200, contentType, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Response metrics(Request request) {
        MetricsPage.Page page = metrics.render(request.header("Accept").orElse(null));
        return new Response(200, page.contentType(), page.body());
    }

    private Response status() {
        return new Response(200, "application/json", StatusJson.write(snapshots.get(), Instant.now()) + "\n");
    }

    private Response routes() {
        return new Response(200, "application/json", RoutesJson.write(snapshots.get()) + "\n");
    }

    private Response macs() {
        return new Response(200, "application/json", MacsJson.write(snapshots.get()) + "\n");
    }

    private Response readiness(Request request) {
        Snapshot snapshot = snapshots.get();
        String conditions = !request.known()
                ? ""
                : snapshot.conditions().stream()
                        .map(condition ->
                                (condition.met() ? "[+] " : "[-] ") + condition.name() + ": " + condition.sentence())
                        .collect(Collectors.joining("\n", "", "\n"));
        return snapshot.ready()
                ? Response.text(200, conditions + "ready\n")
                : Response.text(503, conditions + "not ready\n");
    }
}
