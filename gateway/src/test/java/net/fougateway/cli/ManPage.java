package net.fougateway.cli;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The manual page, in the roff of man(7), from the table of commands. */
final class ManPage {

    private static final String FRAME = """
            .\\" Generated from the commands; a test compares the two.
            .TH FOU\\-GATEWAY 8 "" "fou\\-gateway" "System administration"
            .SH NAME
            fou\\-gateway \\- carry IP packets over UDP in the FOU and GUE formats of Linux
            .SH SYNOPSIS
            .B fou\\-gateway
            .RI [ COMMAND ]
            .RI [ OPTION ]...
            .SH DESCRIPTION
            .B fou\\-gateway
            carries IP packets inside UDP between two machines, one of which may be a plain Linux kernel
            .RB ( "ip fou" ", " "ip link add type ipip ... encap fou" ).
            It needs a TUN device and nothing else from the kernel.
            It neither encrypts nor authenticates.
            .PP
            Results are on standard output, everything else on standard error.
            %s
            .SH OPTIONS
            Every command takes these.
            %s.SH COMMANDS
            %s.SH EXAMPLES
            .nf
            %s.fi
            .SH EXIT STATUS
            %s.SH ENVIRONMENT
            .TP
            .B FOU_CONFIG
            The configuration file, where \\-\\-config does not name one.
            .TP
            .BR FOU_ADMIN_LISTEN ", " FOU_LOG_LEVEL ", ..."
            Any setting of the configuration outside of lists, its dots written as underscores; wins over the file, \\-\\-set over both.
            .TP
            .BR JAVA_HOME ", " FOU_JAVA_OPTS
            The Java to use, and further options for it, separated by spaces; quotes keep spaces.
            .TP
            .BR NOTIFY_SOCKET ", " WATCHDOG_USEC ", " WATCHDOG_PID
            Set by systemd:
            .B run
            tells when it is ready, reloads and stops, a status line, and that its event loops run.
            .TP
            .B NO_COLOR
            No colours on a terminal.
            .SH FILES
            .TP
            .I /etc/fou\\-gateway/gateway.yaml
            The configuration; the gateway takes a new content over while it runs.
            .TP
            .I /dev/net/tun
            Where the TUN device comes from.
            .SH SIGNALS
            .TP
            .B SIGHUP
            .B run
            reads its configuration again.
            .TP
            .BR SIGTERM ", " SIGINT
            .B run
            ends, and leaves nothing behind.
            .SH SEE ALSO
            .BR ip (8),
            .BR ip\\-link (8),
            .BR ip\\-fou (8),
            .BR systemd.service (5),
            .BR wg (8)
            """;

    private ManPage() {}

    /** The page for a program and its commands. */
    static String of(CommandLine program) {
        CommandSpec root = program.getCommandSpec();
        return FRAME.formatted(
                text(root.usageMessage().footer()),
                options(root),
                commands(program).map(ManPage::section).collect(Collectors.joining()),
                commands(program).map(ManPage::examples).collect(Collectors.joining()),
                exitCodes(root.usageMessage().exitCodeList()));
    }

    /** Those that are not hidden. */
    static Stream<CommandLine> commands(CommandLine program) {
        return program.getSubcommands().values().stream()
                .filter(command -> !command.getCommandSpec().usageMessage().hidden());
    }

    private static String section(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        return ".SS " + text(command.getCommandName()) + "\n"
                + text(spec.usageMessage().description()) + "\n"
                + spec.positionalParameters().stream().map(ManPage::positional).collect(Collectors.joining())
                + spec.options().stream()
                        .filter(option -> !isStandard(option))
                        .map(option -> option(command, option))
                        .collect(Collectors.joining());
    }

    private static String examples(CommandLine command) {
        UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        return Stream.of(usage.footer())
                .filter(line -> usage.footerHeading().equals(Main.EXAMPLES))
                .map(line -> text(line) + "\n")
                .collect(Collectors.joining());
    }

    /** An option that every command has. */
    static boolean isStandard(OptionSpec option) {
        return option.usageHelp() || option.versionHelp();
    }

    private static String options(CommandSpec spec) {
        return spec.options().stream()
                .map(option -> option(spec.commandLine(), option))
                .collect(Collectors.joining());
    }

    private static String option(CommandLine command, OptionSpec option) {
        return tagged(names(option) + argument(command, option), option);
    }

    /** Its names, as they stand in the page. */
    static String names(OptionSpec option) {
        return Stream.of(option.names())
                .map(name -> "\\fB" + text(name) + "\\fR")
                .collect(Collectors.joining(", "));
    }

    private static String argument(CommandLine command, OptionSpec option) {
        Help help = new Help(command.getCommandSpec(), Help.defaultColorScheme(Ansi.OFF));
        String label = help.parameterLabelRenderer()
                .renderParameterLabel(option, Ansi.OFF, List.of())
                .toString();
        return text(label).replace(text(option.paramLabel()), "\\fI" + text(option.paramLabel()) + "\\fR");
    }

    private static String positional(PositionalParamSpec value) {
        return tagged("\\fI" + text(value.paramLabel()) + "\\fR", value);
    }

    private static String tagged(String tag, ArgSpec argument) {
        return ".TP\n" + tag + "\n" + text(argument.description()) + "\n";
    }

    private static String exitCodes(Map<String, String> codes) {
        return codes.entrySet().stream()
                .map(code -> ".TP\n.B " + code.getKey() + "\n" + text(code.getValue()) + "\n")
                .collect(Collectors.joining());
    }

    /** Plain text in roff. */
    private static String text(String... lines) {
        return String.join(" ", lines)
                .replace("%n", " ")
                .strip()
                .replace("\\", "\\e")
                .replace("-", "\\-");
    }
}
