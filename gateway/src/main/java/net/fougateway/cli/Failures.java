package net.fougateway.cli;

import java.io.PrintWriter;
import net.fougateway.config.ConfigException;
import net.fougateway.plan.StartException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns the failures that a user can mend into lines on standard error and an exit code; others keep their stack trace. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

    /** Two lines: the whole help would hide what is wrong. */
    @Override
    public int handleParseException(ParameterException mistake, String[] arguments) {
        CommandLine command = mistake.getCommandLine();
        PrintWriter out = command.getErr();
        out.println(mistake.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(mistake, out)) {
            out.println("See " + command.getCommandSpec().qualifiedName() + " --help");
        }
        return CommandLine.ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments)
            throws Exception {
        PrintWriter out = command.getErr();
        if (failure instanceof ConfigException config) {
            out.println(config.getMessage());
            return Main.EXIT_CONFIG;
        }
        if (failure instanceof StartException start) {
            start.problems().forEach(problem -> out.println("fou-gateway: " + problem));
            return CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }
}
