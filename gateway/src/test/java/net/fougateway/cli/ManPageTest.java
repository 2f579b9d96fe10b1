package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import net.fougateway.metrics.GoldenFile;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** docs/fou-gateway.8 is what the commands say. */
class ManPageTest {

    private static final Path PAGE = Path.of("../docs/fou-gateway.8");

    private final CommandLine program = Main.program();
    private final String page = ManPage.of(program);

    @Test
    void pageIsTheCheckedInOne() {
        GoldenFile.check(PAGE, page);
    }

    @Test
    void everyCommandAndOptionIsInIt() {
        assertThat(program.getCommandSpec().options())
                .allSatisfy(option -> assertThat(page).contains(plain(option)));
        assertThat(ManPage.commands(program).toList()).hasSizeGreaterThan(7).allSatisfy(command -> {
            String section = section(command.getCommandName());
            for (OptionSpec option : command.getCommandSpec().options()) {
                assertThat(ManPage.isStandard(option) ? page : section).contains(plain(option));
            }
            for (PositionalParamSpec value : command.getCommandSpec().positionalParameters()) {
                assertThat(section).contains(value.paramLabel());
            }
        });
    }

    @Test
    void whatIsHiddenIsNotInIt() {
        assertThat(program.getSubcommands()).containsKey("train");
        assertThat(page).doesNotContainPattern("\\btrain\\b");
    }

    @Test
    void roffHasNothingToSayAboutIt() throws Exception {
        Shells.require("groff", "groff-base");
        assertThat(Shells.run("groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z", PAGE.toString()))
                .isEmpty();
    }

    /** Names of an option in roff. */
    private static String plain(OptionSpec option) {
        return "\\fB" + String.join("\\fR, \\fB", List.of(option.names())).replace("-", "\\-") + "\\fR";
    }

    private String section(String command) {
        int start = page.indexOf("\n.SS " + command + "\n");
        assertThat(start).as("section of %s", command).isPositive();
        int next = page.indexOf("\n.S", start + 1);
        return page.substring(start, next);
    }
}
