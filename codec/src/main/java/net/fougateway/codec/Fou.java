package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Foo over UDP: no header of its own.
 *
 * @param gre the GRE header, or {@code null} for none
 */
public record Fou(Gre gre) implements Encapsulation {

    /** The bare packet in UDP. */
    public static final Fou PLAIN = new Fou(null);

    @Override
    public Format format() {
        return Format.FOU;
    }

    @Override
    public boolean remoteChecksum() {
        return false;
    }

    @Override
    public int formatBytes() {
        return 0;
    }

    @Override
    public int writtenFormatBytes(ByteBuffer buffer, int offset, int length) {
        return 0;
    }

    @Override
    public int writeFormat(ByteBuffer out, int end, int protocol, int checksumStart, int checksumField) {
        return end;
    }
}
