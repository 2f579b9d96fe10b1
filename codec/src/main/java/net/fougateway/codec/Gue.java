package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * The header of Generic UDP Encapsulation, variant 0, as the kernel's {@code gue.h} has it (draft-ietf-intarea-gue-09): version, C bit and
 * length of the options, protocol, flags; then, where the P flag says so, private flags and the fields of remote checksum
 * offload.
 */
final class Gue {

    static final int BASE_BYTES = 4;
    static final int PRIVATE_FLAGS_BYTES = 4;
    /** Private flags, and start and offset of remote checksum offload. */
    static final int REMOTE_CHECKSUM_BYTES = 8;

    static final int CONTROL = 0x20;
    static final int OPTION_WORDS = 0x1f;
    static final int FLAG_PRIVATE = 0x0001;
    static final int PRIVATE_REMOTE_CHECKSUM = 0x80000000;

    private Gue() {}

    /**
     * Writes a header without options.
     *
     * @param protocol IP protocol of the payload
     */
    static void write(ByteBuffer out, int at, int protocol) {
        Bytes.put32(out, at, protocol << 16);
    }

    /**
     * Writes a header that leaves a checksum to the receiver.
     *
     * @param protocol IP protocol of the payload
     * @param start first byte that the checksum covers, counted from the end of this header
     * @param field where the checksum goes, counted likewise
     */
    static void writeRemoteChecksum(ByteBuffer out, int at, int protocol, int start, int field) {
        Bytes.put32(out, at, ((REMOTE_CHECKSUM_BYTES / 4) << 24) | (protocol << 16) | FLAG_PRIVATE);
        Bytes.put32(out, at + BASE_BYTES, PRIVATE_REMOTE_CHECKSUM);
        Bytes.put32(out, at + BASE_BYTES + PRIVATE_FLAGS_BYTES, (start << 16) | field);
    }
}
