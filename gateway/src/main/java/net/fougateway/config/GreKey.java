package net.fougateway.config;

/** A GRE key, 32 bits. */
public record GreKey(int value) {

    @Override
    public String toString() {
        return Integer.toUnsignedString(value);
    }
}
