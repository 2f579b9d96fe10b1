package net.fougateway.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fou-gateway healthcheck}: for containers. */
@Command(
        name = "healthcheck",
        description = "Exit 0 when the running gateway is ready, else 1 and the reason in one sentence.",
        mixinStandardHelpOptions = true)
public final class HealthcheckCommand implements Callable<Integer> {

    private static final String UNMET = "[-] ";

    @Mixin
    private AdminOption admin;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try {
            AdminClient.Answer answer = admin.get("/readyz");
            spec.commandLine().getOut().println(sentence(answer));
            return answer.code() == 200 ? 0 : 1;
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }

    private static String sentence(AdminClient.Answer answer) {
        return switch (answer.code()) {
            case 200 -> "ready";
            case 503 -> "not ready: " + unmetConditions(answer.body());
            default -> "not a gateway: /readyz answered " + answer.code() + " (admin.listen)";
        };
    }

    private static String unmetConditions(String body) {
        return body.lines()
                .filter(line -> line.startsWith(UNMET))
                .map(line -> line.substring(UNMET.length()))
                .collect(Collectors.joining("; "));
    }
}
