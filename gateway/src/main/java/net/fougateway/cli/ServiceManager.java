package net.fougateway.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NotifySocket;
import net.fougateway.metrics.Snapshot;
import net.fougateway.threads.Rounds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the gateway is: sd_notify(3). Without {@code NOTIFY_SOCKET} in the environment nothing happens at all, and nothing that
 * goes wrong here reaches the gateway.
 */
final class ServiceManager implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);
    private static final long STATUS_PERIOD_MICROS = TimeUnit.SECONDS.toMicros(10);

    private final Optional<NotifySocket> socket;
    private final long watchdogMicros;
    private final Supplier<Snapshot> snapshots;
    private final BooleanSupplier loopsRunning;
    private final StatusLine statusLine = new StatusLine();
    private final AtomicBoolean failed = new AtomicBoolean();
    private final List<Rounds> threads = new ArrayList<>();

    /**
     * Says nothing yet.
     *
     * @param environment with {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC} and {@code WATCHDOG_PID}, or without
     * @param snapshots of the gateway
     * @param loopsRunning true while every event loop of the gateway makes progress; the watchdog hears nothing while it is false
     */
    ServiceManager(Map<String, String> environment, Supplier<Snapshot> snapshots, BooleanSupplier loopsRunning) {
        socket = socket(environment.getOrDefault("NOTIFY_SOCKET", ""));
        watchdogMicros = watchdogMicros(environment);
        this.snapshots = snapshots;
        this.loopsRunning = loopsRunning;
    }

    private static Optional<NotifySocket> socket(String address) {
        try {
            return address.isEmpty() ? Optional.empty() : Optional.of(new NotifySocket(address));
        } catch (IllegalArgumentException e) {
            log.warn("systemd is told nothing: NOTIFY_SOCKET={} is {}", address, e.getMessage());
            return Optional.empty();
        }
    }

    /** As sd_watchdog_enabled(3): 0 for none. */
    private static long watchdogMicros(Map<String, String> environment) {
        String self = Long.toString(ProcessHandle.current().pid());
        boolean ours = environment.getOrDefault("WATCHDOG_PID", self).equals(self);
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        return ours && micros.matches("\\d{1,18}") ? Long.parseLong(micros) : 0;
    }

    /** The gateway carries packets, and hears signals. From now on there is a status line and, if wanted, the watchdog is fed. */
    void ready() {
        tell(this::status);
        tell(() -> "READY=1");
        if (socket.isPresent()) {
            long period =
                    watchdogMicros == 0 ? STATUS_PERIOD_MICROS : Math.min(STATUS_PERIOD_MICROS, watchdogMicros / 2);
            long pauseMillis = Math.max(1, TimeUnit.MICROSECONDS.toMillis(period));
            threads.add(Rounds.every(pauseMillis, "status-line", () -> tell(this::status)));
            threads.add(Rounds.every(pauseMillis, "watchdog", this::feed));
        }
    }

    /** On a thread of its own: the status line asks the kernel, which may take its time. */
    private void feed() {
        if (watchdogMicros > 0 && loopsRunning.getAsBoolean()) {
            tell(() -> "WATCHDOG=1");
        }
    }

    /** Runs {@code reload}, and tells when it begins and that it is over. */
    void reload(Runnable reload) {
        tell(() -> "RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
        try {
            reload.run();
        } finally {
            tell(this::status);
            tell(() -> "READY=1");
        }
    }

    /** The gateway begins to stop. */
    @Override
    public void close() {
        tell(() -> "STOPPING=1");
        threads.forEach(Rounds::stop);
    }

    private String status() {
        try {
            return "STATUS=" + statusLine.next(snapshots.get(), System.nanoTime());
        } catch (RuntimeException e) {
            return "STATUS=no status line: " + e.getMessage();
        }
    }

    private void tell(Supplier<String> message) {
        if (socket.isEmpty()) {
            return;
        }
        try {
            socket.get().send(message.get());
        } catch (LinuxException e) {
            if (!failed.getAndSet(true)) {
                log.warn(
                        "systemd does not learn how the gateway is, and may end it: {}; does NOTIFY_SOCKET={} belong to it? (told once)",
                        e.getMessage(),
                        socket.get());
            }
        }
    }
}
