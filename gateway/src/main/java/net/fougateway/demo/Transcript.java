package net.fougateway.demo;

import java.io.PrintWriter;

/** What the demo prints: headings, commands as a person would type them, their output, and results. */
public final class Transcript {

    private static final String BOLD = "\u001b[1m";
    private static final String GREEN = "\u001b[32m";
    private static final String PLAIN = "\u001b[0m";
    private static final String INDENT = "  ";

    private final PrintWriter out;
    private final boolean colour;

    /** Prints to {@code out}, with colour where that is a terminal. */
    public Transcript(PrintWriter out, boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    void heading(String text) {
        print("");
        print(paint(BOLD, text));
    }

    void command(String command) {
        print(INDENT + "$ " + command);
    }

    /** Text of one or more lines. */
    void output(String text) {
        text.strip().lines().forEach(line -> print(line.isEmpty() ? "" : INDENT + INDENT + line));
    }

    void success(String result) {
        print(INDENT + paint(GREEN, "✓") + " " + result);
    }

    private void print(String line) {
        out.println(line);
        out.flush();
    }

    private String paint(String style, String text) {
        return colour ? style + text + PLAIN : text;
    }
}
