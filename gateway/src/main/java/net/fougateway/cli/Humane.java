package net.fougateway.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Numbers and times as people read them. */
final class Humane {

    private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};

    private Humane() {}

    /** For example {@code 532 B}, {@code 1.5 kB}, {@code 12 M} with an empty unit. Powers of 1000. */
    static String scaled(double value, String unit) {
        int prefix = 0;
        double scaled = value;
        while (scaled >= 999.5 && prefix < PREFIXES.length - 1) {
            scaled /= 1000;
            prefix++;
        }
        String format = prefix > 0 && scaled < 99.95 ? "%.1f %s%s" : "%.0f %s%s";
        return String.format(Locale.ROOT, format, scaled, PREFIXES[prefix], unit)
                .strip();
    }

    /** For example {@code 1 packet}, {@code 1,200 packets}. */
    static String packets(long count) {
        return exact(count) + (count == 1 ? " packet" : " packets");
    }

    static String exact(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** For example {@code 4 s}, {@code 12 min}, {@code 3 h 5 min}, {@code 2 d 7 h}. */
    static String duration(Instant from, Instant to) {
        Duration d = Duration.between(from, to);
        if (d.toMinutes() == 0) {
            return Math.max(0, d.toSeconds()) + " s";
        }
        if (d.toHours() == 0) {
            return d.toMinutes() + " min";
        }
        return d.toDays() == 0
                ? d.toHours() + " h " + d.toMinutesPart() + " min"
                : d.toDays() + " d " + d.toHoursPart() + " h";
    }
}
