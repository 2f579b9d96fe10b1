package net.fougateway.config;

/** The log. */
public record LogSettings(
        @Setting(def = "info", doc = "Least severity that is written.")
        Level level,

        @Setting(def = "text", doc = "Form of a line.") Format format) {

    /** Severity of log lines. */
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /** Form of log lines. */
    public enum Format {
        TEXT,
        JSON
    }
}
