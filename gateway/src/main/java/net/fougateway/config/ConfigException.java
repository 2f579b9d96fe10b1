package net.fougateway.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. The message has one line for each mistake. */
public final class ConfigException extends Exception {

    private final List<ConfigProblem> problems;

    /** With all mistakes of the file called {@code fileName}. */
    public ConfigException(String fileName, List<ConfigProblem> problems) {
        super(problems.stream().map(problem -> problem.render(fileName)).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** All mistakes, in the order of lines. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
