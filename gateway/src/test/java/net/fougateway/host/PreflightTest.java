package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class PreflightTest {

    private static final List<Peer> PEERS = List.of(Peers.peer(0, "198.51.100.7"));
    private static final List<Peer> OTHERS = List.of(Peers.peer(0, "198.51.100.8"));

    private List<String> host = List.of("first");
    private int looks;
    private long nowNanos = Long.MAX_VALUE - 5;
    private final Preflight preflight = new Preflight(this::look, () -> nowNanos);

    private List<String> look(List<Peer> peers) {
        looks++;
        return host;
    }

    @Test
    void looksNotMoreOftenThanEveryTenSeconds() {
        assertThat(preflight.findings(PEERS)).containsExactly("first");
        host = List.of("second");
        nowNanos += Preflight.PERIOD_NANOS - 1;
        assertThat(preflight.findings(PEERS)).containsExactly("first");
        assertThat(looks).isEqualTo(1);
        nowNanos++;
        assertThat(preflight.findings(PEERS)).containsExactly("second");
        assertThat(looks).isEqualTo(2);
    }

    @Test
    void looksAtOnceForOtherPeers() {
        preflight.findings(PEERS);
        host = List.of();
        assertThat(preflight.findings(OTHERS)).isEmpty();
    }

    @Test
    void logsWhatIsNew() {
        Logger logger = (Logger) LoggerFactory.getLogger(Preflight.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.WARN);
        try {
            preflight.warn(PEERS);
            host = List.of("first", "{} second");
            preflight.warn(OTHERS);
            host = List.of();
            preflight.warn(PEERS);
            host = List.of("first");
            preflight.warn(OTHERS);
        } finally {
            logger.detachAppender(appender);
            logger.setLevel(null);
        }
        assertThat(appender.list)
                .extracting(event -> event.getLevel() + " " + event.getFormattedMessage())
                .containsExactly("WARN first", "WARN {} second", "WARN first");
    }
}
