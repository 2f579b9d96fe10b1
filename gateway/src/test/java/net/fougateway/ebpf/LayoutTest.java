package net.fougateway.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.fougateway.bpf.MapDefinition;
import org.junit.jupiter.api.Test;

/** What the header file of the programs says, and what the gateway writes. */
class LayoutTest {

    private static final Path SOURCES = Path.of("src/main/bpf");
    private static final int MAX_LINES = 400;

    @Test
    void verdictsAreThoseOfTheHeaderFile() throws Exception {
        Matcher body = Pattern.compile("enum verdict \\{(.*?)VERDICTS", Pattern.DOTALL)
                .matcher(code(SOURCES.resolve("fou.h")));
        assertThat(body.find()).isTrue();
        List<String> names = Pattern.compile("\\b(IN|OUT)_\\w+(?=,)")
                .matcher(body.group(1))
                .results()
                .map(result -> result.group())
                .toList();
        assertThat(names)
                .isEqualTo(Arrays.stream(Verdict.values()).map(Enum::name).toList());
        assertThat(FouPrograms.object().maps().get("verdicts").entries()).isEqualTo(names.size());
    }

    @Test
    void keysAndValuesAreAsLongAsTheProgramsWant() throws Exception {
        Map<String, MapDefinition> definitions = FouPrograms.object().maps();
        new ExamplePeers().contents().maps().forEach((name, entries) -> {
            assertThat(entries).as(name).isNotEmpty();
            entries.forEach((key, value) -> {
                assertThat(key.capacity())
                        .as("key of %s", name)
                        .isEqualTo(definitions.get(name).keyBytes());
                assertThat(value.length)
                        .as("value of %s", name)
                        .isEqualTo(definitions.get(name).valueBytes());
            });
        });
    }

    /** Lines of code; comments and empty lines aside. */
    @Test
    void theSourcesStaySmall() throws Exception {
        long lines = 0;
        try (Stream<Path> sources = Files.list(SOURCES)) {
            for (Path source :
                    sources.filter(file -> file.toString().matches(".*\\.[ch]")).toList()) {
                lines += code(source).lines().filter(line -> !line.isBlank()).count();
            }
        }
        assertThat(lines).isLessThanOrEqualTo(MAX_LINES);
    }

    private static String code(Path source) throws Exception {
        return Files.readString(source).replaceAll("(?s)/\\*.*?\\*/", "");
    }
}
