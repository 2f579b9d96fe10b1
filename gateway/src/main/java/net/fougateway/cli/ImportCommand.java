package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import net.fougateway.migration.Migration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fou-gateway import}: a configuration from the kernel's own tunnels. */
@Command(
        name = "import",
        description = {
            "Print the configuration that takes the place of the kernel's own tunnels (ipip, sit, gre, ip6tnl, ip6gre in FOU or GUE).",
            "What cannot be taken over, and how the kernel lets go, is said in comments. Changes nothing."
        },
        mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {

    private static final Path STDIN = Path.of("-");
    private static final List<String> QUESTIONS = List.of(
            "ip -d -j address", "ip -j fou show", "ip -j -4 route show table all", "ip -j -6 route show table all");

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description =
                    "What these commands printed, on another machine perhaps, one after the other: ip -d -j address;"
                            + " ip -j fou show; ip -j -4 route show table all; ip -j -6 route show table all. - is standard input; none: they are run here.")
    private Path file;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try {
            PrintWriter out = spec.commandLine().getOut();
            out.print(Migration.configuration(file == null ? asked() : read()));
            out.flush();
            return 0;
        } catch (NoSuchFileException e) {
            spec.commandLine().getErr().println(file + ": there is no such file");
        } catch (IOException e) {
            spec.commandLine().getErr().println((file == null ? "" : file + ": ") + e.getMessage());
        }
        return 1;
    }

    private String read() throws IOException {
        return file.equals(STDIN) ? new String(System.in.readAllBytes(), UTF_8) : Files.readString(file);
    }

    private static String asked() throws IOException {
        StringBuilder answers = new StringBuilder();
        for (String question : QUESTIONS) {
            answers.append(answer(question));
        }
        return answers.toString();
    }

    /** Nothing where the kernel has not what is asked for, as with FOU. */
    private static String answer(String question) throws IOException {
        try {
            Process ip = new ProcessBuilder(question.split(" "))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            ip.getOutputStream().close();
            return new String(ip.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new IOException("cannot run ip: install iproute2, or give a FILE", e);
        }
    }
}
