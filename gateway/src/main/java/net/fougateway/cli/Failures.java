package net.fougateway.cli;

import java.io.PrintWriter;
import net.fougateway.config.ConfigException;
import net.fougateway.plan.StartException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns the failures that a user can mend into lines on standard error and an exit code; others keep their stack trace. */
final class Failures implements IExecutionExceptionHandler {

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
