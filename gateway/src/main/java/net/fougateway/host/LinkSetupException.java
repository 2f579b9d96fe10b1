package net.fougateway.host;

import java.util.List;
import java.util.stream.Collectors;

/** The host refused parts of a {@link LinkSetup}; the message has one line per problem. */
public final class LinkSetupException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    LinkSetupException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** All problems, at least one. */
    public List<Problem> problems() {
        return problems;
    }
}
