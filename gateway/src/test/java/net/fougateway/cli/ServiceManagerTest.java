package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import net.fougateway.linux.NotifyReceiver;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ServiceManagerTest {

    private static final int CLOCK_MONOTONIC = 1;
    private static final String IDLE =
            "STATUS=0 peers, received 0 packets/s, sent 0 packets/s, dropped 0 packets/s, 0 in all";
    /** Time for several beats, where the watchdog waits for 200 ms. */
    private static final Duration SEVERAL_BEATS = Duration.ofMillis(500);

    @TempDir
    private Path directory;

    private final AtomicBoolean loopsRunning = new AtomicBoolean(true);
    private final Logger logger = (Logger) LoggerFactory.getLogger(ServiceManager.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private NotifyReceiver systemd;

    @BeforeEach
    void listen() {
        systemd = new NotifyReceiver(path());
        logged.start();
        logger.addAppender(logged);
        logger.setLevel(Level.WARN);
    }

    @AfterEach
    void close() {
        logger.detachAppender(logged);
        logger.setLevel(null);
        systemd.close();
    }

    private String path() {
        return directory.resolve("notify").toString();
    }

    private ServiceManager manager(Map<String, String> environment) {
        return manager(environment, Snapshots::idle);
    }

    private ServiceManager manager(Map<String, String> environment, Supplier<Snapshot> snapshots) {
        return new ServiceManager(environment, snapshots, loopsRunning::get);
    }

    @Test
    void startAndStopAreTold() throws Exception {
        ServiceManager manager = manager(Map.of("NOTIFY_SOCKET", path()));
        manager.ready();
        assertThat(systemd.next()).isEqualTo(IDLE);
        assertThat(systemd.next()).isEqualTo("READY=1");
        manager.close();
        assertThat(systemd.next()).isEqualTo("STOPPING=1");
        assertThat(logged.list).isEmpty();
    }

    @Test
    void aReloadIsToldWhenItBeginsAndWhenItIsOverAlsoWhenItWasRefused() throws Exception {
        AtomicBoolean refused = new AtomicBoolean();
        try (ServiceManager manager = manager(
                Map.of("NOTIFY_SOCKET", path()), () -> refused.get() ? Snapshots.refused() : Snapshots.idle())) {
            long before = monotonicMicros();
            manager.reload(() -> refused.set(true));
            String begins = systemd.next();
            assertThat(begins).startsWith("RELOADING=1\nMONOTONIC_USEC=");
            assertThat(Long.parseLong(begins.substring(begins.lastIndexOf('=') + 1)))
                    .isBetween(before, monotonicMicros());
            assertThat(systemd.next()).startsWith("STATUS=NEW CONFIGURATION REFUSED");
            assertThat(systemd.next()).isEqualTo("READY=1");
        }
    }

    private static long monotonicMicros() {
        try (Memory timespec = new Memory(16)) {
            Function.getFunction("c", "clock_gettime").invokeInt(new Object[] {CLOCK_MONOTONIC, timespec});
            return timespec.getLong(0) * 1_000_000 + timespec.getLong(8) / 1000;
        }
    }

    @Test
    void theWatchdogIsFedOnlyWhileEveryEventLoopRuns() throws Exception {
        try (ServiceManager manager = manager(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "200000"))) {
            manager.ready();
            systemd.next("WATCHDOG=1");
            systemd.next("WATCHDOG=1");
            loopsRunning.set(false);
            systemd.during(SEVERAL_BEATS);
            assertThat(systemd.during(SEVERAL_BEATS)).contains(IDLE).doesNotContain("WATCHDOG=1");
            loopsRunning.set(true);
            systemd.next("WATCHDOG=1");
        }
    }

    @Test
    void theWatchdogOfAnotherProcessIsNotFed() throws Exception {
        Map<String, String> environment =
                Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "200000", "WATCHDOG_PID", "1");
        try (ServiceManager manager = manager(environment)) {
            manager.ready();
            assertThat(systemd.during(SEVERAL_BEATS)).doesNotContain("WATCHDOG=1");
        }
    }

    @Test
    void aSnapshotThatFailsKeepsNeitherReadinessNorWatchdogBack() throws Exception {
        Supplier<Snapshot> failing = () -> {
            throw new IllegalStateException("for the test");
        };
        try (ServiceManager manager = manager(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "200000"), failing)) {
            manager.ready();
            assertThat(systemd.next()).isEqualTo("STATUS=no status line: for the test");
            assertThat(systemd.next()).isEqualTo("READY=1");
            systemd.next("WATCHDOG=1");
            systemd.next("WATCHDOG=1");
        }
        assertThat(messages()).isEmpty();
    }

    @Test
    void withoutASocketNothingHappensButTheReload() throws Exception {
        AtomicBoolean reloaded = new AtomicBoolean();
        Supplier<Snapshot> unwanted = () -> {
            throw new AssertionError("nobody wants a snapshot");
        };
        try (ServiceManager manager = manager(Map.of("WATCHDOG_USEC", "200000"), unwanted)) {
            manager.ready();
            manager.reload(() -> reloaded.set(true));
            assertThat(systemd.during(SEVERAL_BEATS)).isEmpty();
        }
        assertThat(reloaded).isTrue();
        assertThat(logged.list).isEmpty();
    }

    @Test
    void aSocketThatCannotBeReachedIsLoggedOnce() {
        AtomicBoolean reloaded = new AtomicBoolean();
        try (ServiceManager manager = manager(Map.of("NOTIFY_SOCKET", path() + "-gone"))) {
            manager.ready();
            manager.reload(() -> reloaded.set(true));
        }
        assertThat(reloaded).isTrue();
        assertThat(messages()).singleElement().asString().contains(path() + "-gone", "No such file or directory");
    }

    @Test
    void anAddressOfAnotherKindIsNamed() {
        manager(Map.of("NOTIFY_SOCKET", "vsock:2:1234")).close();
        assertThat(messages())
                .containsExactly(
                        "systemd is told nothing: NOTIFY_SOCKET=vsock:2:1234 is neither an absolute path nor @ and a name");
    }

    private List<String> messages() {
        return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
