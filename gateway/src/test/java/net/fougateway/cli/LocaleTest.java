package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program writes is the same, byte for byte, in every locale. */
class LocaleTest {

    private static final String CONFIG = """
            device: {address: [10.10.10.1/24]}
            peers: [{name: a, remote: 127.0.0.9, tos: 12, allowed_ips: [10.42.0.0/16]}]
            """;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "check",
                "run --dry-run",
                "kernel",
                "kernel --format networkd",
                "help run",
                "check --set device.mtu=x"
            })
    void outputIsTheSameInEveryLocale(String command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        if (!command.startsWith("help")) {
            Path config = Files.writeString(directory.resolve("gateway.yaml"), CONFIG);
            arguments.addAll(List.of("-c", config.toString()));
        }
        String expected = run("C.UTF-8", List.of("-Duser.language=en"), arguments);
        assertThat(expected).isNotEmpty().doesNotContain("\tat ");
        assertThat(run("C", List.of(), arguments)).isEqualTo(expected);
        for (String language : List.of("ar", "fa", "tr", "th -Duser.country=TH -Duser.extensions=u-nu-thai")) {
            List<String> options = List.of(("-Duser.language=" + language + " -Dfile.encoding=ISO-8859-1").split(" "));
            assertThat(run("C", options, arguments)).as(language).isEqualTo(expected);
        }
    }

    private String run(String locale, List<String> options, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "net.fougateway.cli.Main"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", locale);
        builder.environment().keySet().removeIf(name -> name.startsWith("JAVA_TOOL") || name.startsWith("FOU_"));
        return new String(builder.start().getInputStream().readAllBytes(), UTF_8)
                .replaceAll("\\d{4}-\\d\\d-\\S+Z", "TIME");
    }
}
