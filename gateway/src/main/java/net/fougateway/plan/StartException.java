package net.fougateway.plan;

import java.util.List;

/** The gateway cannot start; each problem says what, where, and what to do. */
public final class StartException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /** A refusal for the given reasons. */
    public StartException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** A refusal for one reason, whose message is the cause's. */
    public StartException(Exception cause) {
        super(cause.getMessage(), cause);
        this.problems = List.of(cause.getMessage());
    }

    /** The reasons, each one line. */
    public List<String> problems() {
        return problems;
    }
}
