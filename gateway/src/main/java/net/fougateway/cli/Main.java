package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import net.fougateway.metrics.Version;
import net.fougateway.plan.HostNames;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The program: its subcommands are the table of contents. */
@Command(
        name = "fou-gateway",
        description = "Carries IP packets over UDP in the FOU format of Linux.",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            CheckCommand.class,
            KernelCommand.class,
            StatusCommand.class,
            RoutesCommand.class,
            MacsCommand.class,
            CaptureCommand.class,
            HealthcheckCommand.class,
            CompletionCommand.class,
            TrainCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:good", "1:failure", "2:usage", Main.EXIT_CONFIG + ":bad configuration"},
        footer = {"", "Without a command: status."},
        mixinStandardHelpOptions = true,
        versionProvider = Main.VersionProvider.class)
public final class Main {

    /** Exit code of a bad configuration, {@code EX_CONFIG} of sysexits.h. */
    static final int EXIT_CONFIG = 78;

    private Main() {}

    /** Runs a command and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(execute(arguments.length == 0 ? new String[] {"status"} : arguments));
    }

    private static int execute(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        try {
            if (arguments[0].equals("run")) {
                Hangups.hear();
                HostNames.askEachTime();
            }
            return program().execute(arguments);
        } catch (LinkageError e) {
            utf8(System.err)
                    .println("fou-gateway: " + NativeLibraries.explain(e).orElseThrow(() -> e));
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /** All commands and their options. */
    static CommandLine program() {
        return new CommandLine(new Main())
                .setOut(utf8(System.out))
                .setErr(utf8(System.err))
                .setExecutionExceptionHandler(new Failures());
    }

    /** What is written is the same in every locale. */
    private static PrintWriter utf8(PrintStream stream) {
        return new PrintWriter(stream, true, UTF_8);
    }

    static final class VersionProvider implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"fou-gateway " + Version.TEXT};
        }
    }
}
