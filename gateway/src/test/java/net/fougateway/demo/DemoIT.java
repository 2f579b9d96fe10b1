package net.fougateway.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo as a process of its own. */
final class DemoIT {

    private static final int EXIT_BY_SIGTERM = 143;

    private Process demo;

    @BeforeEach
    void requireRoot() {
        List<String> missing = Requirements.ofThisMachine().missing();
        missing.forEach(sentence -> System.err.println("skipped: " + sentence));
        Assumptions.assumeTrue(missing.isEmpty(), () -> String.join("; ", missing));
    }

    @AfterEach
    void kill() {
        if (demo != null) {
            demo.destroyForcibly();
        }
    }

    @Test
    void onceProvesTheTunnel() throws Exception {
        start("--once");
        String output;
        try (BufferedReader reader = demo.inputReader(UTF_8)) {
            output = reader.lines().collect(Collectors.joining("\n"));
        }
        assertThat(demo.waitFor()).as(output).isZero();
        assertThat(output)
                .contains("$ ip netns add fou-demo-left-" + demo.pid(), "$ ip netns add fou-demo-right-" + demo.pid())
                .contains("✓ 10.10.10.2: 10 of 10 answered", "✓ fd00:10::2: 10 of 10 answered")
                .containsPattern("192\\.168\\.127\\.151:\\d+ > 192\\.168\\.127\\.152:5555 UDP \\| 10\\.10\\.10\\.1")
                .containsPattern("flows left from \\d+ source ports")
                .containsPattern("✓ left to right: 32 MB in .* Gbit/s, SHA-256")
                .containsPattern("✓ right to left: 32 MB in .* Gbit/s, SHA-256")
                .contains("fou0: up", "PEER", "LAST HEARD", "✓ the tunnel works")
                .doesNotContain("\u001b");
        assertThat(traces()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"type veth", "fou-gateway run", "Ping through", "Ctrl-C ends the demo"})
    void terminationLeavesNothing(String moment) throws Exception {
        start();
        awaitLine(moment);
        demo.destroy();
        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isEqualTo(EXIT_BY_SIGTERM);
        assertThat(traces()).isEmpty();
    }

    @Test
    void removesWhatAKilledDemoLeft() throws Exception {
        start();
        awaitLine("Ping through");
        demo.destroyForcibly().waitFor();
        assertThat(traces()).hasSizeGreaterThanOrEqualTo(8);
        List<String> removed = Traces.removeOfDead();
        assertThat(removed).contains("fou-demo-left-" + demo.pid(), "fou-demo-right-" + demo.pid());
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(traces()).isEmpty());
    }

    private void start(String... options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("net.fougateway.cli.Main", "demo"));
        command.addAll(List.of(options));
        demo = new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private void awaitLine(String part) throws IOException {
        BufferedReader reader = demo.inputReader(UTF_8);
        List<String> lines = new ArrayList<>();
        String line;
        while ((line = reader.readLine()) != null) {
            lines.add(line);
            if (line.contains(part)) {
                return;
            }
        }
        assertThat(lines).as("output").anyMatch(seen -> seen.contains(part));
    }

    /** Namespaces, files and processes of the demo; their names or arguments have its process id. */
    private List<String> traces() throws IOException {
        String name = "fou-demo-(left|right)-" + demo.pid() + "\\b";
        Stream<String> processes = ProcessHandle.allProcesses().map(process -> commandLine(process.pid()));
        return Stream.of(list(Path.of("/run")), list(Path.of("/run/netns")), processes)
                .flatMap(all -> all.filter(trace -> trace.matches("(?s).*" + name + ".*")))
                .toList();
    }

    /** {@link ProcessHandle.Info#commandLine} is empty where it is longer than a page, as ours is. */
    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static Stream<String> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(Path::toString).toList().stream();
        }
    }
}
