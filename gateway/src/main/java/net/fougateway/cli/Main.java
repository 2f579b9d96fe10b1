package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
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
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:good", "1:failure", "2:usage", Main.EXIT_CONFIG + ":bad configuration"},
        footer = {"", "Without a command: status."},
        mixinStandardHelpOptions = true,
        versionProvider = Main.VersionProvider.class)
public final class Main {

    /** Heading of the examples in a command's help. */
    static final String EXAMPLES = "%nExamples:%n";

    /** Exit code of a bad configuration, {@code EX_CONFIG} of sysexits.h. */
    static final int EXIT_CONFIG = 78;

    private static final List<String> COMMANDS = List.of(
            "demo",
            "init",
            "import",
            "run",
            "check",
            "kernel",
            "status",
            "routes",
            "macs",
            "capture",
            "healthcheck",
            "completion",
            "train",
            "help");
    /** Commands that speak of the others. */
    private static final List<String> NEED_ALL = List.of("completion", "help");

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
            return programFor(arguments[0]).execute(arguments);
        } catch (LinkageError e) {
            utf8(System.err)
                    .println("fou-gateway: " + NativeLibraries.explain(e).orElseThrow(() -> e));
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /** All commands and their options. */
    static CommandLine program() {
        return program(COMMANDS);
    }

    /** As far as a command line that begins with {@code first} needs it: each command costs time. */
    private static CommandLine programFor(String first) {
        if (first.equals("--version")) {
            return program(List.of());
        }
        return program(COMMANDS.contains(first) && !NEED_ALL.contains(first) ? List.of(first) : COMMANDS);
    }

    private static CommandLine program(List<String> names) {
        CommandLine program = new CommandLine(new Main());
        for (String name : names) {
            program.addSubcommand(command(name));
        }
        return withStreams(program);
    }

    private static Object command(String name) {
        return switch (name) {
            case "demo" -> new DemoCommand();
            case "init" -> new InitCommand();
            case "import" -> new ImportCommand();
            case "run" -> new RunCommand();
            case "check" -> new CheckCommand();
            case "kernel" -> new KernelCommand();
            case "status" -> new StatusCommand();
            case "routes" -> new RoutesCommand();
            case "macs" -> new MacsCommand();
            case "capture" -> new CaptureCommand();
            case "healthcheck" -> new HealthcheckCommand();
            case "completion" -> new CompletionCommand();
            case "train" -> new TrainCommand();
            default -> new CommandLine.HelpCommand();
        };
    }

    private static CommandLine withStreams(CommandLine program) {
        return program.setOut(utf8(System.out))
                .setErr(utf8(System.err))
                .setExecutionExceptionHandler(new Failures())
                .setParameterExceptionHandler(new Failures());
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
