package net.fougateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that tests check, and write when run with {@code -Dupdate=true}. */
public final class GoldenFile {

    private static final String COMMAND = "mvn -q -B -pl codec,gateway -am test -Dupdate=true"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest='MetricsPageTest,DocumentationTest,ManPageTest,ConfigSchemaTest'";

    private GoldenFile() {}

    /** Fails unless {@code file} holds {@code expected}. */
    public static void check(Path file, String expected) {
        try {
            if (Boolean.getBoolean("update")) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Files.writeString(file, expected);
            }
            String actual = Files.exists(file) ? Files.readString(file) : "";
            assertThat(actual)
                    .as("%s is stale; regenerate it with: %s", file, COMMAND)
                    .isEqualTo(expected);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
