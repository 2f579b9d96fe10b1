package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Generic UDP Encapsulation, variant 0, as the kernel's {@code gue.h} has it (draft-ietf-intarea-gue-09): version, C bit and length of the
 * options, protocol, flags; then, where the P flag says so, private flags and the fields of remote checksum offload.
 *
 * @param remoteChecksum whether an unfinished inner checksum is left to the receiver; as in the kernel the bytes for it are reserved
 *     whether used or not
 * @param gre the GRE header, or {@code null} for none
 */
public record Gue(boolean remoteChecksum, Gre gre) implements Encapsulation {

    static final int BASE_BYTES = 4;
    static final int PRIVATE_FLAGS_BYTES = 4;
    /** Private flags, and start and offset of remote checksum offload. */
    static final int REMOTE_CHECKSUM_BYTES = 8;

    static final int CONTROL = 0x20;
    static final int OPTION_WORDS = 0x1f;
    static final int FLAG_PRIVATE = 0x0001;
    static final int PRIVATE_REMOTE_CHECKSUM = 0x80000000;

    @Override
    public Format format() {
        return Format.GUE;
    }

    @Override
    public int formatBytes() {
        return BASE_BYTES + (remoteChecksum ? REMOTE_CHECKSUM_BYTES : 0);
    }

    @Override
    public int writtenFormatBytes(ByteBuffer buffer, int offset, int length) {
        return BASE_BYTES + (length > 0 ? 4 * (Bytes.u8(buffer, offset) & OPTION_WORDS) : 0);
    }

    @Override
    public int writeFormat(ByteBuffer out, int end, int protocol, int checksumStart, int checksumField) {
        if (checksumStart == FINISHED) {
            int at = end - BASE_BYTES;
            Bytes.put32(out, at, protocol << 16);
            return at;
        }
        int at = end - BASE_BYTES - REMOTE_CHECKSUM_BYTES;
        Bytes.put32(out, at, ((REMOTE_CHECKSUM_BYTES / 4) << 24) | (protocol << 16) | FLAG_PRIVATE);
        Bytes.put32(out, at + BASE_BYTES, PRIVATE_REMOTE_CHECKSUM);
        Bytes.put32(out, at + BASE_BYTES + PRIVATE_FLAGS_BYTES, (checksumStart << 16) | checksumField);
        return at;
    }
}
