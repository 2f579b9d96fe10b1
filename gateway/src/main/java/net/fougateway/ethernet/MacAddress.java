package net.fougateway.ethernet;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A MAC address.
 *
 * @param bits in the low 48 bits
 */
public record MacAddress(long bits) {

    /** How one is written. */
    public static final String REGEX = "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$";

    private static final Pattern PATTERN = Pattern.compile(REGEX);
    private static final int BYTES = 6;

    /** The address that {@code text} stands for, six numbers of two hexadecimal digits each; nothing when it is none. */
    public static Optional<MacAddress> parse(String text) {
        return PATTERN.matcher(text).matches()
                ? Optional.of(new MacAddress(HexFormat.fromHexDigitsToLong(text.replaceAll("[:-]", ""))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = BYTES - 1; i >= 0; i--) {
            text.append("%02x".formatted((bits >>> (i * Byte.SIZE)) & 0xff)).append(i == 0 ? "" : ":");
        }
        return text.toString();
    }
}
