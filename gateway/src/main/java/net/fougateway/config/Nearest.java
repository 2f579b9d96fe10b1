package net.fougateway.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody meant to write. */
final class Nearest {

    private Nearest() {}

    /** The known word most like {@code word}, when one is near enough to be a slip of the fingers. */
    static Optional<String> to(String word, Collection<String> known) {
        int tolerance = 1 + Math.min(word.length(), 12) / 4;
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - word.length()) <= tolerance)
                .filter(candidate -> distance(word, candidate) <= tolerance)
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
    }

    /** {@code , did you mean "…"?}, or nothing. */
    static String hint(String word, Collection<String> known) {
        return to(word, known).map(near -> ", did you mean \"" + near + "\"?").orElse("");
    }

    /** Levenshtein distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
