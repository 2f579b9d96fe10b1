package net.fougateway.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;

/** Runs commands to their end. */
final class Shell {

    private Shell() {}

    /** Runs a command whose words are separated by one space. */
    static String run(String command) throws DemoException {
        return run(command, new ProcessBuilder(List.of(command.split(" "))));
    }

    /**
     * Runs a command.
     *
     * @param title the command as it is named in a failure
     * @return what it printed
     */
    static String run(String title, ProcessBuilder command) throws DemoException {
        try {
            Process process = command.redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int code = process.onExit().join().exitValue();
            if (code != 0) {
                throw new DemoException("'" + title + "' failed with exit code " + code + ": " + output.strip());
            }
            return output;
        } catch (IOException e) {
            throw new DemoException("'" + title + "' cannot be run: " + e.getMessage(), e);
        }
    }
}
