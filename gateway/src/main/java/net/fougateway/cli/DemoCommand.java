package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import net.fougateway.demo.Demo;
import net.fougateway.demo.DemoException;
import net.fougateway.demo.Transcript;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fou-gateway demo}. */
@Command(
        name = "demo",
        description =
                "Show two hosts talking through a tunnel, on this machine, in network namespaces that go away after.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    @Option(names = "--once", description = "Exit after the proof: 0 when all of it went well, else 1.")
    private boolean once;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = new PrintWriter(System.out, true, UTF_8);
        try {
            return Demo.run(new Transcript(out, Ansi.AUTO.enabled()), once);
        } catch (DemoException e) {
            e.getMessage().lines().forEach(line -> spec.commandLine().getErr().println("fou-gateway: " + line));
            return 1;
        }
    }
}
