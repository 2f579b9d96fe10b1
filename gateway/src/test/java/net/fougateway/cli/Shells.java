package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs of this machine that read what the program writes. */
final class Shells {

    private static final long LIMIT_SECONDS = 30;

    private Shells() {}

    /** Skips the test, and says so, where {@code program} is not installed. */
    static void require(String program, String debianPackage) {
        boolean installed = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> new File(directory, program).canExecute());
        if (!installed) {
            String reason = "SKIPPED: needs " + program + ": apt-get install " + debianPackage;
            System.out.println(reason);
            Assumptions.abort(reason);
        }
    }

    /** What a command says on both of its outputs; it ends soon. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("does not end: " + String.join(" ", command));
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
