package net.fougateway.config;

import static net.fougateway.config.Configs.errors;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text that is not a sane YAML document. */
class YamlTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "# only a comment\n", "---\n", "\t"})
    void emptyFileIsRefused(String yaml) {
        assertThat(errors(yaml)).singleElement().asString().startsWith("gateway.yaml:1: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1, 2]", "text", "--- |\n text\n"})
    void rootMustBeASection(String yaml) {
        assertThat(errors(yaml)).singleElement().asString().endsWith("it must be a section of \"key: value\" lines");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: [",
                "? [1]",
                "a: b: c",
                "{",
                "'",
                "- a\nb",
                "workers: 1\n\u0000",
                "workers: 1\n---\nworkers: 2",
                "%YAML 9.9\n---\n{}"
            })
    void syntaxErrorIsOneMistake(String yaml) {
        assertThat(errors(yaml)).singleElement().asString().contains("not YAML: ");
    }

    @Test
    void syntaxErrorHasItsLine() {
        assertThat(errors("workers: 1\nlog: {level: info\n"))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:3: not YAML: ");
    }

    @Test
    void duplicateKeyIsRefused() {
        assertThat(errors("workers: 1\nworkers: 2\nlog:\n  level: info\n  level: info\n"))
                .containsExactly(
                        "gateway.yaml:2: workers: the key is given twice: keep one",
                        "gateway.yaml:5: log.level: the key is given twice: keep one");
    }

    @Test
    void anchorsAndAliasesAreRefused() {
        assertThat(errors("workers: &a 1\ndevice: {queues: *a}\n"))
                .containsExactly(
                        "gateway.yaml:1: anchors (&) are not supported: write the value where it is used",
                        "gateway.yaml:2: aliases (*) are not supported: write the value where it is used");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "workers: !!int 1",
                "workers: !java.lang.Runtime 1",
                "device: !x {}",
                "peers: !!set {}",
                "workers: ! 1"
            })
    void tagsAreRefused(String yaml) {
        assertThat(errors(yaml)).containsExactly("gateway.yaml:1: tags are not supported: write the plain value");
    }

    @Test
    void deepNestingIsRefused() {
        assertThat(errors("workers: " + "[".repeat(100_000) + "]".repeat(100_000)))
                .containsExactly("gateway.yaml:1: nested too deeply");
    }

    @Test
    void hugeFileIsRefused() {
        assertThat(errors("#".repeat(5_000_000)))
                .singleElement()
                .asString()
                .endsWith("the file is larger than 4194304 characters");
    }

    @Test
    void controlCharactersAndLongValuesStayOnOneLine() {
        assertThat(errors("workers: \"" + "\\n".repeat(500) + "\""))
                .singleElement()
                .asString()
                .hasSizeLessThan(200);
    }

    @Test
    void mutatedExamplesGiveMistakesAndNothingElse() throws IOException {
        String example = Files.readString(Configs.EXAMPLE);
        Random random = new Random(20261122);
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            refused += errors(mutated(example, random)).isEmpty() ? 0 : 1;
        }
        assertThat(refused).isBetween(400, 999);
    }

    private static String mutated(String text, Random random) {
        StringBuilder result = new StringBuilder(text);
        for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
            int start = random.nextInt(result.length());
            int end = Math.min(result.length(), start + random.nextInt(12));
            int source = random.nextInt(text.length() - 12);
            switch (random.nextInt(4)) {
                case 0 -> result.delete(start, end);
                case 1 -> result.insert(start, text, source, source + random.nextInt(12));
                case 2 -> result.setCharAt(start, (char) random.nextInt(0x180));
                default -> result.setCharAt(start, "[]{}:,-#&*!|>'\"%@`\n\t 9".charAt(random.nextInt(22)));
            }
        }
        return result.toString();
    }
}
