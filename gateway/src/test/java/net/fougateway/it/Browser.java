package net.fougateway.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Headless Chromium in a namespace, driven through chromedriver by the W3C WebDriver protocol. */
final class Browser implements Closeable {

    private static final String DRIVER = "http://127.0.0.1:9515";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String CAPABILITIES = """
            {"capabilities": {"alwaysMatch": {
              "goog:loggingPrefs": {"browser": "ALL"},
              "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir=%s"]}}}}
            """;

    private final Namespace namespace;
    private final Path directory;
    private final Process driver;
    private String session;

    private Browser(Namespace namespace, Path directory, Process driver) {
        this.namespace = namespace;
        this.directory = directory;
        this.driver = driver;
    }

    /** Skips the test on a machine without Chromium. */
    static void require() throws IOException {
        Requires.program("chromium", "chromium");
        Requires.program("chromedriver", "chromium-driver");
    }

    /** A browser in {@code namespace} that shows {@code url}; the lab ends it. */
    static Browser open(Lab lab, Namespace namespace, String url) throws Exception {
        Path directory = Files.createTempDirectory("fou-browser");
        List<String> command = List.of("env", "HOME=" + directory, "chromedriver", "--port=9515");
        Process driver = Command.start(
                namespace.wrap(command), directory.resolve("chromedriver.log").toFile());
        Browser browser = lab.own(new Browser(namespace, directory, driver));
        await().atMost(LIMIT).ignoreExceptions().until(() -> browser.call("GET", "/status", null) != null);
        browser.begin(url);
        return browser;
    }

    private void begin(String url) throws Exception {
        Map<?, ?> begun = (Map<?, ?>) call("POST", "/session", CAPABILITIES.formatted(directory.resolve("profile")));
        session = "/session/" + begun.get("sessionId");
        call("POST", session + "/url", "{\"url\": %s}".formatted(quote(url)));
    }

    /** What {@code body} of a function returns in the page, as maps, lists, strings, numbers and booleans. */
    Object script(String body) throws Exception {
        return call("POST", session + "/execute/sync", "{\"script\": %s, \"args\": []}".formatted(quote(body)));
    }

    /** The text that a user sees in the first element that {@code selector} matches; empty when it is hidden. */
    String text(String selector) throws Exception {
        return (String) script("""
                const element = document.querySelector("%s");
                return element.checkVisibility() ? element.innerText : "";""".formatted(selector));
    }

    /** What the page wrote to the console since the last call, errors of the browser about the page included. */
    String console() throws Exception {
        return call("POST", session + "/se/log", "{\"type\": \"browser\"}").toString();
    }

    /** Makes the screen so large, in CSS pixels, and light or dark. */
    void screen(int width, int height, boolean dark) throws Exception {
        devTools(
                "Emulation.setDeviceMetricsOverride",
                "{\"width\": %d, \"height\": %d, \"deviceScaleFactor\": 1, \"mobile\": false}"
                        .formatted(width, height));
        devTools(
                "Emulation.setEmulatedMedia",
                "{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"%s\"}]}"
                        .formatted(dark ? "dark" : "light"));
    }

    /** What is on the screen, as PNG. */
    byte[] screenshot() throws Exception {
        return Base64.getDecoder().decode((String) call("GET", session + "/screenshot", null));
    }

    @Override
    public void close() throws IOException {
        try {
            if (session != null) {
                call("DELETE", session, null);
            }
        } catch (Exception e) {
            throw new IOException(
                    "cannot end the browser: " + Files.readString(directory.resolve("chromedriver.log")), e);
        } finally {
            driver.destroy();
            Command.waitFor(driver, LIMIT);
            deleteFiles();
        }
    }

    private void deleteFiles() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void devTools(String command, String parameters) throws Exception {
        call("POST", session + "/goog/cdp/execute", """
                {"cmd": "%s", "params": %s}""".formatted(command, parameters));
    }

    private Object call(String method, String path, String body) throws Exception {
        String answer = namespace.call(() -> exchange(method, path, body));
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        return ((Map<?, ?>) new Load(settings).loadFromString(answer)).get("value");
    }

    private static String exchange(String method, String path, String body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(DRIVER + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setRequestProperty("Connection", "close");
        connection.setReadTimeout((int) LIMIT.toMillis());
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json; charset=utf-8");
            connection.getOutputStream().write(body.getBytes(UTF_8));
        }
        boolean good = connection.getResponseCode() == 200;
        try (InputStream in = good ? connection.getInputStream() : connection.getErrorStream()) {
            String answer = new String(in.readAllBytes(), UTF_8);
            if (!good) {
                throw new IOException(method + " " + path + " " + body + ": " + answer);
            }
            return answer;
        }
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
