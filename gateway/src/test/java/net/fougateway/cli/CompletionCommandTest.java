package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The scripts of {@code completion}, in the shells themselves. */
class CompletionCommandTest {

    /** As bash does when the user types TAB; it complains that there is no user. */
    private static final String TAB_IN_BASH = """
            source "$0"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
            _complete_fou-gateway 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
            """;

    private static final String TAB_IN_FISH = "source $argv[1]; complete -C \"$argv[2]\"";

    private static final String REGISTERED_IN_ZSH =
            "autoload -U compinit; compinit -u -D; source $1; print -r -- $_comps[fou-gateway]";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.program()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String script(String shell) throws Exception {
        assertThat(run("completion", shell)).as(err.toString()).isZero();
        return Files.writeString(directory.resolve(shell), out.toString()).toString();
    }

    private List<String> bash(String... words) throws Exception {
        List<String> command = Stream.concat(
                        Stream.of("bash", "--norc", "-c", TAB_IN_BASH, script("bash"), "fou-gateway"), Stream.of(words))
                .toList();
        return Shells.run(command.toArray(String[]::new)).lines().toList();
    }

    private List<String> fish(String line) throws Exception {
        Shells.require("fish", "fish");
        return Shells.run("fish", "--no-config", "-c", TAB_IN_FISH, script("fish"), line)
                .lines()
                .toList();
    }

    private static String[] commands() {
        return ManPage.commands(Main.program()).map(CommandLine::getCommandName).toArray(String[]::new);
    }

    @Test
    void bashCompletesCommands() throws Exception {
        assertThat(bash(""))
                .containsExactlyInAnyOrder(commands())
                .contains("run")
                .doesNotContain("train");
    }

    @Test
    void bashCompletesOptions() throws Exception {
        assertThat(bash("status", "--w")).containsExactly("--watch");
    }

    @Test
    void bashCompletesValues() throws Exception {
        assertThat(bash("kernel", "--format", "n")).containsExactly("networkd");
    }

    @Test
    void bashCompletesFiles() throws Exception {
        Path file = Files.createFile(directory.resolve("gateway.yaml"));
        assertThat(bash("run", "-c", directory + "/g")).containsExactly(file.toString());
    }

    @Test
    void bashCompletesShells() throws Exception {
        assertThat(bash("completion", "")).containsExactly("bash", "zsh", "fish");
    }

    @Test
    void fishCompletesCommands() throws Exception {
        assertThat(fish("fou-gateway "))
                .extracting(line -> line.replaceAll("\t.*", ""))
                .containsExactlyInAnyOrder(commands());
    }

    @Test
    void fishCompletesOptionsWithTheirDescriptions() throws Exception {
        assertThat(fish("fou-gateway status --w")).singleElement().asString().startsWith("--watch\tRepeat, with rates");
    }

    @Test
    void fishCompletesValues() throws Exception {
        assertThat(fish("fou-gateway kernel --format n"))
                .singleElement()
                .asString()
                .startsWith("networkd");
    }

    @Test
    void fishCompletesFiles() throws Exception {
        Path file = Files.createFile(directory.resolve("gateway.yaml"));
        assertThat(fish("fou-gateway run -c " + directory + "/g")).containsExactly(file.toString());
    }

    @Test
    void zshTakesTheScript() throws Exception {
        Shells.require("zsh", "zsh");
        assertThat(Shells.run("zsh", "-f", "-c", REGISTERED_IN_ZSH, "zsh", script("zsh")))
                .contains("_complete_fou-gateway")
                .doesNotContain("rror");
    }

    @Test
    void anotherShellIsAWrongUsageThatNamesThoseThereAre() {
        assertThat(run("completion", "csh")).isEqualTo(2);
        assertThat(err.toString()).contains("csh", " bash,", " zsh,", " fish]");
    }
}
