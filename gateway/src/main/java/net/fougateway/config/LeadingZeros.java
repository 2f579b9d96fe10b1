package net.fougateway.config;

import java.util.Optional;
import java.util.regex.Pattern;

/** Numbers such as {@code 010}, which are octal to some programs, C and {@code ping} among them, and decimal to others. */
final class LeadingZeros {

    private static final Pattern CHARACTERS = Pattern.compile("[0-9A-Fa-f.:/\\[\\]-]+");
    private static final Pattern ZEROS = Pattern.compile("(?<![0-9A-Za-z:])0+(?=[0-9])|(?<=[0-9\\]]:)0+(?=[0-9]+$)");

    private LeadingZeros() {}

    /** What to write instead; nothing where {@code text} has no such number. */
    static Optional<String> hint(String text) {
        String plain = ZEROS.matcher(text).replaceAll("");
        return plain.equals(text) || !CHARACTERS.matcher(text).matches()
                ? Optional.empty()
                : Optional.of("a number with leading zeros may be octal or decimal: write " + plain);
    }
}
