package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InitCommandTest {

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine init = new CommandLine(new InitCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .setExecutionExceptionHandler(new Failures());

    @Test
    void writesWhatWasWantedAndFound() throws Exception {
        assertThat(init.execute("--peer", "b=192.0.2.99,10.10.10.2/32,fd00:10::2/128", "--address", "10.10.10.1/24"))
                .as(err.toString())
                .isZero();
        GatewayConfig config = ConfigLoader.load("init", out.toString(), Map.of(), Map.of());
        assertThat(config.peers()).singleElement().satisfies(peer -> {
            assertThat(peer.remote()).isEqualTo("192.0.2.99");
            assertThat(peer.allowedIps()).hasSize(2);
        });
        assertThat(out.toString()).contains("# This host has ", "# now ").doesNotContain("null");
    }

    @Test
    void withoutAPeerThereIsAnExampleThatCanBeUncommented() throws Exception {
        assertThat(init.execute()).as(err.toString()).isZero();
        assertThat(ConfigLoader.load("init", out.toString(), Map.of(), Map.of()).peers())
                .isEmpty();
        String uncommented = out.toString()
                .replace("peers: []", "peers:")
                .replace("\n#   - ", "\n  - ")
                .replace("\n#     ", "\n    ");
        assertThat(ConfigLoader.load("init", uncommented, Map.of(), Map.of()).peers())
                .hasSize(1);
    }

    @Test
    void aFileIsNotOverwrittenUnlessForced() throws Exception {
        Path file = directory.resolve("gateway.yaml");
        assertThat(init.execute("-o", file.toString())).isZero();
        Files.writeString(file, "mine");
        assertThat(init.execute("-o", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("--force");
        assertThat(Files.readString(file)).isEqualTo("mine");
        assertThat(init.execute("-o", file.toString(), "--force")).isZero();
        assertThat(Files.readString(file)).contains("device:");
    }

    @Test
    void mistakesAreNamed() {
        assertThat(init.execute("--peer", "b")).isEqualTo(2);
        assertThat(err.toString()).contains("NAME=REMOTE,PREFIX, such as b=192.0.2.2,");
        assertThat(init.execute("--peer", "b=192.0.2.2,10.1.1.1/8")).isEqualTo(Main.EXIT_CONFIG);
        assertThat(err.toString()).contains("write 10.0.0.0/8");
    }
}
