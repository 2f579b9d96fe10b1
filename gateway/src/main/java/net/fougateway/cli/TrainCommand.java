package net.fougateway.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import net.fougateway.training.Training;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fou-gateway train}: what the JVM watches while it makes the archive that lets the gateway start fast. */
@Command(
        name = "train",
        hidden = true,
        description = "Carry traffic of its own over the loopback interface; needs no privileges.",
        mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {

    @Option(names = "--seconds", defaultValue = "4", description = "How long (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        long packets = Training.run(Duration.ofSeconds(seconds));
        spec.commandLine().getOut().printf("carried %d packets%n", packets);
        return packets > 0 ? 0 : 1;
    }
}
