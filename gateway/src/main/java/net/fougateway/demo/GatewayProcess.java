package net.fougateway.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.fougateway.linux.NetworkNamespace;

/** A gateway that runs as a process of its own in the network namespace of one side. */
final class GatewayProcess {

    private static final String READINESS = "http://127.0.0.1:15555/readyz";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 100;
    private static final int HTTP_TIMEOUT_MILLIS = 2_000;
    private static final int STOP_SECONDS = 5;
    private static final int EXIT_BY_SIGINT = 130;
    private static final int EXIT_BY_SIGTERM = 143;

    private final Side side;
    private final Process process;

    private GatewayProcess(Side side, Process process) {
        this.side = side;
        this.process = process;
    }

    static Path configuration(Side side) {
        return Traces.file(side, ".yaml");
    }

    static Path log(Side side) {
        return Traces.file(side, ".log");
    }

    static String arguments(Side side) {
        return "run -c " + configuration(side);
    }

    /** Starts a gateway whose configuration has been written. */
    static GatewayProcess start(Side side) throws IOException {
        ProcessBuilder builder = Program.in(side.namespace(), arguments(side))
                .redirectErrorStream(true)
                .redirectOutput(log(side).toFile());
        return new GatewayProcess(side, builder.start());
    }

    /** Waits until the gateway carries packets. */
    void awaitReady() throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!NetworkNamespace.call(side.namespace(), GatewayProcess::isReady)) {
            if (!process.isAlive()) {
                throw ended();
            }
            if (System.nanoTime() > deadline) {
                throw new DemoException("the gateway on the " + side.title() + " is not ready after "
                        + PATIENCE.toSeconds() + " s; its log: " + readLog());
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private static boolean isReady() {
        try {
            HttpURLConnection connection = (HttpURLConnection) new URL(READINESS).openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
            connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
            // a kept connection would answer for the other side, which has the same address in another namespace
            connection.setRequestProperty("Connection", "close");
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    /** A failure that says why the gateway ended. */
    DemoException ended() {
        return new DemoException("the gateway on the " + side.title() + " ended with exit code " + process.exitValue()
                + "; its log: " + readLog());
    }

    private String readLog() {
        try {
            return System.lineSeparator() + Files.readString(log(side), UTF_8).strip();
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    CompletableFuture<GatewayProcess> onExit() {
        return process.onExit().thenApply(ended -> this);
    }

    /** True when Ctrl-C, which the terminal sends to all processes of the demo, or somebody else stopped it. */
    boolean isInterrupted() {
        return !process.isAlive() && (process.exitValue() == EXIT_BY_SIGINT || process.exitValue() == EXIT_BY_SIGTERM);
    }

    long pid() {
        return process.pid();
    }

    void requestStop() {
        process.destroy();
    }

    /** Waits for the end after {@link #requestStop}. */
    void awaitStop() throws InterruptedException {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
