package net.fougateway.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for fish, which picocli does not make: one line for each command, option and known value. */
final class FishCompletion {

    private static final String BEFORE_A_COMMAND = "__fish_use_subcommand";

    private final String program;
    private final List<String> lines = new ArrayList<>();

    private FishCompletion(CommandLine root) {
        program = root.getCommandName();
        complete("-f");
        root.getCommandSpec().options().forEach(option -> add(BEFORE_A_COMMAND, option));
        root.getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(command -> !command.usageMessage().hidden())
                .forEach(this::add);
    }

    /** The script for a program and its commands. */
    static String of(CommandLine root) {
        return String.join("\n", new FishCompletion(root).lines) + "\n";
    }

    private void add(CommandSpec command) {
        complete("-n " + BEFORE_A_COMMAND + " -a " + command.name()
                + description(command.usageMessage().description()));
        String afterTheCommand = quote("__fish_seen_subcommand_from " + command.name());
        command.options().forEach(option -> add(afterTheCommand, option));
        for (PositionalParamSpec value : command.positionalParameters()) {
            if (value.completionCandidates() != null) {
                complete("-n " + afterTheCommand + values(value) + description(value.description()));
            }
        }
    }

    private void add(String condition, OptionSpec option) {
        StringBuilder names = new StringBuilder();
        for (String name : option.names()) {
            names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        complete("-n " + condition + names + argument(option) + description(option.description()));
    }

    /** An optional argument is not told of: fish would insist on it. */
    private static String argument(OptionSpec option) {
        if (option.arity().min() == 0) {
            return "";
        }
        if (option.completionCandidates() != null) {
            return " -x" + values(option);
        }
        return option.type() == Path.class ? " -r -F" : " -x";
    }

    private static String values(ArgSpec argument) {
        return " -a " + quote(String.join(" ", argument.completionCandidates()));
    }

    private static String description(String... text) {
        return " -d " + quote(String.join(" ", text));
    }

    private void complete(String what) {
        lines.add("complete -c " + program + " " + what);
    }

    private static String quote(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
