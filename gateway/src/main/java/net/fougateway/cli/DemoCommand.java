package net.fougateway.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code fou-gateway demo}. */
@Command(name = "demo", description = "Show two hosts talking through a tunnel.", mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        return 1;
    }
}
