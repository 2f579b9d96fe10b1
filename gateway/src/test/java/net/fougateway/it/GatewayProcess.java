package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.linux.Descriptors;

/** A gateway as its own process in a namespace, seen through its command line, its log and its admin port. */
final class GatewayProcess implements Closeable {

    private static final String MAIN = "net.fougateway.cli.Main";
    private static final Pattern STACK_TRACE = Pattern.compile("(?m)^\\s+at \\S+\\(.*\\)$|Exception in thread");
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Namespace namespace;
    private final Path directory;
    private final Process process;

    private GatewayProcess(Namespace namespace, Path directory, Process process) {
        this.namespace = namespace;
        this.directory = directory;
        this.process = process;
    }

    /** Starts {@code run} with this configuration, and does not wait for it. */
    static GatewayProcess start(Namespace namespace, String config) throws IOException {
        return start(namespace, List.of(), config);
    }

    /**
     * As {@link #start(Namespace, String)}.
     *
     * @param wrapper a program with its arguments that runs the gateway, for example {@code setpriv …}
     */
    static GatewayProcess start(Namespace namespace, List<String> wrapper, String config) throws IOException {
        List<String> program = new ArrayList<>(wrapper);
        program.addAll(command());
        return launch(namespace, program, config);
    }

    /**
     * As {@link #start(Namespace, String)}.
     *
     * @param program what {@code run -c FILE} is added to; any user can read the file
     * @param more further arguments
     */
    static GatewayProcess launch(Namespace namespace, List<String> program, String config, String... more)
            throws IOException {
        Path directory = Files.createTempDirectory("fou-gateway-it");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = Files.writeString(directory.resolve("gateway.yaml"), config);
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("run", "-c", file.toString()));
        command.addAll(List.of(more));
        Process process = Command.start(namespace.wrap(command), log(directory).toFile());
        return new GatewayProcess(namespace, directory, process);
    }

    /**
     * Runs the program to its end: for what must fail.
     *
     * @param wrapper a program with its arguments that runs the gateway, for example {@code setpriv …}; may be empty
     * @param verb {@code run} or {@code check}
     */
    static Command.Result attempt(Namespace namespace, String config, List<String> wrapper, String verb)
            throws IOException {
        Path file = Files.createTempFile("fou-gateway-it", ".yaml");
        try {
            Files.writeString(file, config);
            List<String> command = new ArrayList<>(wrapper);
            command.addAll(command(verb, "-c", file.toString()));
            return Command.run(START_LIMIT, namespace.wrap(command));
        } finally {
            Files.delete(file);
        }
    }

    /** Waits until {@code /readyz} says so. */
    GatewayProcess awaitReady() {
        await().atMost(START_LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> !process.isAlive() || ready());
        assertThat(process.isAlive()).as("gateway runs: %s", log()).isTrue();
        return this;
    }

    /** Writes a new configuration and, when asked to, says so with SIGHUP. */
    void reconfigure(String config, boolean hangUp) throws IOException {
        Path next = Files.writeString(directory.resolve("next.yaml"), config);
        Files.move(next, directory.resolve("gateway.yaml"), StandardCopyOption.REPLACE_EXISTING);
        if (hangUp) {
            Command.run(STOP_LIMIT, List.of("kill", "-HUP", Long.toString(pid())))
                    .ok();
        }
    }

    /** Process id. */
    long pid() {
        return process.pid();
    }

    /** How many descriptors it has open. */
    long openDescriptors() {
        return Descriptors.openOf(Long.toString(pid()));
    }

    /** All that it wrote to stdout and stderr so far. */
    String log() {
        try {
            return Files.readString(log(directory));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** One scrape. */
    Metrics metrics() throws Exception {
        return Metrics.parse(namespace.call(() -> get("/metrics")));
    }

    /** The {@code /status} document. */
    String status() throws Exception {
        return document("/status");
    }

    /** A document of the admin port. */
    String document(String path) throws Exception {
        return namespace.call(() -> get(path));
    }

    /** Runs a command that asks it. */
    Command.Result run(String... arguments) throws IOException {
        return Command.run(START_LIMIT, namespace.wrap(command(arguments)));
    }

    /** Fails unless, once no packet is in flight, everything received was forwarded or counted as dropped. */
    Metrics assertSumsClose() throws Exception {
        await().atMost(Duration.ofSeconds(3))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> metrics().assertSumsClose());
        return metrics();
    }

    /** Ends it with SIGTERM; how long that took. */
    Duration terminate() throws IOException {
        long start = System.nanoTime();
        process.destroy();
        boolean ended = Command.waitFor(process, STOP_LIMIT);
        assertThat(ended).as("ended by SIGTERM: %s", log()).isTrue();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Waits until it has ended by itself; its exit code. */
    int awaitExit() throws IOException {
        assertThat(Command.waitFor(process, START_LIMIT))
                .as("ended by itself: %s", log())
                .isTrue();
        return process.exitValue();
    }

    /** Ends it with SIGKILL. */
    void kill() throws IOException {
        Command.waitFor(process.destroyForcibly(), STOP_LIMIT);
    }

    /** Fails if the log has a leak report or a stack trace. */
    void assertLogClean() {
        String log = log();
        assertThat(log).doesNotContain("LEAK:").doesNotContainPattern(STACK_TRACE);
    }

    @Override
    public void close() throws IOException {
        try {
            if (process.isAlive()) {
                terminate();
            }
            assertLogClean();
        } finally {
            kill();
            Files.deleteIfExists(log(directory));
            Files.deleteIfExists(directory.resolve("gateway.yaml"));
            Files.deleteIfExists(directory);
        }
    }

    /** True when {@code /readyz} says so. */
    boolean ready() throws InterruptedException {
        try {
            return !namespace.call(() -> get("/readyz")).isEmpty();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception notYet) {
            return false;
        }
    }

    private static String get(String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:15555" + path).toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        connection.setConnectTimeout(2000);
        connection.setReadTimeout(5000);
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The program with these arguments. */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(nativeLibraries());
        command.addAll(List.of("-Xmx256m", "-Dio.netty.leakDetection.level=paranoid", "-cp", classPath(), MAIN));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Where this process has them from. */
    private static List<String> nativeLibraries() {
        return Stream.of("java.library.path", "jna.boot.library.path")
                .filter(name -> System.getProperty(name) != null)
                .map(name -> "-D" + name + "=" + System.getProperty(name))
                .toList();
    }

    /** What the program is started from. */
    static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(":"))
                .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("test-classes/"))
                .collect(Collectors.joining(":"));
    }

    private static Path log(Path directory) {
        return directory.resolve("gateway.log");
    }
}
