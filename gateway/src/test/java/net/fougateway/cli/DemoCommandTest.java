package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DemoCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine demo = new CommandLine(new DemoCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));

    @Test
    void staysUnlessOnceIsAskedFor() {
        assertThat(demo.parseArgs().hasMatchedOption("--once")).isFalse();
        assertThat(demo.parseArgs("--once").hasMatchedOption("--once")).isTrue();
    }

    @Test
    void helpExplainsOnce() {
        assertThat(demo.execute("--help")).isZero();
        assertThat(out.toString()).contains("Usage: demo", "--once");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void wrongUsageIsToldInTwoLines() {
        CommandLine program = Main.program().setErr(new PrintWriter(err));

        assertThat(program.execute("run", "--nonsense")).isEqualTo(2);
        assertThat(program.execute("stats")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "Unknown option: '--nonsense'",
                        "See fou-gateway run --help",
                        "Unmatched argument at index 0: 'stats'",
                        "Did you mean: fou-gateway status?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--twice", "now", "--once=maybe"})
    void wrongUsageExitsWithTwo(String argument) {
        assertThat(demo.execute(argument)).isEqualTo(2);
        assertThat(err.toString()).contains(argument.replaceFirst(".*=", ""));
    }
}
