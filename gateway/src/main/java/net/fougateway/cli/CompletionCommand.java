package net.fougateway.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fou-gateway completion}: what a shell needs to complete the other commands. */
@Command(
        name = "completion",
        description = "Print what a shell needs to complete commands and options.",
        footer = {
            "",
            "bash: fou-gateway completion bash > FILE, which is",
            "      /usr/share/bash-completion/completions/fou-gateway",
            "zsh, as a line of ~/.zshrc: source <(fou-gateway completion zsh)",
            "fish: fou-gateway completion fish > ~/.config/fish/completions/fou-gateway.fish"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {

    @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    private enum Shell {
        BASH,
        ZSH,
        FISH;

        /** The script for bash works in zsh too, by way of zsh's bashcompinit. */
        String script(CommandLine program) {
            return this == FISH ? FishCompletion.of(program) : AutoComplete.bash(program.getCommandName(), program);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(shell.script(spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
