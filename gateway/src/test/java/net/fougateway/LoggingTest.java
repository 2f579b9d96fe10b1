package net.fougateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import net.fougateway.log.StandardErrorLog;
import org.junit.jupiter.api.Test;

/** The format of {@link StandardErrorLog}. */
class LoggingTest {

    @Test
    void oneLineForEachEventOnStandardError() throws Exception {
        String text = logged("info");
        assertThat(text.lines())
                .hasSize(2)
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ .*"));
        assertThat(text)
                .contains("WARN  Part two | lines\n")
                .contains("ERROR Part failed | java.lang.IllegalStateException: why | at ");
    }

    @Test
    void levelComesFromTheSystemProperty() throws Exception {
        assertThat(logged("debug").lines()).hasSize(3);
        assertThat(logged("off")).isEmpty();
    }

    private static String logged(String level) throws Exception {
        PrintStream stderr = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setProperty("FOU_LOG_LEVEL", level);
        System.setErr(new PrintStream(captured, true, UTF_8));
        try {
            LoggerContext context = new LoggerContext();
            context.setMDCAdapter(new LogbackMDCAdapter());
            StandardErrorLog.install(context);
            org.slf4j.Logger log = context.getLogger("net.fougateway.Part");
            log.debug("hidden");
            log.warn("two\nlines");
            log.error("failed", new IllegalStateException("why"));
            context.stop();
        } finally {
            System.setErr(stderr);
            System.clearProperty("FOU_LOG_LEVEL");
        }
        return captured.toString(UTF_8);
    }
}
